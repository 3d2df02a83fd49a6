"""Spans of a text that are not the article: whole lines at its head and its tail, and an opening dateline.

The text is never edited; spans are skipped. Scanning starts at either end and stops at the first line that is not
certainly boilerplate: what is kept in doubt costs a little ranking, what is skipped in error cannot be quoted.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import islice

from qa.records import Span

__all__ = ["find"]

_LINE_CHARS = 300  # longer lines are paragraphs
_REACH = 200  # lines looked at from either end
_DATELINE_LINES = 10  # headline, byline, date, picture and so on stand before the first paragraph
_COOKIE_MENTIONS = 4  # a text that says the word more often is about cookies


def _any(words: str) -> str:
    """A group of alternatives, written with commas or on lines of their own."""
    return "(?:" + "|".join(word.strip() for word in re.split(r"[,\n]\s+", words.strip())) + ")"


_AGENCY = _any(r"""
    CNN, CNN Business, CNN en Español, AP, The Associated Press, Associated Press, Reuters, REUTERS, AFP, UPI
    Bloomberg, Bloomberg News, BBC, BBC News, NPR, PBS, Fox News, NBC, NBC News, CBS, CBS News, ABC, ABC News
    MSNBC, CNBC, Politico, POLITICO, dpa, DPA, Xinhua, TASS, Interfax, RIA Novosti, Ukrinform, ANI, PTI, IANS
    Kyodo, Kyodo News, Yonhap, EFE, ANSA, Anadolu, PA Media, PRNewswire, PR Newswire, BUSINESS WIRE, Business Wire
    GLOBE NEWSWIRE, USA TODAY, Al Jazeera
""")
# Cities that the Associated Press Stylebook lets stand alone in a dateline, and Kyiv and Brussels, which papers add.
_CITY = _any(r"""
    ATLANTA, BALTIMORE, BOSTON, CHICAGO, CINCINNATI, CLEVELAND, DALLAS, DENVER, DETROIT, HONOLULU, HOUSTON
    INDIANAPOLIS, LAS VEGAS, LOS ANGELES, MIAMI, MILWAUKEE, MINNEAPOLIS, NEW ORLEANS, NEW YORK, OKLAHOMA CITY
    PHILADELPHIA, PHOENIX, PITTSBURGH, ST\. LOUIS, SALT LAKE CITY, SAN ANTONIO, SAN DIEGO, SAN FRANCISCO, SEATTLE
    WASHINGTON, UNITED NATIONS, AMSTERDAM, ATHENS, BAGHDAD, BANGKOK, BEIJING, BEIRUT, BERLIN, BRUSSELS, CAIRO
    DAMASCUS, DUBAI, DUBLIN, GENEVA, HAVANA, HELSINKI, HONG KONG, ISLAMABAD, ISTANBUL, JAKARTA, JERUSALEM
    JOHANNESBURG, KABUL, KYIV, LONDON, MADRID, MANILA, MEXICO CITY, MILAN, MONTREAL, MOSCOW, MUNICH, NAIROBI
    NEW DELHI, OSLO, OTTAWA, PANAMA CITY, PARIS, PRAGUE, QUEBEC CITY, RIO DE JANEIRO, ROME, SAO PAULO, SEOUL
    SHANGHAI, SINGAPORE, STOCKHOLM, SYDNEY, TAIPEI, TEHRAN, TEL AVIV, TOKYO, TORONTO, VATICAN CITY, VIENNA, WARSAW
    ZURICH
""")
# What follows the comma after other places: a state's abbreviation, or a country.
_REGION = _any(r"""
    [A-Z][a-z]{2,4}\., [A-Z]\.[A-Z]\., Alaska, Hawaii, Idaho, Iowa, Maine, Ohio, Texas, Utah, Afghanistan, Algeria
    Argentina, Australia, Austria, Bangladesh, Belarus, Belgium, Brazil, Britain, Bulgaria, Canada, Chile, China
    Colombia, Croatia, Czech Republic, Denmark, Egypt, England, Estonia, Ethiopia, Finland, France, Gaza Strip
    Georgia, Germany, Greece, Hungary, India, Indonesia, Iran, Iraq, Ireland, Israel, Italy, Japan, Jordan, Kenya
    Latvia, Lebanon, Libya, Lithuania, Malaysia, Mexico, Moldova, Morocco, Myanmar, Nepal, Netherlands
    New Zealand, Nigeria, North Korea, Norway, Pakistan, Peru, Philippines, Poland, Portugal, Romania, Russia
    Saudi Arabia, Scotland, Serbia, Slovakia, South Africa, South Korea, Spain, Sri Lanka, Sudan, Sweden
    Switzerland, Syria, Taiwan, Thailand, Tunisia, Turkey, Ukraine, Venezuela, Vietnam, Yemen
