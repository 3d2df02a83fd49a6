"""Pages that are XML, such as the chapters of a book, as the tree that HTML gives."""

from html.entities import html5
from typing import TYPE_CHECKING

from qa.ingest.formats.common.concealed import GAP
from qa.ingest.formats.html.tree import Node, complete

if TYPE_CHECKING:
    from lxml.etree import _Element

__all__ = ["parse_xml"]

_NAMESPACES = {  # how the names in a namespace begin, as they are written in HTML
    "http://www.w3.org/XML/1998/namespace": "xml:",
    "http://www.idpf.org/2007/ops": "epub:",
    "http://www.w3.org/1999/xhtml": "",
    "http://www.w3.org/2000/svg": "",
    "http://www.w3.org/1998/Math/MathML": "",
    "http://www.daisy.org/z3986/2005/dtbook/": "",
}
_FOREIGN = "other:"
_PERHAPS = frozenset(("epub:case", "noscript"))  # shown by some reading programs


def parse_xml(markup: str) -> Node | None:
    """The tree of a page, under a node `document`; None if it is not well-formed. ImportError without lxml.

    Entities that the page declares itself are not resolved: what stands there is missing.
    """
    from lxml import etree

    parser = etree.XMLParser(encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(markup.encode("utf-8", "replace"), parser)
        return _tree(root, declares="<!ENTITY" in markup)
    except (etree.XMLSyntaxError, ValueError):
        return None


def _tree(root: "_Element", declares: bool) -> Node:
    """declares: whether the page has entities of its own."""
    from lxml import etree

    document = Node("document", {})
    stack: list[tuple[_Element | str, Node]] = [(root, document)]
    while stack:
        element, parent = stack.pop()
        if isinstance(element, str):
            parent.children.append(element)
        elif isinstance(element.tag, str):
            name = _name(element.tag)
            attributes = {_name(key): value for key, value in element.attrib.items()}
            node = Node(GAP if name in _PERHAPS else name, attributes, parent)
            parent.children.append(node)
            for child in reversed(element):
                stack += [(child.tail, node)] if child.tail else []
                stack.append((child, node))
            stack += [(element.text, node)] if element.text else []
        elif element.tag is etree.Entity:
            sign = "" if declares else html5.get((element.text or "").removeprefix("&"))
            parent.children.append(sign or Node(GAP, {}, parent))
    return complete(document)


def _name(name: str) -> str:
    """A name of XML as HTML has it. A prefix makes no difference, only what it stands for."""
    space, _, local = name.rpartition("}")
    return f"{_NAMESPACES.get(space[1:], _FOREIGN) if space else ''}{local if 'xhtml' in space else local.lower()}"
