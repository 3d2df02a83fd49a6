"""What the parts of a page are for: site chrome, hidden panels and what opens them."""

import re
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal

from qa.ingest.formats.common.concealed import is_hidden_element
from qa.ingest.formats.common.phrases import asks, is_marked_question
from qa.ingest.formats.html.tree import Node

__all__ = [
    "HEADINGS",
    "Chrome",
    "Panels",
    "chrome",
    "has_caption",
    "hidden",
    "is_edge",
    "is_menu",
    "is_question",
    "is_repeated",
]

HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
Chrome = Literal["", "furniture", "contents", "edge"]
"""edge: the header or footer of a page, whose facts count all the same."""


def _hint(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?:^|[\s_-])(?:{words})(?:$|[\s_-])", re.IGNORECASE)


_CHROME = _hint(
    r"nav\w*|menu\w*|breadcrumbs?|crumbs?|pagination|pager|share\w*|sharing|social\w*|skip\w*|toolbar|sidebar\w*|"
    r"related\w*|newsletter|subscribe|advert\w*|ads?|adsbygoogle|promo\w*|masthead|topbar|sitemap|tag-?list|langs?|languages?"
)
_QUESTION = re.compile(r"question|faq|accordion", re.IGNORECASE)
_COOKIES = _hint(r"cookie\w*|consent\w*|gdpr\w*")
_TRAIL = _hint(r"breadcrumbs?|crumbs?")
_CONTENTS = _hint(r"toc\w*|table-of-contents|contents|doc-toc")
_POPUP = _hint(
    r"modal\w*|popup|pop-up|tooltip\w*|lightbox|offcanvas|preloader|loader|spinner|dropdown\w*|toast|preheader|menu|nav\w*"
)
_OPENER = _hint(r"\w*accordion\w*|collaps\w*|faq\w*|question\w*|toggle\w*|expand\w*")
_ROLES = {
    **dict.fromkeys(("navigation", "menubar", "menu", "toolbar", "search", "directory"), "furniture"),
    "doc-toc": "contents",
    "banner": "edge",
    "contentinfo": "edge",
}
_CONTACT = re.compile(r"\d{3}|@|\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\w*\b|\d\s?[ap]\.?m\b", re.IGNORECASE)
_COPYRIGHT = re.compile(r"©|\(c\)\s|copyright\W{0,9}(?:©|\(c\)|\d{4}\b)", re.IGNORECASE)
_LEGAL = re.compile(rf"{_COPYRIGHT.pattern}|all rights reserved|^powered by|privacy policy", re.IGNORECASE)
_CONTENT = frozenset(("main", "article", "table", "h1"))  # none of these is in a box that asks for consent
_DECIDING = _hint(r"btn\w*|button\w*|accept\w*|agree\w*|dismiss\w*|close\w*")
_CONTENT_AROUND = frozenset(("article", "main", "section", "blockquote", "figure", "td", "th", "li", "dialog"))
_WORDY = 200  # characters outside of links that make a navigation more than that
_CELL_CHARS = 300
_BANNER_ELEMENTS = 300


def hidden(node: Node) -> bool:
    """Whether an element is not shown before somebody clicks, or never."""
    return is_hidden_element(node.tag, node.attributes)


def chrome(node: Node) -> Chrome:
    """What an element holds instead of the page's own text, if anything."""
    role = node.get("role").lower()
    names = f"{node.get('class')} {node.get('id')} {node.get('aria-label').replace(' ', '-')}"
    if _COOKIES.search(names) and _asks_for_consent(node):
        return "furniture"
    dense = node.linked * 2 > node.size
    if node.tag in ("nav", "menu") or role in _ROLES or (dense and (_CHROME.search(names) or _CONTENTS.search(names))):
        if role in ("banner", "contentinfo"):
            return "edge"
        if not dense and node.size - node.linked > _WORDY:
            return ""
        return "contents" if _CONTENTS.search(names) or role == "doc-toc" else "furniture"
    if _TRAIL.search(names) and node.size < _WORDY:
        return "furniture"
    if node.tag in ("header", "footer") and not any(above.tag in _CONTENT_AROUND for above in node.above()):
        return "edge"
    return ""


def _asks_for_consent(node: Node) -> bool:
    """Whether a short element can be answered by a click, as a cookie banner can, and holds no content of a page."""
    if node.size >= 2_000 or node.tag in HEADINGS | _CONTENT | {"body", "html"}:
        return False
    inner = list(islice(node.walk(), _BANNER_ELEMENTS + 1))
    if len(inner) > _BANNER_ELEMENTS:
        return False
    return any(map(_decides, inner)) and not any(each.tag in _CONTENT for each in inner)


def _decides(node: Node) -> bool:
    """Whether an element is a button, or a link that looks like one, and does not merely open a panel."""
    if "aria-expanded" in node.attributes or _target(node) or (node.parent and node.parent.tag in HEADINGS):
        return False
    if node.tag == "a":
        address = node.get("href").strip().lower()
        return address in ("", "#") or address.startswith("javascript:") or bool(_DECIDING.search(node.get("class")))
    return node.tag == "button" or node.get("role") == "button" or node.get("type") in ("submit", "button")