""")
_DAY = r"(?:, [A-Z][a-z]{2,8}\.? \d{1,2})?"
_PLACE = r"[A-Z][A-Z.'’ -]{1,30}[A-Z.]"
_DASH = r"[—–-]{1,2}"
_DATELINES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?:{_PLACE}(?:, [A-Z][A-Za-z. ]{{1,25}})?{_DAY} )?\({_AGENCY}\) ?{_DASH}(?=\s)",  # OSLO, May 4 (AP) -
        rf"{_CITY}(?:, {_REGION})?{_DAY} ?[—–](?=\s)",  # PARIS —
        rf"{_PLACE}, {_REGION}{_DAY} ?[—–](?=\s)",  # SLOVIANSK, Ukraine —
    )
)
_BARE = re.compile(r"CNN ?—(?=\s)")  # without brackets on the first line only: else it could be an entry of a glossary
# Over two or three lines: New York / CNN / —
_STACKED = re.compile(rf"(?:[A-Z][A-Za-z.,’' -]{{1,40}}[ \t]*\r?\n\s*)?{_AGENCY}[ \t]*\r?\n\s*{_DASH}[ \t]*(?=\r?\n)")

_NETWORK = _any(
    r"facebook, twitter, x, x \(twitter\), linkedin, whatsapp, reddit, pinterest, telegram, instagram, bluesky, threads"
)
_STRONG = (  # lines that speak of the page and of nothing else
    r"advertisement(?:\W+scroll to continue)?|story continues below(?: this)? advertisement|sponsored content",
    r"source link|(?:leave|post) a (?:reply|comment)(?: cancel reply)?|cancel reply|post comment|comments are closed",
    r"(?:view|show|hide) (?:all )?comments|please enter your (?:comment|name|email(?: address)?)(?: here)?!?",
    r"you have entered an incorrect email address!?|save my name, email,? and website in this browser\b.{0,60}",
    r"your email address will not be published\.?(?: required fields are marked ?\*?)?",
    r"(?:please )?(?:log|sign) in (?:or register )?to (?:leave a comment|comment|post a comment|continue reading)\.?",
    rf"(?:click to )?(?:share|tweet|pin) (?:(?:this(?: article| story| post)?|on|via|with) ?)+(?:{_NETWORK}|email)?"
    r"(?: \(opens in new window\))?",
    rf"(?:follow|like|find|join) us on {_NETWORK}(?:(?:,? and|,? or|,| \||/) {_NETWORK})*[.!]?",
    r"(?:sign up|subscribe)\b.{0,80}\b(?:newsletters?|inbox|e-?mail alerts?|news alerts?)\b.{0,60}",
    r"get\b.{0,80}\b(?:delivered|sent|straight|right|directly) (?:to|in) your inbox\b.{0,40}",
    r"(?:also read|read also|read more|read next|read the full story)(?:\s*[:»›>→|]\s*.{0,180}|\.{3}|…)?",
    r"continue reading(?:\s*[»›>→]|\.{3}|…)?|related(?: (?:articles?|stories|story|posts?|news))?\s*(?::.{0,180})?",
    r"(?:you (?:may|might) also like|recommended for you|more from this (?:author|section)|most read|trending now):?",
    r"(?:photo|image|picture)(?:s|graph)?(?: credit| source)?\s*(?::| by| courtesy of|,) .{0,80}\b(?:getty images|ap"
    r"|reuters|afp|epa|shutterstock|unsplash|pool|alamy|flickr|wikimedia commons)(?:\s*/\s*[\w .'’-]{1,40}){0,2}\W*",
    r"(?:photo|image|picture)(?:graph)? (?:credit|courtesy)\s*:.{2,100}|image source, .{2,80}",
    r"(?:\w[\w .,'’-]{0,60}/)?(?:getty images|ap photo|shutterstock)(?:/.{2,60})?",
    r"\((?:ap photo|getty images|photo by|photo:|image:).{0,100}\)",
    r"(?:copyright )?© ?(?:copyright )?\d{4}.{0,180}|copyright\b.{0,160}all rights reserved.{0,160}",
    r"all rights reserved\.?",
    r"copyright ©.{0,160}|this material may not be published, broadcast, rewritten,? or redistributed.{0,100}",
    r"skip (?:to|past) (?:main |the )?(?:content|navigation)|(?:print|listen to) this (?:article|page|story)",
    r"(?:accept|reject|allow) (?:all )?cookies|cookie (?:settings|preferences)",
)
_COOKIES = (
    r"(?:this|our) (?:web)?site uses cookies\b.{0,200}|we use cookies (?:to|on)\b.{0,200}",
    r"by (?:continuing|using)\b.{0,80}\b(?:use of cookies|cookie policy)\b.{0,80}",
)
_WEAK = (  # words that also are titles, items of lists, endings: believed beside others only
    rf"share|tweet|print|e-?mail|copy link|save|(?:\d+ )?comments?|like|bookmark|listen|share:|{_NETWORK}",
    r"news|world|politics|business|sports?|opinion|video|entertainment|health|tech|technology|science|culture|weather",
    r"home|menu|search|log ?in|sign in|sign up|subscribe(?: now)?|newsletters?|accept|(?:accept|reject) all|close",
    r"(?:tags?|topics|filed under)\s*:.{1,120}|\d{1,2}[- ]min(?:ute)?s? read|more:?|next|previous|back to top",
    r"(?:previous|next) (?:article|post)|privacy policy|terms of (?:use|service)|contact us|about us",
)
_STRONG_LINE = re.compile("|".join(_STRONG), re.IGNORECASE)
_COOKIE_LINE = re.compile("|".join(_COOKIES), re.IGNORECASE)
_WEAK_LINE = re.compile("|".join(_WEAK), re.IGNORECASE)
_SHARING = re.compile(rf"share:?|tweet|{_NETWORK}", re.IGNORECASE)
_BAR = re.compile(r"\s*[|·•]\s*|\s+/\s+| {2,}")
_WORD = re.compile(r"\w")
_MARKUP = re.compile(r"!?\[([^]]*)\]\([^)]*\)|^[\s#>*_+•-]+|[\s*_]+$")


def find(text: str, skipped: Sequence[Span] = ()) -> tuple[Span, ...]:
    """Sorted, disjoint spans of boilerplate: one for each line, without its white space, and one for a dateline.

    skipped: spans that do not count, such as front matter; lines that touch one are neither judged nor returned.
    Never everything: if no line with a word in it would be left, nothing is boilerplate.
    """
    lines = [line for line in _lines(text) if not _touches(line, skipped)]
    dateline = _dateline(text, lines)
    body = [line for line in lines if not _touches(line, dateline)]
    head = _run(text, body)
    tail = _run(text, reversed(body[len(head) :]))
    found = sorted([*head, *tail, *dateline])
    taken = sorted([*found, *skipped])
    gaps = zip([0, *(span.end for span in taken)], [*(span.start for span in taken), len(text)], strict=True)
    return tuple(found) if any(_WORD.search(text, start, end) for start, end in gaps) else ()


def _lines(text: str) -> list[Span]:
    """The first and the last lines that hold more than white space, without the white space around them."""
    pattern = re.compile(r"\S(?:[^\r\n]*\S)?")
    head = [Span(*match.span()) for match in islice(pattern.finditer(text), _REACH)]
    start = len(text)
    for _ in range(_REACH + 1):
        start = max(text.rfind("\n", 0, start), 0)
    tail = [Span(*match.span()) for match in pattern.finditer(text, start)][-_REACH:]
    return head + [line for line in tail if line.start >= head[-1].end]


def _touches(line: Span, spans: Iterable[Span]) -> bool:
    return any(span.start < line.end and line.start < span.end for span in spans)


def _run(text: str, lines: Iterable[Span]) -> list[Span]:
    """The boilerplate lines that `lines` begin with.

    Weak lines count in the company of a strong one or of two social networks, and not as a list that a colon opens.
    """
    run: list[Span] = []
    strong = 0
    stop = ""
    networks: set[str] = set()
    for line in lines:
        stop = text[line.start : line.end]
        plain = _MARKUP.sub(r"\1", stop) if len(stop) <= _LINE_CHARS else ""
        if not (kind := _kind(plain, text)):
            break
        run.append(line)
        strong = len(run) if kind == "strong" else strong
        networks |= {plain.lower()} if _SHARING.fullmatch(plain) else set()
    if stop.endswith(":") or not (strong or len(networks) > 1):
        return run[:strong]
    return run


def _kind(line: str, text: str) -> str:
    """strong, weak, or empty for a line that may be part of the article."""
    if _STRONG_LINE.fullmatch(line):
        return "strong"
    if _COOKIE_LINE.fullmatch(line):
        return "strong" if len(re.findall("cookie", text, re.IGNORECASE)) <= _COOKIE_MENTIONS else ""
    items = [item for item in _BAR.split(line) if item]
    if not items or line.startswith("|") or not all(map(_WEAK_LINE.fullmatch, items)):
        return ""
    return "strong" if len(items) > 2 and any(map(_SHARING.fullmatch, items)) else "weak"


def _dateline(text: str, lines: Sequence[Span]) -> list[Span]:
    """The dateline that opens one of the first lines: one span, or one for each line that it takes whole."""
    for line in lines[:_DATELINE_LINES]:
        if match := _STACKED.match(text, line.start):
            return [span for span in lines if line.start <= span.start < match.end()]
        for pattern in (*_DATELINES, _BARE) if line is lines[0] else _DATELINES:
            if (match := pattern.match(text, line.start, line.end)) and match.end() < line.end:
                return [Span(line.start, match.end())]
    return []
