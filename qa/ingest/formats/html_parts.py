"""What the parts of a page are for: site chrome, hidden panels and what opens them, layout tables."""

import re
from dataclasses import dataclass, field
from typing import Literal

from qa.ingest.formats.html_inline import BOLD
from qa.ingest.formats.html_tree import Node

__all__ = ["HEADINGS", "Chrome", "Panels", "chrome", "hidden", "is_bold", "is_layout", "is_repeated", "rows"]

HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
Chrome = Literal["", "furniture", "contents", "edge"]
"""edge: the header or footer of a page, whose facts count all the same."""

_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


def _hint(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?:^|[\s_-])(?:{words})(?:$|[\s_-])", re.IGNORECASE)


_CHROME = _hint(
    r"nav\w*|menu\w*|breadcrumbs?|crumbs?|pagination|pager|share\w*|sharing|social\w*|skip\w*|toolbar|sidebar\w*|"
    r"related\w*|newsletter|subscribe|advert\w*|ads?|adsbygoogle|promo\w*|masthead|topbar|sitemap|tag-?list|langs?|languages?"
)
_COOKIES = _hint(r"cookie\w*|consent\w*|gdpr\w*")
_TRAIL = _hint(r"breadcrumbs?|crumbs?")
_CONTENTS = _hint(r"toc\w*|table-of-contents|contents|doc-toc")
_POPUP = _hint(
    r"modal\w*|popup|pop-up|tooltip\w*|lightbox|offcanvas|preloader|loader|spinner|dropdown\w*|toast|preheader|menu|nav\w*"
)
_PANEL = _hint(
    r"\w*accordion\w*|collaps\w*|\w*panel|tab\w*|answers?|faq\w*|toggle\w*|expand\w*|more\w*|spoiler\w*|details|content|body"
)
_OPENER = _hint(r"\w*accordion\w*|collaps\w*|faq\w*|question\w*|toggle\w*|expand\w*")
_ROLES = {
    **dict.fromkeys(("navigation", "menubar", "menu", "toolbar", "search", "directory"), "furniture"),
    "doc-toc": "contents",
    "banner": "edge",
    "contentinfo": "edge",
}
_CONTENT_AROUND = frozenset(("article", "main", "section", "blockquote", "figure", "td", "th", "li", "dialog"))
_WORDY = 200  # characters outside of links that make a navigation more than that
_CELL_CHARS = 300


def hidden(node: Node) -> bool:
    """Whether an element is not shown before somebody clicks, or never."""
    names = node.attributes
    return "hidden" in names or node.get("aria-hidden") == "true" or bool(_HIDDEN_STYLE.search(node.get("style")))


def chrome(node: Node) -> Chrome:
    """What an element holds instead of the page's own text, if anything."""
    role = node.get("role").lower()
    names = f"{node.get('class')} {node.get('id')} {node.get('aria-label').replace(' ', '-')}"
    if _COOKIES.search(names) and node.size < 2_000 and node.tag not in HEADINGS | {"body", "html", "main"}:
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
        if _beside(panel) in around:
            self.openers.add(id(opener))
        elif id(panel) not in self.titles and (_clickable(opener) and opener.size):
            self.titles[id(panel)] = opener
            self.tabs.add(id(opener))

    def shown(self, node: Node) -> bool:
        """Whether a hidden element is a panel that people open, and not something that nobody is to see."""
        names = f"{node.get('class')} {node.get('id')}"
        if node.size == 0 or node.tag in ("span", "a", "i", "b", "input", "nav", "svg"):
            return False
        if id(node) in self._known or node.get("role") in ("tabpanel", "region"):
            return True
        if _POPUP.search(names) or node.get("role") in ("dialog", "alertdialog", "menu", "alert", "status"):
            return False
        beside = _beside(node)
        return bool(_PANEL.search(names)) or (beside is not None and _opens(beside))


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
    """Whether an element looks like the title of a panel: a heading, a button, or a line that holds one."""
    around = [node, *node.elements[:3], *(inner for child in node.elements[:3] for inner in child.elements[:3])]
    return (
        any(
            piece.tag in HEADINGS or piece.tag in ("button", "summary", "dt", "legend") or _clickable(piece)
            for piece in around
        )
        and 0 < node.size < _CELL_CHARS
    )


def rows(table: Node) -> list[tuple[Node, bool]]:
    """The rows of a table, and whether each stands in its head; tables in its cells have their own."""
    found: list[tuple[Node, bool]] = []
    stack = [(child, False) for child in reversed(table.elements)]
    while stack:
        node, head = stack.pop()
        if node.tag == "tr":
            found.append((node, head))
        elif node.tag not in ("td", "th", "caption", "table"):
            stack.extend((child, head or node.tag == "thead") for child in reversed(node.elements))
    return found


def is_layout(table: Node, lines: list[tuple[Node, bool]]) -> bool:
    """Whether a table only places things on the page, so that its cells are ordinary text."""
    if table.get("role") in ("presentation", "none"):
        return True
    cells = [[cell for cell in row.elements if cell.tag in ("td", "th")] for row, _ in lines]
    if max(map(len, cells), default=0) < 2:
        return True
    inner, blocks = 0, 0
    marked = any(child.tag in ("caption", "thead") for child in table.elements)
    for cell in (cell for row in cells for cell in row):
        marked = marked or cell.tag == "th"
        for child, _ in zip(cell.walk(), range(200), strict=False):
            if child.tag == "table" and (child.size * 2 > cell.size or _is_block_table(child)):
                inner += child.size
            blocks += child.tag in HEADINGS or child.tag in ("ul", "ol", "form", "article", "section", "pre")
    if inner * 2 > table.size:
        return True
    if marked:
        return False
    if blocks or inner:
        return blocks * 4 > sum(map(len, cells)) or len(cells) < 3
    long = [cell for row in cells for cell in row if cell.size > _CELL_CHARS]
    return len(cells) == 1 and bool(long)


def _is_block_table(table: Node) -> bool:
    return any(
        node.tag == "table" for node, _ in zip((n for n in table.walk() if n is not table), range(50), strict=False)
    )


def is_bold(node: Node) -> bool:
    """Whether all text of an element is in bold print."""
    place = node
    while True:
        if place.tag in BOLD:
            return True
        full = [child for child in place.children if not (isinstance(child, str) and not child.strip())]
        full = [child for child in full if isinstance(child, str) or child.size]
        if not full or any(isinstance(child, str) for child in full):
            return False
        if all(isinstance(child, Node) and child.tag in BOLD for child in full):
            return True
        if len(full) > 1 or not isinstance(full[0], Node):
            return False
        place = full[0]
