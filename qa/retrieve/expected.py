"""What kind of answer a question expects, and where a sentence holds something of that kind.

Plain English rules, no model: the estimate of answerability weighs what they find. A question of no known kind is `OTHER`.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from qa.records import Span

__all__ = ["KINDS", "Expected", "expect", "spans"]

_SMALL = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|"
    "eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
)
_WORDS = rf"(?:(?:{_SMALL})(?:[ -](?:{_SMALL}))?(?: (?:hundred|thousand|million|billion|dozen))*)"
_DIGITS = r"\d+(?:(?:,| @,@ )\d{3})*(?:(?:\.| @\.@ )\d+)?(?: ?(?:hundred|thousand|million|billion|trillion|bn|k)\b)?"
_VAGUE = r"(?:a dozen|dozens|hundreds|thousands|millions|billions|half|a third|a quarter|several hundred|a hundred|no one|nobody|none|both)"
_NUMBER = rf"(?:\b{_DIGITS}|\b{_WORDS}\b|\b{_VAGUE}\b)"
_MONTH = (
    r"(?:January|February|March|April|June|July|August|September|October|November|December|"
    r"Jan\.|Feb\.|Aug\.|Sept?\.|Oct\.|Nov\.|Dec\.|(?<=\d )May|May(?= \d)|(?:in|of|until|since|to|from|by) May|"
    r"january|february|april|june|july|august|september|october|november|december)"
)
_WEEKDAY = r"(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?)"
_DATE = (
    rf"(?:\b(?:\d{{1,2}}(?:st|nd|rd|th)? )?{_MONTH}(?: \d{{1,2}}\b(?:st|nd|rd|th)?)?(?: ?,? \d{{4}}\b)?|\b{_WEEKDAY}\b|\b1[0-9]{{3}}s?\b|\b20\d\ds?\b|"
    r"\b\d{1,2}(?::\d\d)? ?(?:am|pm|a\.m\.|p\.m\.)|\b\d{1,2}:\d\d\b|\b\d{4}-\d\d-\d\d\b|"
    r"\b(?:today|yesterday|tomorrow|tonight|noon|midnight|every (?:day|week|month|year|morning|autumn|spring|summer|winter)|"
    r"(?:last|next|this|that|previous|following|earlier|later|past) (?:week|month|year|spring|summer|autumn|fall|winter|night|decade|century|"
    r"evening|morning|day)|(?:early|late|mid)[ -]?(?:january|\d{4}s?)|(?:in )?(?:spring|summer|autumn|winter)|\w+ century|"
    r"(?:a|one|two|three|four|five|six|ten|\d+) (?:days?|weeks?|months?|years?|hours?) (?:after|before|later|earlier|ago)|day one)\b)"
)
_UNITS = {
    "duration": r"(?:seconds?|minutes?|mins?|hours?|days?|weeks?|fortnights?|months?|quarters?|years?|decades?|centur(?:y|ies)|nights?|terms?)",
    "length": r"(?:mm|cm|m|km|metres?|meters?|kilomet(?:re|er)s?|centimet(?:re|er)s?|millimet(?:re|er)s?|miles?|feet|foot|ft|inch(?:es)?|yards?|nmi|hectares?|acres?|floors?|stor(?:ey|ie)s?)",
    "weight": r"(?:kg|kilos?|kilograms?|grams?|g|tons?|tonnes?|pounds?|lbs?|ounces?|mg)",
    "speed": r"(?:mph|km/h|kmh|knots?|kn|(?:miles|kilomet(?:re|er)s|metres|meters|litres|liters)(?: (?:per|an|a) )(?:hour|second|minute)|mach)",
    "heat": r"(?:degrees?|°C|°F|° ?[CF]|celsius|fahrenheit|kelvin)",
    "power": r"(?:watts?|kW|W|MW|horsepower|hp|volts?|V|amps?)",
    "volume": r"(?:litres?|liters?|l|gallons?|ml|cubic)",
    "data": r"(?:bytes?|[kmgt]b|tokens?|words?|characters?|mbit|bits?|pages?)",
}
_MONEY = (
    rf"(?:(?:US|A|C)?[$£€¥] ?{_DIGITS}(?:[-–]{_DIGITS})?|{_NUMBER}(?: us)? (?:dollars?|euros?|pounds sterling|pounds?|pence|cents?|bucks?|francs?|yen|"
    r"rubles?|roubles?|shillings?|sovereigns?|crowns?|USD|EUR|GBP|pence a mile)\b|\b(?:USD|EUR|GBP) ?\d[\d.,]*|free of charge|for free)"
)
_PERCENT = rf"(?:{_NUMBER} ?(?:%|percent\b|per cent\b|percentage points?\b)|\b(?:a|one|two|three)[ -](?:half|third|thirds|quarter|quarters|fifth|fifths|tenth)\b|\bhalf\b|\bmost of\b|\bmajority\b)"
_NAME = r"(?:\b(?:[A-Z][\w.’'-]*|[A-Z]+-\d+)(?:(?: (?:of|de|von|van|der|al|the|and|&) | )(?:[A-Z][\w’'-]*|\d+\b))*)"
_REASON = (
    r"\b(?:because|since|so that|so as to|due to|owing to|as a result|in order to|therefore|thanks to|caused by|reasons?|leads? to|led to|"
    r"otherwise|in response to|aim(?:s|ed)? (?:to|at)|to (?:avoid|prevent|ensure|give|help|make|support|increase|reduce|improve|keep|put|promote|end|stop)|"
    r"in an? (?:effort|attempt|bid) to|for fear|fears?|concern|concerns|considers?|in light of|as (?:the|it|they|he|she|we)|if|after|for|which|but)\b"
)
_COLOUR = r"\b(?:red|green|blue|yellow|white|black|gr[ae]y\w*|brown|orange|purple|pink|golden?|silver|violet|turquoise|beige)\b"
_SAID = (
    r"\b(?:said|says?|saying|told|tells?|stated?|states|add(?:s|ed)|wrote|writes?|written|call(?:s|ed|ing)|argu\w+|warn\w*|claim\w*|announc\w+|"
    r"explain\w*|according to|report\w*|quoted?|ask\w*|ask(?:s|ed)|thank\w*|insist\w*|not(?:es|ed|ing)|describ\w+|expect\w*|deni\w+|declin\w+|"
    r"reject\w*|reply|replied|advis\w+|suggest\w*|point\w* out|rul\w+ out|citing|question\w*|promis\w+|express\w*)\b|[“\"]"
)
_PATTERNS: dict[str, str] = {
    "number": _NUMBER,
    "money": _MONEY,
    "amount": rf"(?:{_MONEY}|{_PERCENT}|{_NUMBER})",
    "percent": _PERCENT,
    "date": _DATE,
    "frequency": rf"(?:\b(?:once|twice|daily|weekly|monthly|yearly|annually|hourly|every|each|never|always|regularly|rarely|often)\b|{_NUMBER} times\b)",
    "age": rf"(?:\b{_NUMBER}[ -]years?(?:[ -]olds?)?\b|\baged? (?:of )?\d+|\bat \d+\b|\bborn\b|,? \d{{1,2}} ?,|{_NUMBER}[- ](?:month|week|day)s?[- ]old\b)",
    "person": _NAME,
    "place": _NAME,
    "name": _NAME,
    "reason": _REASON,
    "colour": _COLOUR,
    "said": _SAID,
    "phone": r"\+?\d[\d ()/-]{5,}\d",
    "mail": r"[\w.+-]+@[\w-]+\.\w+",
    **{kind: rf"{_NUMBER}[ -]?(?:[a-z]+ )?{unit}\b" for kind, unit in _UNITS.items()},
}
_PATTERNS["duration"] += (
    rf"|\b(?:an?|half an?|all|per|few) {_UNITS['duration']}\b|\b(?:until|throughout|forever|for life)\b"
)
_PATTERNS["long"] = f"{_PATTERNS['duration']}|{_PATTERNS['length']}"
_PATTERNS["size"] = "|".join(
    _PATTERNS[kind] for kind in ("length", "weight", "volume", "data", "percent", "money", "number")
)
KINDS: tuple[str, ...] = (*sorted(_PATTERNS), "other", "yesno")
"""Every kind that `expect` can name. yesno and other have no spans of their own."""

_RULES: tuple[tuple[str, str], ...] = tuple(
    (pattern, kind)
    for pattern, kind in (
        (r"\b(?:tele)?phone number|\bfax number", "phone"),
        (r"\be-?mail address", "mail"),
        (
            r"\bhow many (?:percent|per ?cent)|\bwhat (?:percent|percentage|share|proportion|fraction)\b|\b(?:percentage|percent) of\b",
            "percent",
        ),
        (r"\bhow old\b|\bwhat age\b|\bage of\b", "age"),
        (
            r"\bhow (?:long ago|soon|early|late)\b|\b(?:until|since|by|from) when\b|^(?:[\w ]{1,12} )?when\b|\bwhen (?:is|was|are|were|did|do|does|will|has|have|had|should|must|can|may)\b|\bwhat (?:time|date|day|year|month|century)\b|"
            r"\b(?:which|in what|on what) (?:date|day|year|month|century|decade|weekday)\b|\b(?:date|year|time) of\b|\bdeadline\b",
            "date",
        ),
        (r"\bhow often\b|\bhow frequently\b|\bhow many times\b", "frequency"),
        (r"\bhow (?:many|few)\b|\bnumber of\b|\bcount of\b|\bhow large a number\b", "number"),
        (
            r"\bhow (?:much (?:time|longer)|quickly)\b|\bhow long (?:does|did|do|will|would|has|have|had|was|were|can|may|must|until|before|after|to)\b|"
            r"\b(?:duration|length of time|notice period)\b",
            "duration",
        ),
        (r"\bhow long\b", "long"),
        (
            r"\bhow (?:far|tall|deep|wide|thick|broad|distant)\b|\b(?:range|distance|height|depth|width|diameter|altitude|elevation|thickness|length) of\b|"
            r"\bwhat(?: is|'s|’s) the (?:\w+ )?(?:range|distance|height|depth|width|diameter|altitude|length|thickness)\b|\bhow high (?:is|are|was|were|do|does|did) (?!the (?:rent|price|cost|fee|salary|tax|rate|deposit|fine))",
            "length",
        ),
        (
            r"\bhow (?:heavy|much (?:does|do|did|will|would) [^?]*\bweigh)|\bweight of\b|\bwhat(?: is|'s|’s) the weight\b",
            "weight",
        ),
        (r"\bhow fast\b|\b(?:top |maximum )?speed of\b|\bwhat(?: is|'s|’s) the (?:\w+ )?speed\b", "speed"),
        (r"\bhow (?:hot|cold|warm)\b|\btemperature\b", "heat"),
        (r"\bhow (?:big|large|small|spacious)\b|\bsize of\b", "size"),
        (r"\bpower consumption\b|\bhow (?:powerful|much power)\b", "power"),
        (
            r"\bhow (?:expensive|cheap)\b|\bhow much (?:money|cash)\b|\b(?:price|cost|costs|fee|fees|salary|wage|wages|rent|budget|fine|pay|income|revenue) "
            r"(?:of|for|per|in|does|do)\b|\bhow much\b[^?]*\b(?:cost|costs|pay|pays|paid|charge|charged|spend|spent|earn|earns|earned|worth|price|raise|sell|sold|save|funding)\b|"
            r"\bwhat (?:does|do|did|will|would)\b[^?]*\bcosts?\b|\bhow high (?:is|are|was|were) the (?:rent|price|cost|fee|salary|tax|deposit|fine)\b|"
            r"\bwhat(?: is|'s|’s|s| was| are| were| will be)? (?:the )?(?:[\w’'-]+ ){0,3}(?:price|cost|salary|fee|budget|rent|bonus|wage|revenue)s?\b|^(?:price|cost|salary|budget)\b",
            "money",
        ),
        (
            r"\b(?:by )?how much\b|\bhow high\b|\bwhat(?: is|'s|’s| was)? (?:the )?(?:\w+ )?(?:rate|amount|sum|total|population|level|score|record|yield)\b",
            "amount",
        ),
        (
            r"\bwhy\b|\bhow come\b|\b(?:what|which) (?:\w+ )?(?:reasons?|caused?|purpose|motive)\b|\breasons? (?:for|why)\b|\bwhat for\b",
            "reason",
        ),
        (r"\bwh(?:at|ich) colou?rs?\b|\bcolou?rs? (?:of|is|are)\b", "colour"),
        (
            r"\bwhat (?:did|does|do|has|have|had|was|is|were) [^?]*\b(?:say|said|saying|tell|told|think|claim|write|wrote|written|warn|announce|state|stated|argue|reply|respond|comment|promise|shout|add|call)\b",
            "said",
        ),
        (
            r"\bwho(?:se|m)?\b|\bwhat(?: is|'s|’s| was) the name of (?:the|a|an|his|her|their)? ?(?:\w+ ){0,2}(?:man|woman|person|president|minister|captain|officer|owner|wife|husband|author|director|chair\w*|"
            r"secretary|leader|caretaker|doctor|king|queen)\b|\bwh(?:at|ich) (?:\w+ )?(?:person|people|man|woman|president|minister|general|author|actor|actress|official|senator|governor|judge|scientist|artist|queen|king)\b|^names? of\b",
            "person",
        ),
        (
            r"\bwhere\b|\b(?:which|what) (?:\w+ )?(?:country|countries|city|cities|town|place|places|state|states|region|village|port|airport|continent|location|province|address|nation|nations|river|island)\b|"
            r"\blocation of\b|\baddress of\b",
            "place",
        ),
        (
            r"\bwhat(?:'s|’s| is| was| are| were)? (?:the )?(?:name|names|title|titles|motto)\b|\b(?:which|what) (?:\w+ )?(?:company|companies|firm|team|ship|bank|university|hotel|airline|newspaper|party|organi[sz]ation|"
            r"agency|brand|band|school|museum|prize|award|group|model)\b",
            "name",
        ),
    )
)
_COMPILED: tuple[tuple[re.Pattern[str], str], ...] = tuple((re.compile(p, re.IGNORECASE), kind) for p, kind in _RULES)
_YESNO = re.compile(
    r"^(?:so |and |but |then )?(?:is|are|was|were|do|does|did|can|could|will|would|should|shall|may|might|must|has|have|had|am|isn[’']t|"
    r"aren[’']t|don[’']t|doesn[’']t|didn[’']t|can[’']t|won[’']t|wasn[’']t)\b",
    re.IGNORECASE,
)
_UNIT_OF = re.compile(
    r"\bhow (?:many|few) ((?:[\w’'-]+ ){0,3}?[\w’'-]+)(?= (?:[a-z]+ed|work|live|attend|is|are|was|were|did|do|does|will|would|can|could|has|have|had|may|must|should|of|in|on|at|to|for|there|per|a|an|the|were|people|died)\b|\?|$)",
    re.IGNORECASE,
)
_ASKED = re.compile(
    r"\b(?:which|what) (?!(?:is|are|was|were|do|does|did|has|have|had|will|would|can|could|may|must|should|if|happen\w*|about)\b)((?:[\w’'-]+ ){0,2}?[\w’'-]+)(?= (?:is|are|was|were|did|do|does|will|would|can|could|has|have|had|may|must|should|[a-z]+(?:s|ed))\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Expected:
    """kind: one of `KINDS`. noun: what is counted or chosen from ("officials" of "how many officials"), as written, or empty."""

    kind: str
    noun: str = ""


def expect(question: str) -> Expected:
    """The kind of answer that a question expects."""
    text = question.strip()
    kind = next((kind for pattern, kind in _COMPILED if pattern.search(text)), "")
    if _YESNO.match(text):
        return Expected("yesno")
    if kind == "long":
        kind = "duration" if re.search(r"\btak|\blast|\bstay|\bwait", text) else "long"
    noun = _UNIT_OF.search(text) if kind in ("number", "frequency") else _ASKED.search(text)
    return Expected(kind or "other", noun.group(1) if noun else "")


def spans(expected: Expected, text: str) -> tuple[Span, ...]:
    """Where `text` holds something of the expected kind, left to right and disjoint; nothing for yesno and other."""
    if expected.kind not in _PATTERNS:
        return ()
    return tuple(Span(m.start(), m.end()) for m in _finder(expected.kind).finditer(text) if m.end() > m.start())


@lru_cache(maxsize=None)
def _finder(kind: str) -> re.Pattern[str]:
    cased = kind in ("person", "place", "name", "date")
    return re.compile(_PATTERNS[kind], 0 if cased else re.IGNORECASE)
