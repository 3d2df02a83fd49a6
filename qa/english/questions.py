"""Forms of questions: what kind of answer they ask for, and which can be answered with yes or no."""

import re

__all__ = ["ASKED_BY", "CHOICE", "NEGATED_OPENERS", "QUESTION_MARKS", "RULES", "YES_NO_OPENERS", "YES_OR_NO"]

QUESTION_MARKS = ("?", "？", "؟")

_THE = r"\bwhat(?:['’]?s| is| was| are| were| will be)? (?:the )?"
_PRICE = r"(?:price|cost|salary|fee|budget|rent|bonus|wage|revenue|fine|deposit|income)s?"
_PEOPLE = (
    r"(?:man|men|woman|women|person|people|president|minister|captain|officer|owner|wife|husband|author|"
    r"director|chair\w*|"
    r"secretary|leader|caretaker|doctor|king|queen|general|actor|actress|official|senator|governor|judge|"
    r"scientist|artist)"
)
_PLACES = (
    r"(?:country|countries|city|cities|town|towns|place|places|state|states|region|village|port|airport|"
    r"continent|location|"
    r"province|address|nation|nations|river|island|building|room|street)"
)
_NAMED = (
    r"(?:company|companies|firm|team|ship|bank|university|hotel|airline|newspaper|party|organi[sz]ation|"
    r"agency|brand|band|"
    r"school|museum|prize|award|group|model)"
)
_PAYING = (
    r"(?:costs?|pay|pays|paid|charged?|spen[dt]|earn|earns|earned|worth|price|raised?|sell|sold|save|funding|rent)"
)
_SAYING = (
    r"(?:say|said|saying|tell|told|think|claim|write|wrote|written|warn|announce|state|stated|argue|reply|"
    r"respond|comment|"
    r"promise|shout|call)"
)

_SOURCES: tuple[tuple[str, str], ...] = (
    ("phone", r"\b(?:tele)?phone number|\bfax number"),
    ("mail", r"\be-?mail address"),
    (
        "percent",
        r"\bhow many per ?cent|\bwhat (?:percent|percentage|share|proportion|fraction)\b|\bpercent(?:age)? of\b",
    ),
    ("age", r"\bhow old\b|\b(?:what|at which) age\b|\bage of\b"),
    (
        "date",
        r"\bhow (?:long ago|soon|early|late)\b|\b(?:until|since|by|from) when\b|^(?:[\w ]{1,12} )?when\b|"
        r"\bwhen (?:is|was|are|were|did|do|does|will|has|have|had|should|must|can|may)\b|\bdeadline\b|"
        r"\b(?:which|what) (?:time|date|day|year|month|century|decade|weekday)\b|\b(?:date|year) of\b",
    ),
    ("frequency", r"\bhow often\b|\bhow frequently\b|\bhow many times\b"),
    ("number", r"\bhow (?:many|few)\b|\bnumber of\b|\bcount of\b"),
    (
        "duration",
        r"\bhow (?:much (?:time|longer)|quickly)\b|\bduration\b|\blength of time\b|\bnotice period\b|"
        r"\bhow long (?:does|did|do|will|would|has|have|had|was|were|can|may|must|until|before|after|to)\b",
    ),
    ("long", r"\bhow long\b"),
    (
        "length",
        r"\bhow (?:far|tall|deep|wide|thick|broad|distant)\b|"
        r"\b(?:range|distance|height|depth|width|diameter|altitude|elevation|thickness|length) of\b|"
        rf"{_THE}(?:\w+ )?(?:range|distance|height|depth|width|diameter|altitude|length|thickness)\b|"
        rf"\bhow high (?:is|are|was|were|do|does|did) (?!the {_PRICE}\b|the (?:tax|rate))",
    ),
    ("weight", rf"\bhow heavy\b|\bhow much (?:does|do|did) [^?]*\bweigh|\bweight of\b|{_THE}weight\b"),
    ("speed", rf"\bhow fast\b|\bspeed of\b|{_THE}(?:\w+ )?speed\b"),
    ("heat", r"\bhow (?:hot|cold|warm)\b|\btemperature\b"),
    ("size", r"\bhow (?:big|large|small|spacious)\b|\bsize of\b"),
    ("power", r"\bpower consumption\b|\bhow (?:powerful|much power)\b"),
    (
        "money",
        rf"\bhow (?:expensive|cheap)\b|\bhow much (?:money|cash)\b|\b{_PRICE} (?:of|for|per|in|does|do)\b|"
        rf"\bhow much\b[^?]*\b{_PAYING}\b|\bwhat (?:does|do|did|will|would)\b[^?]*\bcosts?\b|\bhow high (?:is|"
        rf"are|was|were) the {_PRICE}\b|"
        rf"{_THE}(?:[\w’'-]+ ){{0,3}}{_PRICE}\b|^{_PRICE}\b",
    ),
    (
        "amount",
        rf"\b(?:by )?how much\b|\bhow high\b|{_THE}(?:\w+ )?(?:rate|amount|sum|total|population|level|score|"
        rf"record|yield)\b",
    ),
    (
        "reason",
        r"\bwhy\b|\bhow come\b|\b(?:what|which) (?:\w+ )?(?:reasons?|caused?|purpose|motive)\b|"
        r"\breasons? (?:for|why)\b|\bwhat for\b",
    ),
    ("colour", r"\bwh(?:at|ich) colou?rs?\b|\bcolou?rs? (?:of|is|are)\b"),
    ("said", rf"\bwhat (?:did|does|do|has|have|had|was|is|were) [^?]*\b{_SAYING}\b"),
    (
        "person",
        rf"\bwho(?:se|m)?\b|{_THE}name of (?:the|an?|his|her|their)? ?(?:\w+ ){{0,2}}{_PEOPLE}\b|"
        rf"\bwh(?:at|ich) (?:\w+ )?{_PEOPLE}\b|^names? of\b",
    ),
    ("place", rf"\bwhere\b|\b(?:which|what) (?:\w+ )?{_PLACES}\b|\b(?:location|address) of\b"),
    ("name", rf"{_THE}(?:names?|titles?|motto)\b|\b(?:which|what) (?:\w+ )?{_NAMED}\b"),
)  # fmt: skip
RULES: tuple[tuple[str, re.Pattern[str]], ...] = tuple((kind, re.compile(p, re.IGNORECASE)) for kind, p in _SOURCES)
"""Pairs of a kind and what betrays it anywhere in a question; the first that is found counts."""

