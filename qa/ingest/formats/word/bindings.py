"""Content controls that are bound to data: Word shows the data, whatever is stored in the control."""

import re
from typing import TYPE_CHECKING, Any

from qa.ingest.decoding import clean
from qa.ingest.formats.word.styles import WORD, attribute

if TYPE_CHECKING:
    from docx.opc.part import Part

__all__ = ["settle_bindings"]

_PREFIX = re.compile(r"xmlns:([\w.-]+)\s*=\s*(['\"])(.+?)\2")
_SAVED = re.compile(r"(\d\d(\d\d))-(\d\d)-(\d\d)")  # a date in data: year, its end, month, day
_WORD = r"[^\W\d][\w.-]*"
_NAME = rf"(?:{_WORD}:)?{_WORD}"
_PATH = re.compile(rf"(?:/{_NAME}(?:\[\d{{1,4}}\])?)+(?:/@{_NAME}|/text\(\))?")
_LOOK_UPS = 1_000  # each may read all data; controls after these are not certain
_PROPERTIES = {  # parts that every document has, by the id of their store
    "{6C3C8BC8-F283-45AE-878A-BAB7291924A1}": "/core-properties",
    "{6668398D-A668-4E3E-A75B-5EB43A0FB5B7}": "/extended-properties",
}


def settle_bindings(root: Any, document: "Part") -> None:
    """Give bound controls the text of their data. Where it differs from what is stored, the paragraph shows an element
    that no reader knows, so that it counts as read in part.
    """
    controls = [(node, _binding(node)) for node in root.iter(f"{WORD}sdt")]
    bound = [(control, binding) for control, binding in controls if binding is not None]
    stores = _stores(document) if bound else {}
    values: dict[tuple[str, str, str], str | None] = {}
    for control, binding in bound:
        key = attribute(binding, "storeItemID"), attribute(binding, "xpath"), attribute(binding, "prefixMappings")
        if key not in values:
            values[key] = _value(stores, *key) if len(values) < _LOOK_UPS else None
        _settle(control, values[key] if binding.tag == f"{WORD}dataBinding" else None)


def _binding(control: Any) -> Any:
    properties = control.find(f"{WORD}sdtPr")
    nodes = properties if properties is not None and control.find(f"{WORD}sdtContent") is not None else ()
    return next((node for node in nodes if str(node.tag).endswith("}dataBinding")), None)


def _stores(document: "Part") -> dict[str, Any]:
    """The roots of all parts with data, by the ids of their stores."""
    from docx.oxml import parse_xml

    found = {}
    for relation in document.rels.values():
        if not relation.is_external and relation.reltype.endswith("/customXml"):
            part = relation.target_part
            named = (inner for inner in part.rels.values() if inner.reltype.endswith("/customXmlProps"))
            for inner in named:
                number = next(iter(parse_xml(inner.target_part.blob).attrib.values()), "")
                found[number.upper()] = parse_xml(part.blob)
    for number, ending in _PROPERTIES.items():
        for relation in document.package.rels.values() if document.package is not None else ():
            if not relation.is_external and relation.reltype.endswith(ending):
                found[number] = parse_xml(relation.target_part.blob)
    return found


def _value(stores: dict[str, Any], number: str, path: str, prefixes: str) -> str | None:
    """The text that a control is bound to; None if it is not certain."""
    root = stores.get(number.upper())
    if root is None or not _PATH.fullmatch(path):
        return None
    try:
        names = {prefix: uri for prefix, _, uri in _PREFIX.findall(prefixes)}
        found = root.getroottree().xpath(path, namespaces=names or None)
    except Exception:  # a prefix without a name, or one that libxml2 refuses
        return None
    if not found:
        return None
    return _plain(found[0] if isinstance(found[0], str) else "".join(found[0].itertext()))


def _settle(control: Any, value: str | None) -> None:
    properties, content = control.find(f"{WORD}sdtPr"), control.find(f"{WORD}sdtContent")
    kinds = {str(node.tag).rpartition("}")[2] for node in properties}
    texts = list(content.iter(f"{WORD}t"))
    stored = _plain("".join(node.text or "" for node in texts))
    items = {attribute(item, "value"): attribute(item, "displayText") for item in properties.iter(f"{WORD}listItem")}
    shown = (items.get(value) or value) if value is not None else ""
    if "picture" in kinds or (value is not None and stored == _plain(shown)):
        return
    if value is not None and "checkbox" not in kinds and not ("date" in kinds and _is_date(stored, value)):
        for node in texts:
            node.text = ""
        if texts and "date" not in kinds:  # those are shown in a form of their own
            texts[0].text = shown
    for place in list(content.iter(f"{WORD}p")) or [content]:
        run = place.makeelement(f"{WORD}r")
        run.append(run.makeelement(f"{WORD}bound"))
        place.append(run)


def _is_date(stored: str, value: str) -> bool:
    """Whether all numbers in a text are those of a date in data."""
    saved = _SAVED.match(value)
    return saved is not None and {int(found) for found in re.findall(r"\d+", stored)} <= set(map(int, saved.groups()))


def _plain(text: str) -> str:
    return " ".join(clean(text).split())
