"""HTML to text by blocks, and what a page says of itself in its head. The only import of bs4."""

import json
import re
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from qa.errors import SourceError
from qa.ingest.decoding import clean, decode
from qa.ingest.flow import Flow
from qa.ingest.metadata import Extracted

if TYPE_CHECKING:
    from bs4 import BeautifulSoup
    from bs4.element import PageElement, Tag

__all__ = ["extract"]

_DROPPED = frozenset(
    {
        *("script", "style", "nav", "template", "noscript", "head", "svg", "math", "iframe", "object", "canvas"),
        *("audio", "video", "button", "select", "datalist", "rt", "rp"),
    }
)
_BLOCKS = frozenset(
    {
        *("address", "article", "aside", "blockquote", "body", "center", "details", "dialog", "div", "dl", "fieldset"),
        *("figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr"),
        *("html", "legend", "main", "menu", "ol", "p", "pre", "section", "summary", "table", "ul", "caption"),
    }
)
_LINES = frozenset(("li", "dt", "dd", "tr", "br", "thead", "tbody", "tfoot"))
_CELLS = frozenset(("td", "th"))
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_CHARSET = re.compile(
    rb"(?:<meta[^>]{0,200}?charset\s*=|<\?xml[^>]{0,100}?encoding\s*=)\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE
)
_META = {  # the first that a page has counts
    "title": ("og:title", "twitter:title"),
    "published": (
        *("article:published_time", "datepublished", "date", "pubdate", "publishdate", "publish_date", "publish-date"),
        *("dc.date.issued", "dc.date", "dcterms.created", "sailthru.date", "parsely-pub-date"),
    ),
    "author": ("author", "article:author", "dc.creator", "parsely-author"),
    "publisher": ("og:site_name", "publisher", "dc.publisher"),
    "url": ("og:url",),
}
_ARTICLE = re.compile(r"(Article|BlogPosting|Report|Story)$")


def extract(data: bytes) -> Extracted:
    """Text and fields of a page. Raises SourceError; ImportError if bs4 is not installed."""
    from bs4 import BeautifulSoup
    from bs4.exceptions import ParserRejectedMarkup

    declared = _CHARSET.search(data[:4096])
    markup = clean(decode(data, declared[1].decode("ascii") if declared else ""))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # bs4 warns of input that looks like a file name or like XML
        try:
            soup = BeautifulSoup(markup, "html.parser")
        except (ParserRejectedMarkup, RecursionError, AssertionError) as error:
            raise SourceError("broken HTML; open it in a browser and save it again") from error
    text = _flow(soup, _DROPPED) or _flow(soup, _DROPPED - {"nav"})  # a <nav> that never ends swallows the page
    return Extracted(text, _fields(soup))


def _flow(soup: "BeautifulSoup", dropped: frozenset[str]) -> str:
    """The visible text. A stack, not recursion: pages nest deeper than Python does."""
    from bs4.element import CData, NavigableString, PreformattedString, Tag

    flow = Flow()
    stack: list[tuple[PageElement, bool]] = [(soup, False)]
    verbatim, after_break = 0, False
    while stack:
        node, closing = stack.pop()
        if isinstance(node, Tag):
            flow.breaks(Flow.BLOCK if after_break and node.name == "br" and not closing else _strength(node.name))
            after_break = node.name == "br"
            if closing:
                verbatim -= node.name == "pre"
            elif node.name not in dropped and not _hidden(node):
                verbatim += node.name == "pre"
                stack.append((node, True))
                stack.extend((child, False) for child in reversed(node.contents))
        elif isinstance(node, NavigableString) and (
            isinstance(node, CData) or not isinstance(node, PreformattedString)
        ):
            flow.verbatim(clean(node)) if verbatim else flow.words(clean(node))
            after_break = after_break and not node.strip()
    return flow.text().strip()


def _strength(name: str) -> int:
    if name in _BLOCKS:
        return Flow.BLOCK
    return Flow.LINE if name in _LINES else Flow.CELL if name in _CELLS else 0


def _hidden(tag: "Tag") -> bool:
    style = tag.get("style")
    return (
        tag.has_attr("hidden") or tag.get("aria-hidden") == "true" or bool(style and _HIDDEN_STYLE.search(str(style)))
    )


def _fields(soup: "BeautifulSoup") -> dict[str, Any]:
    """Title, published, author, publisher and url, where the page names them."""
    metas: dict[str, str] = {}
    for tag in soup.find_all("meta"):
        name = tag.get("property") or tag.get("name") or tag.get("itemprop")
        if name and (content := str(tag.get("content") or "").strip()):
            metas.setdefault(str(name).lower(), content)
    found: dict[str, Any] = dict(_linked_data(soup))
    for key, names in _META.items():
        values = (metas[name] for name in names if name in metas)
        if value := next((v for v in values if key != "author" or "://" not in v), ""):
            found[key] = value
    canonical = soup.find("link", rel="canonical")
    if canonical and str(canonical.get("href") or "").startswith(("http://", "https://")):
        found["url"] = str(canonical["href"])
    if "title" not in found:
        headings = (tag.get_text(" ", strip=True) for tag in soup.find_all(["title", "h1"], limit=4))
        found["title"] = next(filter(None, headings), "")
    return {key: clean(value) if isinstance(value, str) else value for key, value in found.items()}


def _linked_data(soup: "BeautifulSoup") -> dict[str, Any]:
    """The fields of the first article that the page describes in JSON-LD."""
    for tag in soup.find_all("script", type="application/ld+json", limit=20):
        try:
            data = json.loads(str(tag.string or ""), strict=False)
        except (ValueError, RecursionError):
            continue
        for item in _items(data):
            if _ARTICLE.search(str(item.get("@type", "")).strip("[]'")):
                names = {"published": "datePublished", "author": "author", "publisher": "publisher"}
                return {key: _plain(item[name]) for key, name in names.items() if name in item}
    return {}


def _items(data: object) -> Iterator[dict[str, Any]]:
    """The objects at the top of a JSON-LD block, or in its graph."""
    for item in data if isinstance(data, list) else [data]:
        if isinstance(item, dict):
            graph = item.get("@graph")
            yield from (node for node in graph if isinstance(node, dict)) if isinstance(graph, list) else (item,)


def _plain(value: object) -> object:
    """A person or an organisation as its name."""
    if isinstance(value, list):
        return [_plain(item) for item in value if not isinstance(item, list)]
    return value.get("name", "") if isinstance(value, dict) else value
