"""Rewrites that keep what a statement says, one function a kind: `(statement, context) -> candidates`."""
# ruff: noqa: E501 (patterns and word pairs stay whole)

import itertools
import re
from collections.abc import Callable, Iterator

from .edits import Context, pattern_of
from .names import PERSON
from .words import MONTHS, NUMBER_WORDS, SAYING, SYNONYMS

__all__ = ["PARAPHRASES"]

_MONTHS = "|".join(MONTHS)
_LEAD = re.compile(
    r"^((?:In|On|By|During|After|Before|Since|At|Following|Over|For|As of|If|When|While|Because|Upon|Until|With) [^,“”\"()]{3,90}), "
    r"((?!(?:and|or|but|which|who)\b)[^,;:“”\"]{15,170})\.$"
)
_TRAIL = re.compile(
    r"^([A-Z][^,;:“”\"]{15,150}?),? ((?:after|before|because|since|when|if|although|during) [^,;:“”\"]{8,90}|in (?:[A-Z][a-z]+ )?\d{4})\.$"
)
_ABBREVIATIONS = (
    ("United States", "US"), ("United States", "U.S."), ("U.S.", "US"), ("U.S.", "United States"), ("US", "U.S."),
    ("UK", "United Kingdom"), ("U.K.", "UK"), ("United Kingdom", "UK"), ("percent", "%"), ("%", " percent"),
    ("Sen.", "Senator"), ("World War Two", "World War II"), ("World War II", "the Second World War"), ("St.", "Saint"),
    ("Mgr.", "Monsignor"), ("ft", "feet"), ("cm", "centimetres"), ("Second World War", "World War II"), ("NATO", "Nato"),
    ("NHL", "National Hockey League"), ("IUCN", "International Union for Conservation of Nature"), ("approximately", "approx."),
    ("P. falciparum", "Plasmodium falciparum"), ("E. coli", "Escherichia coli"), ("and", "&"), ("versus", "vs."),
    ("First World War", "World War I"), ("Civil War", "American Civil War"), ("EPA", "Environmental Protection Agency"),
)  # fmt: skip
_CONTRACTIONS = (
    ("did not", "didn’t"), ("do not", "don't"), ("does not", "doesn’t"), ("is not", "isn't"), ("are not", "aren’t"), ("was not", "wasn't"),
    ("were not", "weren’t"), ("has not", "hasn't"), ("have not", "haven’t"), ("will not", "won't"), ("would not", "wouldn't"),
    ("could not", "couldn’t"), ("cannot", "can't"), ("should not", "shouldn't"), ("had not", "hadn’t"),
)  # fmt: skip
_SAFE_OWNED = "use|meeting|father|mother|sister|health|work|story|title|debut|position|gameplay|record|captain|owner|capital|ability|vocals|armor|hull|death|plan|phone|question|conservation|territory|children|president|defense|history|economy|legs|genome"  # fmt: skip


_AFTER_NOUN_WORDS = frozenset(["the", "a", "and", "to", "were", "are", "many", "that", "was", "is"])
_BEFORE_PARTICIPLES = frozenset(
    [
        "was",
        "were",
        "been",
        "be",
        "is",
        "are",
        "has",
        "have",
        "had",
        "not",
        "the",
        "a",
        "an",
        "of",
        "and",
        "previously",
        "newly",
        "to",
        "never",
        "by",
        "for",
        "that",
        "with",
        "all",
    ]
)


def reorder(text: str, context: Context) -> Iterator[str]:
    """A leading phrase moved to the end, a trailing one to the front, an attribution to the other side."""
    text = re.sub(r"\s+", " ", text)
    lead = _LEAD.match(text)
    if lead:
        front, rest = lead[1], lead[2]
        clause = re.match(r"(?:After|Before|If|When|While|Because|Since|Until)\b", front)
        verb = re.search(r"\b(?:we|it|they|he|she|I|is|was|were|are|has|had)\b", front)
        link = re.match(
            r"(?:For example|In (?:contrast|addition|particular|fact|total|order|other)|At the same time|While)\b",
            front,
        )
        if (
            not link
            and (clause or not verb)
            and not re.search(r"\b(?:that|which|who|because|and|not|but|when|where|whether)\b|n[’']t|\b\d{4}\b", rest)
        ):
            yield f"{rest[0].upper()}{rest[1:]} {context.lower_first(front)}."
    trail = _TRAIL.match(text)
    if (
        trail
        and not trail[1].startswith(("And ", "But "))
        and not trail[1].endswith("than")
        and not re.search(
            r"\b(?:and|that|which|who|said|not|no|only|from|between|if|long|day|time|in|until|of|to|whether|years|weeks|months|days|shortly|soon|just|not)\b",
            trail[1],
        )
        and not re.search(r" and | that |^during .*\b(?:is|was|are|were)\b", trail[2])
    ):
        subject = context.lower_first(trail[1])
        yield f"{trail[2][0].upper()}{trail[2][1:]}, {subject}."
    tail = re.match(rf"^([^“”\"]{{20,}}), ((?:the |a |an |A )?[\w’'. ]{{3,50}}?) ({SAYING})\.$", text)
    if tail and not re.match(r"(?:But|And|If|Within|On|In|At|After|While|Before|With)\b", tail[1]):
        claim = context.lower_first(tail[1])
        who = tail[2][0].upper() + tail[2][1:]
        yield f"{who} {tail[3]} that {claim}."
        yield f"According to {tail[2]}, {claim}."
    according = re.match(r"^According to ([\w’' ]{3,50}), ([^,“”]+)\.$", text)
    if according:
        yield f"{according[2][0].upper()}{according[2][1:]}, according to {according[1]}."