_MONEY = "cost costs price prices priced fee fees expensive cheap pay pays paid charge charged"
ASKED_BY = {
    kind: frozenset(words.split())
    for kind, words in {
        "money": _MONEY,
        "amount": f"amount total rate level {_MONEY}",
        "number": "number count total",
        "date": "date day time year month deadline",
        "duration": "duration time period",
        "long": "length duration",
        "length": "length height depth width distance range high far tall deep wide thick",
        "weight": "weight weigh weighs heavy",
        "speed": "speed fast",
        "age": "age",
        "percent": "percent percentage share proportion",
        "frequency": "frequently times",
        "person": "person people name",
        "place": "place location",
        "name": "name names title",
        "reason": "reason reasons cause caused",
        "colour": "colour color",
        "phone": "number phone telephone",
        "mail": "address",
    }.items()
}
"""The words with which a question asks for an answer of a kind. The answer itself need not have them."""

YES_NO_OPENERS = "is are was were do does did can could will would should may might must has have had".split()
NEGATED_OPENERS = "isn't aren't don't doesn't didn't can't won't wasn't".split()
"""Words with which a question begins that can be answered with yes or no."""

YES_OR_NO = re.compile(
    rf"(?:so |and |but |then )?"
    rf"(?:{'|'.join([*YES_NO_OPENERS, 'shall', 'am', *NEGATED_OPENERS])})\b".replace("'", "['’]"),
    re.IGNORECASE,
)
"""How a question that wants yes or no begins. Looser than the gate's: `Shall we ...`, `And is it ...`."""

CHOICE = re.compile(
    r"\b(?:which|what) (?!(?:is|are|was|were|do|does|did|has|have|had|will|would|can|could|if|happen\w*)\b)[a-z]",
    re.IGNORECASE,
)
"""A question that asks for one of a sort: "which aircraft", "what car"."""
