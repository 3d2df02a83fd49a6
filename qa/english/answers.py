"""What a sentence may hold in answer to a question: a number, a date, a person, a reason, each as a pattern."""

import re

from qa.english.calendar import MONTH_NAMES, SEASONS
from qa.english.numbers import SCALE_WORDS, SMALL, TENS
from qa.english.units import CURRENCY_PATTERN, UNIT_PATTERNS

__all__ = ["CASED", "PATTERNS", "SPEAKER"]

_ONES = "|".join([*list(SMALL)[1:], *TENS])
_LARGE = "|".join(SCALE_WORDS)
_SPELLED = rf"(?:(?:{_ONES})(?:[ -](?:{_ONES}))?(?: (?:{_LARGE}))*)"
_DIGITS = rf"\d+(?:(?:,| @,@ )\d{{3}})*(?:(?:\.| @\.@ )\d+)?(?: ?(?:{_LARGE}|bn|k)\b)?"
_VAGUE = (
    r"(?:a dozen|dozens|hundreds|thousands|millions|billions|half|a (?:third|quarter|hundred|thousand|million)|"
    r"several (?:hundred|thousand|dozen)|no one|nobody|none|both)"
)
_NUMBER = rf"(?:\b{_DIGITS}|\b{_SPELLED}\b|\b{_VAGUE}\b)"
_MONEY = (
    rf"(?:(?:US|A|C)?[$£€¥] ?{_DIGITS}(?:[-–]{_DIGITS})?|{_NUMBER}(?: us)? {CURRENCY_PATTERN}\b|"
    r"\b(?:USD|EUR|GBP) ?\d[\d.,]*|\bfree of charge\b|\bfor free\b)"
)
_PERCENT = (
    rf"(?:{_NUMBER} ?(?:%|percent\b|per cent\b|percentage points?\b)|"
    r"\b(?:a|one|two|three|four)[ -](?:half|thirds?|quarters?|fifths?|sixths?|tenths?)\b|\bhalf\b|"
    r"\bmost of\b|\bmajority\b)"
)
_MONTHS = "|".join(name.lower() for name in MONTH_NAMES if name not in ("March", "May"))
_MONTH = (
    rf"(?:{_MONTHS}|(?-i:March|(?<=\d )May|May(?= \d)|"
    r"(?<=in )May|(?<=of )May|(?<=to )May|(?<=from )May|(?<=until )May|(?<=since )May|"
    r"Jan\.|Feb\.|Aug\.|Sept?\.|Oct\.|Nov\.|Dec\.))"
)
_SEASON = "|".join(SEASONS)
_PERIOD = rf"(?:day|night|morning|evening|week|month|year|decade|century|{_SEASON})"
_DATE = (
    rf"(?:\b\d{{4}}-\d\d-\d\d\b|"
    rf"(?:\b\d{{1,2}}(?:st|nd|rd|th)? )?\b{_MONTH}(?: \d{{1,2}}\b(?:st|nd|rd|th)?)?(?: ?,? \d{{4}}\b)?|"
    r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b|\b1\d{3}s?\b|\b20\d\ds?\b|"
    r"\b\d{1,2}(?::\d\d)? ?(?:am\b|pm\b|a\.m\.|p\.m\.)|\b\d{1,2}:\d\d\b|\b(?:today|yesterday|tomorrow|"
    r"tonight|noon|midnight)\b|"
    rf"\b(?:every|last|next|this|that|previous|following|earlier|later|past|first|second|third|"
    rf"fourth) (?:\w+ )?{_PERIOD}\b|"
    rf"\b(?:in )?(?:{_SEASON})\b|\b\w+ century\b|"
    rf"(?:\ban?\b|{_NUMBER}) {_PERIOD}s? (?:after|before|later|earlier|ago)\b)"
)
_CAPITAL = r"[A-Z][\w’'-]*"
_OPENERS = (
    "The|A|An|This|That|These|Those|It|Its|He|She|They|We|I|You|His|Her|Their|Our|My|Your|In|On|At|By|"
    "For|From|To|Of|With|"
    "Without|Within|During|Despite|After|Before|Since|Until|While|When|Where|If|Unless|Although|Though|"
    "Because|As|But|And|Or|"
    "So|Yet|Still|However|Nevertheless|Moreover|Earlier|Later|Last|Next|Then|There|Here|Now|Today|Some|"
    "Many|Most|Several|"
    "Both|Each|Every|Other|Others|Another|All|Any|No|Not|Nobody|What|Which|Who|How|Why|Among|Under|Over|"
    "Between|Also|Only|"
    "One|Two|Three|First|Such|Asked|According"
)
_NAME = rf"(?<![\w’'])(?!(?:{_OPENERS})\b){_CAPITAL}(?:(?: (?:of|de|von|van|der|al|the|and) | )(?:{_CAPITAL}|\d+\b))*"
_ROLE = (
    r"\b(?:an?|the|his|her|their|our) (?:[\w-]+ ){0,2}?(?:\w{2,}(?:ers?|ors?|ists?|men|man|women|woman|"
    r"ents?|ants?|monks?|ees?)"
    r"|team|group|committee|government|people|king|queen|wife|husband|mother|father|brother|sister|son|daughter)\b"
    r"|\bby (?:the|an?) (?!(?:end|time|day|way|year|month|week|hour|date|same)\b)(?:[\w-]+ )?\w+"
)
_PLACE = (
    r"\b(?:in|at|on|under|beside|behind|above|below|near|between|from|into|through|outside|inside|opposite|along) "
    r"(?:the|an?|its|her|his|their) (?:[\w-]+ )?\w+"
)
_REASON = (
    r"\b(?:because|since|so that|so as to|due to|owing to|as a result|in order to|therefore|thanks to|"
    r"caused by|reasons?|"
    r"leads? to|led to|otherwise|in response to|aim(?:s|ed)? (?:to|at)|in an? (?:effort|attempt|bid) to|in light of|"
    r"fear(?:s|ed|ing)?|concern(?:s|ed)?|wary|had (?:lost|been)|as (?:the|it|they|he|she|we)|"
    r"to (?:avoid|prevent|ensure|give|help|make|support|increase|reduce|improve|keep|put|promote|end|stop))\b"
)
_SAID = (
    r"\b(?:said|says?|saying|told|tells?|stat(?:ed?|es)|add(?:s|ed)|wr(?:ote|ites?|itten)|call(?:s|ed|"
    r"ing)|according to|citing|"
    r"(?:argu|warn|claim|announc|explain|report|insist|describ|expect|den[iy]|declin|reject|repl[iy]|"
    r"advis|suggest|question|"
    r"promis|express|thank|shout|not)(?:e|es|ed|ing|ied|ies|s|y)?|ask(?:s|ed)?|rul\w+ out|point\w* out)\b|"
    r"[“”\"]|^[A-Z][\w .]{1,30}:"
)
PATTERNS: dict[str, str] = {
    "number": _NUMBER,
    "money": _MONEY,
    "amount": rf"(?:{_MONEY}|{_PERCENT}|{_NUMBER})",
    "percent": _PERCENT,
    "date": _DATE,
    "frequency": (
        rf"(?:\b(?:once|twice|daily|weekly|monthly|yearly|annually|hourly|every|each|never|always|regularly|"
        rf"rarely)\b|{_NUMBER} times\b)"
    ),
    "age": rf"(?:\b{_NUMBER}[ -]years?[ -]olds?\b|\baged? (?:of )?{_NUMBER}|, \d{{1,2}} ?,|\bborn (?:in|on)\b)",
    "person": rf"(?:{_NAME}|(?i:{_ROLE}))",
    "place": rf"(?:{_NAME}|(?i:{_PLACE}))",
    "name": _NAME,
    "reason": _REASON,
    "colour": (
        r"\b(?:red|green|blue|yellow|white|black|gr[ae]y\w*|brown|orange|purple|pink|gold(?:en)?|silver|"
        r"violet|turquoise|beige)\b"
    ),
    "said": _SAID,
    "phone": r"\+?\d[\d ()/-]{5,}\d",
    "mail": r"[\w.+-]+@[\w-]+\.\w+",
    **{kind: rf"{_NUMBER}[ -]?(?:[a-z]+ )?(?:{unit})(?!\w)" for kind, unit in UNIT_PATTERNS.items()},
}
PATTERNS["duration"] += (
    rf"|\b(?:an?|half an?|all|few) (?:{UNIT_PATTERNS['duration']})\b|\b(?:until|throughout|forever|for life)\b"
)
PATTERNS["long"] = f"{PATTERNS['duration']}|{PATTERNS['length']}"
PATTERNS["size"] = "|".join(
    PATTERNS[kind] for kind in ("length", "weight", "volume", "data", "percent", "money", "number")
)
"""A kind of answer -> the regular expression that finds one."""

CASED = frozenset({"person", "place", "name"})
"""Kinds of which capitals tell; the others ignore case."""

SPEAKER = re.compile(
    r"\bwhat (?:did|does|do|has|have|had) (.{2,60}?) (?:said|say|sa[iy]|tell|told|think|claim|wr[io]te|"
    r"warn|announce|state|argue|"
    r"reply|respond|comment|promise|shout|add|call|advise|ask)",
    re.IGNORECASE,
)
"""What a question says between the verbs, where it asks for somebody's words: who that is."""
