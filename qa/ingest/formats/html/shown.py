"""Reduce the tree of a page to what a browser shows, so that the readers need not ask whether an element is hidden."""

from collections.abc import Iterator

from qa.ingest.formats.common.concealed import GAP, has_no_box, is_silent, may_be_shown, visibility
from qa.ingest.formats.html.parts import Panels, hidden
from qa.ingest.formats.html.tree import Node, measure, struck

__all__ = ["keep_shown"]

_Children = list[Node | str]
_ROWS = frozenset(("table", "thead", "tbody", "tfoot", "tr"))
_IN_TABLES = _ROWS - {"table"} | {"td", "th", "caption", "colgroup", "col", "script", "style", "template"}
_PLACES = frozenset(("td", "th", "li"))  # siblings are counted, so these keep their place
_SPEAKING = frozenset(("img", "input", "select", "textarea", "button", "math", "q"))  # shown even without words in them
_RAW = frozenset(("textarea", "title", "script", "style"))  # their content is not markup
_ENDS_DRAWING = frozenset(
    """
    b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img li menu nobr ol p pre
    ruby s small span strong strike sub sup table tt u ul var
    """.split()
)  # start tags that end the SVG they are in, by the HTML standard
_UNDRAWN = frozenset(("defs", "symbol", "clippath", "mask", "marker", "pattern", "title", "desc", "metadata"))


def keep_shown(root: Node, panels: Panels, scripts: bool = True) -> bool:
    """Remove what is never shown from a tree, and move the rest to where a browser puts it.

    An element without a box is removed, so that a cell takes no column. One that is merely invisible stays, without
    words. Returns whether something is left out that may be shown after all. scripts: whether scripts are run.
    """
    nodes = list(root.walk())
    _leave_drawings(nodes)
    _leave_tables(nodes)
    _empty_struck_cells(nodes)
    sure = _hide(root, panels, scripts)
    measure(root)
    return not sure


def _hide(root: Node, panels: Panels, scripts: bool) -> bool:
    stack = [(root, True, False)]
    sure = True
    while stack:
        node, visible, foreign = stack.pop()
        foreign = foreign or node.tag in ("svg", "math")
        kept: _Children = []
        for child in node.children:
            if isinstance(child, str):
                kept.append(child if visible else " ")
                continue
            seen = _is_seen(child, visible, panels)
            inert = child.tag == "noscript" and child.size > 0 and not scripts
            panel = seen is not None and hidden(child) and panels.shown(child)
            sure = sure and (panel or not (inert or may_be_shown(child.tag, child.attributes, foreign)))
            if seen is None:
                if not has_no_box(child.tag, child.attributes):
                    kept.append(_without_words(child))
            elif seen or child.tag not in _SPEAKING:
                kept.append(child)
                stack += [(child, seen, foreign)] if child.tag not in _RAW else ()
        node.children = kept
    return sure


def _without_words(node: Node) -> Node:
    node.children = []
    if node.tag not in _PLACES:
        node.tag, node.attributes = GAP, {}
    return node


def _is_seen(node: Node, visible: bool, panels: Panels) -> bool | None:
    """Whether the text directly in an element is visible; None if nothing in it is.

    visible: whether the text around it is.
    """
    if not node.attributes and node.tag != "dialog":
        return visible
    if hidden(node) and panels.shown(node):
        return visible
    if has_no_box(node.tag, node.attributes) or is_silent(node.tag, node.attributes):
        return None
    own = visibility(node.attributes)
    return visible if own is None else own


def _empty_struck_cells(nodes: list[Node]) -> None:
    """Leave nothing in the cells and captions of what is struck out, which keep their place."""
    for node in nodes:
        for part in node.walk() if struck(node) else ():
            if part.tag in ("td", "th", "caption"):
                part.children = [Node(GAP, {}, part)]


def _leave_drawings(nodes: list[Node]) -> None:
    """Move the HTML in SVG drawings before them: the content of `<foreignObject>`, and tags that end the drawing."""
    passed: set[int] = set()
    moved: dict[int, _Children] = {}
    for svg in nodes:
        if svg.tag == "svg" and id(svg) not in passed:
            found = list(_html_in(svg, passed))
            moved |= {id(svg): list(found)} if found else {}
            _take_out(found, svg.parent)
    _put_before(nodes, moved)


def _html_in(svg: Node, passed: set[int]) -> Iterator[Node]:
    """The HTML elements in a drawing. passed: gets the drawings inside of it."""
    stack = [(child, hidden(svg)) for child in reversed(svg.elements)]
    while stack:
        node, unseen = stack.pop()
        passed.update((id(node),) if node.tag == "svg" else ())
        if node.tag in _ENDS_DRAWING:
            yield node
        elif node.tag == "foreignobject":
            if not unseen and not hidden(node):
                node.tag = "div"
                yield node
        elif node.tag not in _UNDRAWN:
            stack.extend((child, unseen or hidden(node)) for child in reversed(node.elements))


def _leave_tables(nodes: list[Node]) -> None:
    """Move what stands between the cells of a table before the table ("foster parenting" in the HTML standard)."""
    around = _around_rows(nodes)
    moved: dict[int, _Children] = {}
    for node in nodes:
        table = _table(node, around)
        strays = [child for child in node.children if _is_stray(child, around)] if table else []
        if table and strays and table.parent:
            node.children = [child for child in node.children if not _is_stray(child, around)]
            moved.setdefault(id(table), []).extend(strays)
            for stray in strays:
                if isinstance(stray, Node):
                    stray.parent = table.parent
    _put_before(nodes, moved)


def _around_rows(nodes: list[Node]) -> set[int]:
    """Other elements that contain rows of a table, such as forms."""
    around: set[int] = set()
    for node in nodes:
        place = node.parent if node.tag == "tr" else None
        while place is not None and place.tag not in ("table", "td", "th") and id(place) not in around:
            around.add(id(place))
            place = place.parent
    return around


def _table(node: Node, around: set[int]) -> Node | None:
    """The table that an element outside of its cells is part of."""
    place: Node | None = node
    while place is not None and place.tag != "table":
        if place.tag not in _ROWS and id(place) not in around:
            return None
        place = place.parent
    return place


def _is_stray(child: Node | str, around: set[int]) -> bool:
    if isinstance(child, str):
        return bool(child.strip())
    return child.tag not in _IN_TABLES and id(child) not in around and child.get("type") != "hidden"


def _take_out(nodes: list[Node], parent: Node | None) -> None:
    """Remove nodes from their parents and give them another parent."""
    gone = set(map(id, nodes))
    for place in {id(node.parent): node.parent for node in nodes}.values():
        if place is not None:
            place.children = [child for child in place.children if id(child) not in gone]
    for node in nodes:
        node.parent = parent


def _put_before(nodes: list[Node], moved: dict[int, _Children]) -> None:
    """moved: by the id of a node, what to put before it."""
    for parent in {id(node.parent): node.parent for node in nodes if id(node) in moved}.values():
        if parent is not None:
            parent.children = list(_settled(parent.children, moved))


def _settled(children: _Children, moved: dict[int, _Children]) -> Iterator[Node | str]:
    stack = children[::-1]
    while stack:
        child = stack.pop()
        if before := moved.pop(id(child), None):
            stack += [child, *reversed(before)]
        else:
            yield child