def voice(text: str, context: Context) -> Iterator[str]:
    """Passive to active in short sentences."""
    match = re.match(
        r"^(The [\w’' -]{3,45}|[A-Z]\w+ [A-Z]\w+) (was|were) (\w+ed|built|sung|won) (?:[a-z]+ly )?by ((?:the |a )?[\w’'. ]{3,60}?)\.$",
        text,
    )
    if match and not re.search(r"\b(?:and|from|about|at|in|on|more|than|for|who|that|\d)\b", match[4]):
        patient = context.lower_first(match[1])
        verb = {"sung": "sang"}.get(match[3], match[3])
        yield f"{match[4][0].upper()}{match[4][1:]} {verb} {patient}."
    match = re.match(r"^(.{5,60}?), (?:and )?(was|were) (\w+ed) by ([A-Z][\w’' ]{3,40})\.$", text)
    if match and "," not in match[1]:
        yield f"{match[1]}, and {match[4]} {match[3]} it."


def synonym(text: str, _context: Context) -> Iterator[str]:
    """One word replaced by another of the same sense."""
    for old, new in SYNONYMS:
        match = pattern_of(old, literal=True).search(text)
        if match and not _guarded(text, match.start(), old):
            yield text[: match.start()] + new + text[match.end() :]


def _guarded(text: str, at: int, old: str) -> bool:
    """Would the synonym be wrong or ungrammatical at this place?"""
    if re.search(r"[“\"]", text[:at]) or text[at - 1 : at] == "-":
        return True
    before = (text[:at].split()[-1:] or [""])[0].lower()
    if old in ("large", "children", "jobs", "target", "purchase", "required", "located"):
        return before not in _AFTER_NOUN_WORDS
    if old in ("increased", "decreased"):  # rose and fell take no object
        alone = re.match(r"\w+ (?:by|to|from|in|slightly|significantly|over|\d|\$)", text[at:])
        return not alone or before in _BEFORE_PARTICIPLES
    if old == "occurred":
        return text[at:].startswith("occurred to") or before in ("have", "has", "had")
    if old in ("completed", "acquired", "received", "requested", "stated", "created", "attempted", "began"):
        return before in _BEFORE_PARTICIPLES or before == "yet"
    return False


def abbreviation(text: str, _context: Context) -> Iterator[str]:
    """Short forms and long forms of the same name or unit."""
    for old, new in _ABBREVIATIONS:
        if old in ("and", "ft", "cm", "St.") and not re.search(rf"[\w.] {re.escape(old)} (?=[A-Z])|\d {old}\b", text):
            continue
        if old == "and" or (old == "Civil War" and "American Civil War" in text):
            continue
        pattern = rf"(?<![\w-]){re.escape(old)}(?![\w])" if old[0].isalpha() else re.escape(old)
        if old == "percent":
            pattern, new = r"(?<=\d) percent\b", "%"
        match = pattern_of(pattern).search(text)
        if match and text[: match.start()].endswith(("an ", "a ")):
            continue
        if (
            match
            and not re.search(r"[“\"]", text[: match.start()])
            and not (old == "US" and text[match.end() : match.end() + 1] == "$")
        ):
            rest = text[match.end() :]
            yield text[: match.start()] + new + (rest[1:] if new.endswith(".") and rest == "." else rest)