def is_repeated(node: Node) -> bool:
    """Whether an element beside this one is of its kind: such containers are items, as in an accordion."""
    return any(
        beside is not None and beside.tag == node.tag and beside.get("class") == node.get("class")
        for beside in (node.previous, node.following)
    )


@dataclass(slots=True)
class Panels:
    """Which elements open a panel, and which panels are opened from elsewhere.

    openers: elements whose text heads the panel right after them. titles: for panels (by id of the node), the element
    elsewhere that names them. tabs: elements that name a panel elsewhere.
    """

    openers: set[int] = field(default_factory=set)
    titles: dict[int, Node] = field(default_factory=dict)
    tabs: set[int] = field(default_factory=set)
    _known: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, nodes: list[Node]) -> "Panels":
        """Of all elements of a page."""
        found = cls()
        ids = {node.get("id"): node for node in nodes if node.get("id")}
        for node in nodes:
            if (target := _target(node)) and (panel := ids.get(target)) and panel.size and panel is not node:
                found._link(node, panel)
            elif _clickable(node) and _OPENER.search(node.get("class")) and node.following is not None:
                found.openers.add(id(node))
            if (opener := ids.get(node.get("aria-labelledby"))) and _clickable(opener) and opener is not node:
                found._link(opener, node)
            if hidden(node) and (beside := _beside(node)) is not None and beside.tag == "button":
                found.openers.add(id(beside))
        return found

    def _link(self, opener: Node, panel: Node) -> None:
        self._known.add(id(panel))
        if panel.tag == "nav" or panel.linked * 2 > panel.size:
            return
        around = [opener, *(above for above, _ in zip(opener.above(), range(5), strict=False))]
        if panel in around:
            return
        if _beside(panel) in around and opener.get("role") != "tab":
            self.openers.add(id(opener))
        elif id(panel) not in self.titles and (_clickable(opener) and opener.size):
            self.titles[id(panel)] = opener
            self.tabs.add(id(opener))

    def is_panel(self, node: Node) -> bool:
        """Whether an element is opened by another one."""
        return id(node) in self._known or (hidden(node) and self.shown(node))

    def shown(self, node: Node) -> bool:
        """Whether a hidden element is a panel that people open: an opener names it or stands right before it."""
        names = f"{node.get('class')} {node.get('id')}"
        if node.size == 0 or node.tag in ("span", "a", "i", "b", "input", "nav", "svg"):
            return False
        if id(node) in self._known:
            return True
        if node.tag == "dialog" or "popover" in node.attributes or _POPUP.search(names):
            return False
        if node.get("role") in ("dialog", "alertdialog", "menu", "alert", "status"):
            return False
        beside = _beside(node)
        return beside is not None and _opens(beside)


def _target(node: Node) -> str:
    """The id of the element that this one opens."""
    named = node.get("aria-controls") or node.get("data-bs-target") or node.get("data-target")
    if not named and (
        "data-toggle" in node.attributes or "data-bs-toggle" in node.attributes or node.get("role") == "tab"
    ):
        named = node.get("href")
    return named.removeprefix("#").split(" ")[0]


def _clickable(node: Node) -> bool:
    return node.tag == "button" or node.get("role") in ("button", "tab") or "aria-expanded" in node.attributes


def _beside(node: Node) -> Node | None:
    """The element before this one, or before what holds nothing else."""
    for place, _ in zip([node, *node.above()], range(3), strict=False):
        if place.previous is not None:
            return place.previous
        if place.parent is None or place.parent.size != node.size:
            return None
    return None


def _opens(node: Node) -> bool:
    """Whether an element is a button, or a line that holds one."""
    around = [node, *node.elements[:3], *(inner for child in node.elements[:3] for inner in child.elements[:3])]
    return any(piece.tag == "summary" or _clickable(piece) for piece in around) and 0 < node.size < _CELL_CHARS


def is_edge(text: str, linked: float) -> bool:
    """Whether a line in the header or footer of a page says nothing about its subject."""
    if linked > 0.5 or _LEGAL.search(text):
        return True
    return len(text.split()) < 5 and not _CONTACT.search(text)


def is_menu(text: str, linked: float, links: int) -> bool:
    """Whether a line is a row of links, the path to the page, or a link that says where to go next."""
    if _COPYRIGHT.match(text) and len(text.split()) < 15:
        return True
    if linked > 0.99 and len(text.split()) < 6 and text[-1] not in ".!:" and not _CONTACT.search(text):
        return True
    separators = len(re.findall(r"->|[|»›>→/·•]", text))
    return (links > 2 and linked > 0.8) or (links > 1 and linked > 0.5 and separators >= links - 1 and len(text) < 200)


def is_question(text: str, node: Node, bold: float) -> bool:
    """Whether a line asks what follows answers: in bold print, marked as a question, or in an element for questions."""
    if "\n" in text or not asks(text):
        return False
    around = (node, *(above for above, _ in zip(node.above(), range(1), strict=False)))
    named = any(_QUESTION.search(each.get("class") + each.get("itemprop") + each.get("itemtype")) for each in around)
    return bold > 0.99 or named or is_marked_question(text)


def has_caption(picture: Node) -> bool:
    """Whether a picture stands in a figure with a caption."""
    figure = next((above for above, _ in zip(picture.above(), range(4), strict=False) if above.tag == "figure"), None)
    return figure is not None and any(child.tag == "figcaption" for child in figure.elements)
