"""Spellings and wordings that say the same: each is brought to one form before texts are compared."""

import re

from qa.english.numbers import SMALL

__all__ = ["ABBREVIATIONS", "CONTRACTIONS", "REWRITTEN", "SPELLINGS", "TAILS"]

_COUNT = rf"(?:\d|\w+t(?:een|y)\b|(?:{'|'.join(list(SMALL)[1:13])})\b)"
REWRITTEN = {
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
_TOLD = "(?:said|says|told|added|cried|shouted|yelled|exclaimed|insisted|warned|argued|claimed|replied|declared)"
# The end of speech within a sentence: `"We lost!" she said`, `"We lost!" shouted the mayor`.
_TAGGED = re.compile(rf'[.!](?=" (?:{_TOLD}|(?:he|she|they|(?:the )?\w+(?: [A-Z]\w+){{0,3}}) {_TOLD})\b)')
SPELLINGS = (
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
CONTRACTIONS = {"won't": "will not", "can't": "can not", "cannot": "can not", "shan't": "shall not", "ain't": "is not"}
TAILS = {"'re": "are", "'ve": "have", "'ll": "will", "'m": "am", "'d": "", "'s": ""}
ABBREVIATIONS = frozenset(
    "st dr mr mrs ms prof approx dec jan feb mar apr aug sept sep oct nov inc corp ltd co".split()
)