def number_format(text: str, _context: Context) -> Iterator[str]:
    """The same number in digits, words, or with another separator."""
    for match in re.finditer(
        rf"(?<![\w.,$–-])(1?\d|20)(?![\w.,%°–-]|\s?(?:percent|million|billion|ft|cm|in\b|m\b|km|%))(?! (?:{_MONTHS}))",
        text,
    ):
        if (
            int(match[0]) < 21
            and not re.search(
                rf"(?:{_MONTHS}) $|(?:version|note|reaction|reactions|steps?|equation|Figure|Table|No\.|Level|Highway|item|page|Box|phase|position) $",
                text[: match.start()],
                re.IGNORECASE,
            )
            and match.start() > 0
        ):
            yield text[: match.start()] + NUMBER_WORDS[int(match[0])] + text[match.end() :]
    for match in re.finditer(
        rf"\b({'|'.join(NUMBER_WORDS[2:])})\b(?![- ]?(?:hundred|thousand|million|and))", text, re.IGNORECASE
    ):
        if match.start() > 0:
            yield text[: match.start()] + str(NUMBER_WORDS.index(match[0].lower())) + text[match.end() :]
    found = re.search(r"(?<![\w$.])(\d{1,3}),(\d{3})(?![\w,.]\d)", text)
    if found:
        yield text[: found.start()] + found[1] + found[2] + text[found.end() :]
        if found[2] == "000" and int(found[1]) <= 20:
            yield text[: found.start()] + f"{found[1]} thousand" + text[found.end() :]
            yield text[: found.start()] + f"{NUMBER_WORDS[int(found[1])]} thousand" + text[found.end() :]
    found = re.search(r"\$(\d[\d,.]*\d|\d)( million| billion| trillion)?(?![\w-]|\.\d)", text)
    if found:
        yield text[: found.start()] + f"{found[1]}{found[2] or ''} dollars" + text[found.end() :]
    found = re.search(r"(?<![\w.,$])([1-9]|1\d) (million|billion)\b", text)
    if found:
        zeros = {"million": ",000,000", "billion": ",000,000,000"}[found[2]]
        yield text[: found.start()] + found[1] + zeros + text[found.end() :]
        yield text[: found.start()] + f"{NUMBER_WORDS[int(found[1])]} {found[2]}" + text[found.end() :]
    found = re.search(r"(\$)(\d+)\.(\d) billion\b", text)
    if found:
        yield text[: found.start()] + f"${int(found[2] + found[3]) * 100:,} million" + text[found.end() :]


def date_format(text: str, _context: Context) -> Iterator[str]:
    """The same day in another notation."""
    match = re.search(rf"\b({_MONTHS}) (\d\d?), (\d{{4}})\b", text)
    if match:
        yield text[: match.start()] + f"{match[2]} {match[1]} {match[3]}" + text[match.end() :]
        short = match[1] if len(match[1]) < 5 else match[1][:3] + "."
        yield text[: match.start()] + f"{short} {match[2]}, {match[3]}" + text[match.end() :]
    match = re.search(rf"\b(\d\d?) ({_MONTHS}) (\d{{4}})\b", text)
    if match:
        yield text[: match.start()] + f"{match[2]} {match[1]}, {match[3]}" + text[match.end() :]
    else:
        match = re.search(rf"\b(\d\d?) ({_MONTHS})\b(?! \d)", text)
        if match:
            yield text[: match.start()] + f"{match[2]} {match[1]}" + text[match.end() :]
    match = re.search(rf"\b({_MONTHS}) (\d\d?)\b(?!,? \d|th|st|[–-])", text)
    if match:
        end = {"1": "st", "2": "nd", "3": "rd", "21": "st", "22": "nd", "23": "rd", "31": "st"}.get(match[2], "th")
        yield text[: match.start()] + f"{match[1]} {match[2]}{end}" + text[match.end() :]
    match = re.search(r"\b([1-9]|1[0-2]) (AM|PM)\b", text)
    if match:
        yield text[: match.start()] + f"{match[1]} {'a.m.' if match[2] == 'AM' else 'p.m.'}" + text[match.end() :]


def surname(text: str, context: Context) -> Iterator[str]:
    """A person by surname instead of full name, or with the title left out."""
    for forms in context.names.get(PERSON, ()):
        for long, short in itertools.pairwise(forms):
            match = pattern_of(long, literal=True).search(text)
            if match:
                yield text[: match.start()] + short + text[match.end() :]
                break
    match = re.search(
        r"\b(?:President|Captain|Governor|General Manager|Assistant Coach|Head Coach|Defense Secretary|Commander|Professor|defenseman|goaltender|Russian President|Music critic|writer) (?=[A-Z][a-z]+(?: [A-Z][a-z]+)+)",
        text,
    )
    if match and match.start() > 0 and not text[: match.start()].endswith("ian "):
        yield text[: match.start()] + text[match.end() :]


