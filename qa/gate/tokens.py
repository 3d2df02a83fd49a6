"""Text -> tokens with the keys by which words of a statement and of its quotes are compared."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from qa.english.words import stems
from qa.gate.antonyms import NOT_PREFIXED, OPPOSITES
from qa.gate.lexicon import FUNCTION_WORDS, LIGHT_WORDS, MONTH_NAMES, TIME_UNITS
from qa.gate.synonyms import DEMONYMS, GROUPS, IRREGULAR, PHRASES, wordnet

__all__ = [
    "MAX_CHARS",
    "Token",
    "is_known",
    "is_light",
    "is_participle",
    "keys_of",
    "lemma",
    "opposite_keys",
    "tokenize",
]

MAX_CHARS = 20_000  # what lies beyond is not read: less evidence, never more
_FOLD = str.maketrans(
    {"’": "'", "‘": "'", "ʼ": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‐": "-", "‑": "-", "−": "-"}
)
_TOKEN = re.compile(
    r"""
    (?P<glued>[$€£¥]?\d+(?:[.,]\d+)*(?:bn|tn|mn|m|k|b)\b)
  | (?P<number>[$€£¥]?\d+(?:,\d+)*(?:\.\d+)?(?:st|nd|rd|th)?(?!\w)%?)
  | (?P<code>(?:[A-Z]{1,6}-|[^\W\d_]{1,6})\d[\w]*(?:-\d\w*)*|[$€£¥]?\d[\d.,]*[^\W\d_]\w*(?:\.\d+)?)
  | (?P<initials>(?:[^\W\d_]\.){2,})
  | (?P<word>[^\W_]+(?:'[^\W\d_]+)*)
  | (?P<mark>[.!?;:,()\[\]"—–…/%$&+*=<>-])
    """,
    re.X,
)
_COUNT = r"(?:\d|\w+t(?:een|y)\b|(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b)"
# Wordings of several words that say the same as one.
_REWRITTEN = {
    r"world war (?:ii|two|2)|second world war|ww ?(?:ii|2)": "WorldWarTwo",
    r"world war (?:i|one|1)|first world war|ww ?(?:i|1)": "WorldWarOne",
    r"at once|right away|straight away": "immediately",
    r"in order to|so as to": "to",
    r"on account of|owing to|due to|as a result of|thanks to": "because of",
    r"an? (?:large |great |big |high |huge )?number of|a lot of|lots of|plenty of|a great many": "many",
    r"prior to": "before",
    r"subsequent to": "after",
    r"in the (?:midst|course) of": "during",
    r"in spite of": "despite",
    r"the year before(?=\s*(?:[.,;]|$))|the previous year": "last year",
    r"the month before(?=\s*(?:[.,;]|$))|the previous month": "last month",
    r"the week before(?=\s*(?:[.,;]|$))|the previous week": "last week",
    r"the day before(?=\s*(?:[.,;]|$))|the previous day": "last day",
    r"(?:each|every|per) year|per annum|yearly": "a year",
    r"(?:each|every|per) month|monthly": "a month",
    r"(?:each|every|per) week|weekly": "a week",
    r"(?:each|every|per) day|daily": "a day",
    r"(?:each|every|per) hour|hourly": "a hour",
    r"right now|at present|at the moment|these days": "now",
    r"for instance": "for example",
    r"the majority of": "most of",
    r"with (?:regard|respect) to": "about",
    r"along with": "with",
    r"not yet": "not",
    r"under the age of|younger than|less than the age of": "under",
    r"over the age of|older than": "over",
    rf"(?:at )?the age of(?= {_COUNT})|aged(?= {_COUNT})": "at",
    r"no\.(?= ?\d)": "number",
    r"two times|2 times": "twice",
    r"have to|has to|had to": "must",
    r"no one|no-one": "nobody",
    r"a decade": "10 years",
    r"a century": "100 years",
    r"three[- ]quarters": "75%",
    r"(?:a|one)[- ]quarter(?= of| (?:are|were|is|was|have|has|had|take|say|said|live|work)\b)": "25%",
    r"half(?= of)": "50%",
    r"(?:a|one)[- ]fifth": "20%",
    r"two[- ]fifths": "40%",
    r"three[- ]fifths": "60%",
    r"four[- ]fifths": "80%",
    r"(?:a|one)[- ]tenth": "10%",
    r"1st": "first",
    r"2nd": "second",
    r"fiscal year": "fiscal",
    r"half a year": "6 months",
    r"half a million": "500,000",
    r"half a billion": "500 million",
    r"half a dozen": "six",
    r"a\.m\.": "am",
    r"p\.m\.": "pm",
}
_ANY_REWRITTEN = re.compile(
    r"\b(?:" + "|".join(f"(?P<r{n}>{pattern})" for n, pattern in enumerate(_REWRITTEN)) + r")(?!\w)", re.I
)
_ISO_DATE = re.compile(r"\b(\d{4})-(0[1-9]|1[0-2])-([0-3]\d)\b")
_TOLD = "(?:said|says|told|added|cried|shouted|yelled|exclaimed|insisted|warned|argued|claimed|replied|declared)"
# The end of speech within a sentence: `"We lost!" she said`, `"We lost!" shouted the mayor`.
_TAGGED = re.compile(rf'[.!](?=" (?:{_TOLD}|(?:he|she|they|(?:the )?\w+(?: [A-Z]\w+){{0,3}}) {_TOLD})\b)')
_SPELLINGS = (
    (re.compile(r" ?@([-.,])@ ?"), r"\1"),  # text written as tokens: `14 @-@ inch`, `1 @,@ 200`, `did n't`
    (re.compile(r"(?<=\w) (?=n't\b|'(?:s|re|ve|ll|d|m)\b)"), ""),
    (_TAGGED, ","),
    (re.compile(r"\b(\d+)-years?-old\b"), r"\1"),
    (re.compile(r"(?<![\w)%])(?<!\d )[-–](?=(?:[A-Z]{1,2}(?=\$))?[$€£¥]?\d)"), "minus "),
    (re.compile(r"\b(US|AU?|CA?|NZ|HK|S)\$ ?(?=\d)"), r"\1-dollar $"),
    (re.compile(r"(?<=\d)(?=[ap]\.?m\b)"), " "),
    (re.compile(r"(?<=\d0)'(?=s\b)"), ""),
    (re.compile(r"\$ ?\((\d[\d.,]*)\)"), r"$\1"),
    (re.compile(r"(?<=[$€£¥]) (?=\d)"), ""),
    (re.compile(r"\b(1[5-9]|20)(\d\d)[-–/](\d\d)\b(?![-–/]| [A-Z])"), r"\1\2 - \1\3"),  # 1914-18
    (re.compile(r"< ?(?=\d)"), "less than "),
    (re.compile(r"> ?(?=\d)"), "more than "),
    (re.compile(r"\b(\w{3,6}|\d+)-?fold\b"), r"\1 fold"),
    (re.compile(r"\bone and a half\b"), "1.5"),
    (re.compile(r"\btwo and a half\b"), "2.5"),
    (re.compile(r"\bthree and a half\b"), "3.5"),
)
_PLAIN = tuple(_REWRITTEN.values())
_CONTRACTIONS = {"won't": "will not", "can't": "can not", "cannot": "can not", "shan't": "shall not", "ain't": "is not"}
_TAILS = {"'re": "are", "'ve": "have", "'ll": "will", "'m": "am", "'d": "", "'s": ""}
_ABBREVIATIONS = frozenset(
    "st dr mr mrs ms prof approx dec jan feb mar apr aug sept sep oct nov inc corp ltd co".split()
)
_SUFFIXES = (
    "anc enc ational ization isation ibility ability ations ation ition ments ment nesses ness ities ity ically ical "
    "ances ance ences ence ative ive ions ion ally ous ful ers ors eri er or ing ed ies es al ic ly y i e s"
).split()


@dataclass(frozen=True, slots=True)
class Token:
    """text: as written; lower: folded; keys: what it matches by; mark: punctuation; name: has a telling capital."""

    text: str
    lower: str
    keys: frozenset[str]
    content: bool
    name: bool
    mark: bool
    place: int  # its number in the text


def _stem(word: str) -> str:
    return stems([word])[0]


@lru_cache(maxsize=1)
def _irregular() -> dict[str, str]:
    table: dict[str, str] = {}
    for line in IRREGULAR.split(";"):
        base, *forms = line.split()
        for form in forms:
            table.setdefault(form, base)
    return table


@lru_cache(maxsize=1)
def _participles() -> frozenset[str]:
    return frozenset(form for line in IRREGULAR.split(";") for form in line.split()[1:])


def is_participle(word: str) -> bool:
    """Whether a lower-case word may be a past participle: `allowed`, `bought`."""
    return word.endswith("ed") or "_" in word or word in _participles()


_BRITISH = (
    (
        re.compile(r"^((?:neighb|lab|fav|col|hon|harb|behavi|hum|rum|endeav|vap|arm|sav|tum|flav|od|vig|parl))our"),
        r"\1or",
    ),
    (re.compile(r"(?<=[a-z]{3})is(?=e$|ed$|es$|ing$|ation|er)"), "iz"),
    (re.compile(r"(?<=[a-z]{3})ys(?=e$|ed$|es$|ing$)"), "yz"),
    (re.compile(r"(?<=[a-z]{2}[ae])ll(?=ed$|ing$|er$)"), "l"),
    (re.compile(r"^(cent|theat|met|lit|fib|calib|kilomet|centimet)re(?=s?$)"), r"\1er"),
)


def _american(word: str) -> str:
    """One spelling for both sides of the ocean; real words or not does not matter, as long as both come out alike."""
    for pattern, plain in _BRITISH:
        word = pattern.sub(plain, word)
    return word


# Words that have the stem or root of another without its meaning: `author`, `policy`, `state`, `port`, `depart`.
_APART = {
    form: word + "_"
    for word, forms in (
        ("authority", "authority authorities"),
        ("police", "police"),
        ("station", "station stations"),
        ("morale", "morale"),
        ("portion", "portion portions"),
        ("customer", "customer customers"),
        ("department", "department departments"),
        ("apartment", "apartment apartments"),
    )
    for form in forms.split()
}


@lru_cache(maxsize=50_000)
def lemma(word: str) -> str:
    """The base form of a lower-case word, as its stem: `bought` -> `buy`."""
    if word in _APART:
        return _APART[word]
    return _stem(_american(_irregular().get(word, word)))


_COMMON = "w"  # groups that do not hold for names: `Cardin` is no `cardinal`


@lru_cache(maxsize=1)
def _groups() -> dict[str, frozenset[str]]:
    table: dict[str, set[str]] = {}
    for name, lines in (
        ("g", GROUPS.split(";")),
        ("d", DEMONYMS.split(";")),
        ("i", IRREGULAR.split(";")),
        (_COMMON, wordnet()),
    ):
        for number, line in enumerate(lines):
            for word in line.split():
                table.setdefault(lemma(word), set()).add(f"{name}{number}")
                table.setdefault(word, set()).add(f"{name}{number}")
    return {word: frozenset(found) for word, found in table.items()}


def is_light(word: str) -> bool:
    """Whether a lower-case word, in any form, adds nothing to check: the frame of an answer."""
    return lemma(word) in _light()


@lru_cache(maxsize=1)
def _light() -> frozenset[str]:
    return frozenset(map(lemma, LIGHT_WORDS))


def is_known(word: str) -> bool:
    """Whether a lower-case word of four letters or more stands in a table of English words."""
    return len(word) > 3 and (word in _groups() or lemma(word) in _groups())


@lru_cache(maxsize=1)
def _phrases() -> dict[str, set[tuple[str, ...]]]:
    """First word -> the phrases that start with it, as tuples of base forms."""
    lines = [tuple(line.split()) for line in PHRASES.split(";")]
    lines += [tuple(word.split("_")) for word in (*DEMONYMS.split(), *" ".join(wordnet()).split()) if "_" in word]
    table: dict[str, set[tuple[str, ...]]] = {}
    for line in lines:
        table.setdefault(lemma(line[0]), set()).add(line)
    return table


def _root(stem: str) -> str:
    """The stem without derivational endings: `classif(ic)ation` and `classify` meet."""
    for suffix in _SUFFIXES:
        if stem.endswith(suffix) and len(stem) - len(suffix) >= 4:
            return stem[: -len(suffix)]
    return stem


@lru_cache(maxsize=50_000)
def keys_of(word: str) -> frozenset[str]:
    """Two words match if they share a key: the word, its stem, its root, or a group of synonyms."""
    stem = lemma(word)
    root = _root(stem)
    found = {word, stem, "~" + root}
    bare = _without_prefix(word)
    if bare:
        found.add("!" + lemma(bare))
    groups = _groups()
    if "_" in word:
        found.add(lemma(word.split("_")[0]))  # `shut_down` is `shut` as well
    return frozenset(found | groups.get(word, frozenset()) | groups.get(stem, frozenset()))


@lru_cache(maxsize=1)
def _opposites() -> dict[str, frozenset[str]]:
    table: dict[str, set[str]] = {}
    for line in OPPOSITES.strip().splitlines():
        sides = [[lemma(word) for word in side.split()] for side in line.split("|")]
        for mine, others in (sides, sides[::-1]):
            for word in mine:
                table.setdefault(word, set()).update(others)
    return {word: frozenset(found) for word, found in table.items()}


@lru_cache(maxsize=50_000)
def opposite_keys(word: str) -> frozenset[str]:
    """Keys of the words that mean the contrary: from the table, or by a prefix (`un-`, `in-`, `dis-`, `non-`)."""
    found = set(_opposites().get(lemma(word), ())) | {"!" + lemma(word)}
    bare = _without_prefix(word)
    if bare:
        found |= {lemma(bare)}
    return frozenset(found)


def _without_prefix(word: str) -> str:
    for prefix in ("non", "dis", "un", "in", "im", "il", "ir"):
        if word.startswith(prefix) and len(word) - len(prefix) >= 4 and word not in NOT_PREFIXED:
            return word[len(prefix) :]
    return ""


def _words(text: str) -> list[tuple[str, bool]]:
    """The words and marks in order, contractions spelled out; True for marks."""
    found: list[tuple[str, bool]] = []
    for match in _TOKEN.finditer(text):
        piece = match[0]
        if match["mark"]:
            if piece == "." and found and found[-1][0].lower() in _ABBREVIATIONS:
                continue
            found.append((piece, True))
        elif match["word"] and ("'" in piece or piece.lower() in _CONTRACTIONS):
            found += [(part, False) for part in _spelled_out(piece) if part]
        else:
            found.append((piece, False))
    return found


def _spelled_out(piece: str) -> list[str]:
    lower = piece.lower()
    if lower in _CONTRACTIONS:
        parts = _CONTRACTIONS[lower].split()
        return [parts[0].capitalize() if piece[0].isupper() else parts[0], *parts[1:]]
    if lower.endswith("n't"):
        return [piece[:-3], "not"]
    for tail, full in _TAILS.items():
        if lower.endswith(tail):
            return [piece[: -len(tail)], *([full] if full else [])]
    return [piece]


def tokenize(text: str) -> list[Token]:
    """Tokens in order; at most MAX_CHARS characters are read."""
    folded = unicodedata.normalize("NFKC", text[:MAX_CHARS]).translate(_FOLD)
    folded = _ISO_DATE.sub(lambda found: f"{found[3]} {MONTH_NAMES[int(found[2]) - 1]} {found[1]}", folded)
    for pattern, plain in _SPELLINGS:
        folded = pattern.sub(plain, folded)
    folded = _ANY_REWRITTEN.sub(lambda found: _PLAIN[int(str(found.lastgroup)[1:])], folded)
    words = _joined(_words(folded))
    tokens: list[Token] = []
    opening = True
    for n, (word, mark) in enumerate(words):
        lower = word.lower()
        if mark:
            tokens.append(Token(word, word, frozenset((word,)), False, False, True, len(tokens)))
            opening = opening or word in '.!?:"—'
            continue
        timely = bool(tokens) and lower in TIME_UNITS and tokens[-1].lower == "this"
        if timely:
            tokens[-1] = Token("this", "this", frozenset(("this",)), True, False, False, len(tokens) - 1)
        capital = word[:1].isupper() and len(word) > 1
        shouted = sum(c.isupper() for c in word) > 1 or any(c.isdigit() for c in word)
        is_content = (
            lower not in FUNCTION_WORDS or (shouted and lower in ("us", "it")) or _is_month_may(words, n, opening)
        )
        name = capital and is_content and (not opening or shouted)
        keys = keys_of(_key_form(word, lower))
        if name:
            keys = frozenset(key for key in keys if not (key[0] == _COMMON and key[1:].isdigit()))
        tokens.append(Token(word, lower, keys, is_content, name, False, len(tokens)))
        opening = False
    return tokens


_SUBJECTS = frozenset("i we you he she it they one the a an this that these those his her its their my our".split())


def _is_month_may(words: list[tuple[str, bool]], n: int, opening: bool) -> bool:
    """`May` with a capital; at the opening of a sentence it asks or wishes only before a subject: `May I ...`."""
    after = words[n + 1][0].lower() if n + 1 < len(words) else ""
    return words[n][0] == "May" and (not opening or after not in _SUBJECTS)


def _key_form(word: str, lower: str) -> str:
    if lower == "us" and word != "US":
        return "us-pronoun"
    if lower.endswith("s") and len(lower) > 3 and any(c.isupper() for c in word[1:-1]):
        return lower[:-1]  # plurals of acronyms and codes: JASSMs, F-16s
    return lower


def _joined(words: list[tuple[str, bool]]) -> list[tuple[str, bool]]:
    """Phrases of PHRASES become one token: `carried out` -> `carry_out`."""
    phrases = _phrases()
    joined: list[tuple[str, bool]] = []
    at = 0
    while at < len(words):
        word, mark = words[at]
        found: tuple[str, ...] = ()
        for phrase in () if mark else phrases.get(lemma(word.lower()), ()):
            ahead = [lemma(w.lower()) for w, _ in words[at : at + len(phrase)]]
            if len(phrase) > len(found) and ahead == [lemma(w) for w in phrase]:
                found = phrase
        if found:
            spelled = "_".join(found)
            joined.append((spelled.capitalize() if word[:1].isupper() else spelled, False))
        else:
            joined.append((word, mark))
        at += len(found) or 1
    return joined