def possessive(text: str, _context: Context) -> Iterator[str]:
    """`X’s use` and `the use of X`."""
    match = re.search(rf"\b([A-Z][\w.]+(?: [A-Z][a-z]+)?)[’']s (?:own )?({_SAFE_OWNED})\b", text)
    function = match and re.match(r"(?:While|Although|Along|After|Before|With)\b", match[1])
    if (
        match
        and not function
        and not text[match.end() :].startswith(" of")
        and not re.search(r"[“\"]", text[: match.start()])
    ):
        the = "The" if match.start() == 0 else "the"
        yield text[: match.start()] + f"{the} {match[2]} of {match[1]}" + text[match.end() :]
    match = re.search(
        r"\b[Tt]he (capital|captain|owner|director|title|children|history|mouth|commander|genome|president|diet|staff) of ((?:the )?[A-Z]\w+(?: [A-Z]\w+)?)(?= (?:is|was|were|has|had|and|with|by|to|in)\b|[.,])",
        text,
    )
    if match:
        owner = match[2][0].upper() + match[2][1:] if match.start() == 0 else match[2]
        yield text[: match.start()] + f"{owner}’s {match[1]}" + text[match.end() :]


def drop(text: str, _context: Context) -> Iterator[str]:
    """Something left out that the rest does not depend on."""
    match = re.search(r", which [^,“”\"]{5,90}(?=\.$)", text)
    if match:
        yield text[: match.start()] + "."
    match = re.search(r" \((?:[A-Z]{2,7}s?|(?:see|data|Table|Figure|unpublished) [^()]{1,60})\)", text)
    if match and not re.search(r"[“\"]", text[: match.start()]):
        yield text[: match.start()] + text[match.end() :]
    match = re.match(
        r"(?:However|In fact|Additionally|Furthermore|Moreover|Also|Indeed|Likewise|Nevertheless|Nonetheless|Consequently|Thus|Therefore|Instead|Generally speaking|Finally|But|And|So|Still|Look|Surprisingly|Interestingly|Importantly|Specifically|In addition|For example|In particular|Frankly|Currently|Meanwhile),? (?=[a-zA-Z])",
        text,
    )
    if match and len(text) - match.end() > 30:
        rest = text[match.end() :]
        yield rest[0].upper() + rest[1:]
    match = re.match(
        r"^([A-Z][^,;:“”\"]{35,170}), (?:but|while|whereas|and|although|though|as well as) [^“”\"]{15,}\.$", text
    )
    if (
        match
        and not re.match(
            r"(?:If|When|Unless|While|After|Before|As|Although|In|On|With|Because|Since|Once|Until|At|For|By|During|Not|Neither|From)\b",
            match[1],
        )
        and re.search(r"\b(?:is|are|was|were|has|had|have|will|\w+ed|says?|said|took|made|began|won)\b", match[1])
    ):
        yield match[1] + "."
    match = re.search(
        r" (?:directly|largely|clearly|originally|actually|really|literally|also|simply|virtually|certainly|obviously|truly)(?= [a-z])",
        text,
    )
    if (
        match
        and not re.search(r"[“\"]", text[: match.start()])
        and match[0].strip() in ("also", "clearly", "certainly", "really", "actually", "truly")
        and not re.search(r"\b(?:not|n’t|but)$", text[: match.start()])
    ):
        yield text[: match.start()] + text[match.end() :]


def contraction(text: str, _context: Context) -> Iterator[str]:
    """`did not` and `didn't`, `I’m` and `I am`."""
    for long, short in _CONTRACTIONS:
        match = pattern_of(rf"\b{long}\b(?! only)").search(text)
        if match and not re.search(r"[“\"]", text[: match.start()]):
            yield text[: match.start()] + short + text[match.end() :]
        either = re.sub("[’']", "[’']", short)
        shorter = pattern_of(rf"\b{either}\b").search(text)
        if shorter and not re.search(r"[“\"]", text[: shorter.start()]):
            yield text[: shorter.start()] + long + text[shorter.end() :]
    for pattern, new in (
        (r"\bI[’']m\b", "I am"),
        (r"\b(I|We|They)[’']ve\b", r"\1 have"),
        (r"\b(I|We|we)[’']ll\b", r"\1 will"),
        (r"\b(we|We|they|They)[’']re\b", r"\1 are"),
    ):
        match = pattern_of(pattern).search(text)
        if match and not re.search(r"[“\"]", text[: match.start()]):
            yield text[: match.start()] + match.expand(new) + text[match.end() :]


def marks(text: str, _context: Context) -> Iterator[str]:
    """Straight for curly quotation marks, plain dashes, no final stop."""
    plain = text.translate(str.maketrans("“”’‘", "\"\"''"))
    if plain != text:
        yield plain
    if "—" in text or "–" in text:
        yield re.sub(r" ?[—–] ?", " - ", text) if " — " in text else text.replace("–", "-")
    if text.count(".") == 1 and text.endswith("."):
        yield text[:-1]


PARAPHRASES: dict[str, Callable[[str, Context], Iterator[str]]] = {
    "reorder": reorder, "voice": voice, "synonym": synonym, "abbreviation": abbreviation, "number format": number_format,
    "date format": date_format, "surname": surname, "possessive": possessive, "drop": drop, "contraction": contraction, "marks": marks,
}  # fmt: skip
