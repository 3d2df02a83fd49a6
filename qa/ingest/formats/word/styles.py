"""Styles of a Word document, resolved along the styles that they are based on."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from qa.ingest.formats.common.symbols import is_symbolic

__all__ = ["WORD", "Styles", "alignment", "attribute", "is_on", "is_set"]

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_MOVED = re.compile(r"-?0*(?:[3-9]|[1-9]\d|[1-9][\d.]*[a-z])")  # half points, or a number with a unit
_HEADING = re.compile(
    r"(?:heading|überschrift|titre|título|titulo|titolo|rubrik|kop|overskrift|otsikko|nagłówek|nadpis|címsor|başlık|naslov|"
    r"заголовок|επικεφαλίδα|fyrirsögn|標題|标题|見出し|제목)\s*([1-9])\b",
    re.IGNORECASE,
)
_TITLES = frozenset(("title", "titel", "titre", "título", "titolo", "otsikko", "rubrik"))
_CONTENTS = re.compile(
    r"(?:toc|verzeichnis|inhopg|tdm|sumário|sommario|tdc|目录|目次)\s*\d|toc heading|table of figures", re.IGNORECASE
)
_QUOTED = re.compile(r"(?:intense ?)?quot(?:e|ations?)\b|block ?text\b", re.IGNORECASE)  # in any language of Word
_TOGGLES = frozenset(("b", "caps", "smallCaps", "strike", "vanish"))  # those among the properties that are read here
_SIGNS = ("02", "2")  # the character set of fonts that have signs in the place of letters
_CHAIN = 20  # styles based on one another; longer chains are loops or worse


def attribute(node: Any, name: str) -> str:
    """An attribute in Word's namespace, empty if it is not there."""
    return node.get(f"{WORD}{name}") or "" if node is not None else ""


def is_on(parent: Any, name: str) -> bool | None:
    """A property that is on or off; None where it is not mentioned."""
    node = parent.find(f"{WORD}{name}") if parent is not None else None
    return None if node is None else attribute(node, "val").lower() not in ("0", "false", "off", "none")


def is_set(node: Any, name: str) -> bool:
    """An attribute that is on or off."""
    return attribute(node, name).lower() in ("1", "true", "on")


def alignment(properties: Any) -> str | None:
    """Whether characters are raised (super) or lowered (sub), by name or by a distance; None where neither is said.

    Distances under 1.5 points are ignored: converters from PDF write them to keep lines in place.
    """
    if properties is None:
        return None
    named = attribute(properties.find(f"{WORD}vertAlign"), "val")
    distance = attribute(properties.find(f"{WORD}position"), "val")
    if named in ("superscript", "subscript"):
        return named.removesuffix("script")
    if _MOVED.match(distance):
        return "sub" if distance.startswith("-") else "super"
    return "" if named or distance else None


def _of_theme(theme: Any) -> dict[str, str]:
    """The fonts of a theme for Latin characters: major, minor."""
    found = {}
    for kind in ("major", "minor"):
        node = next(theme.iter(f"{_DRAWING}{kind}Font"), None) if theme is not None else None
        latin = node.find(f"{_DRAWING}latin") if node is not None else None
        found[kind] = (latin.get("typeface") or "") if latin is not None else ""
    return found


def _default(styles: Iterable[Any], kind: str) -> str:
    """The id of the default style of a kind; empty if there is none."""
    found = (s for s in styles if attribute(s, "type") == kind and is_set(s, "default"))
    return next((attribute(style, "styleId") for style in found), "")


class Styles:
    """Looks up properties of a style by its id. root: of styles.xml, or None if a document has none; theme, fonts: of
    the parts that name the fonts of its theme, and those that it uses.
    """

    def __init__(self, root: Any, theme: Any = None, fonts: Any = None) -> None:
        found = root.findall(f"{WORD}style") if root is not None else ()
        self._styles = {attribute(style, "styleId"): style for style in found}
        self._default = _default(found, "paragraph")
        self._default_table = _default(found, "table")
        self._defaults = root.find(f"{WORD}docDefaults/{WORD}rPrDefault/{WORD}rPr") if root is not None else None
        self._themed = _of_theme(theme)
        used = fonts.findall(f"{WORD}font") if fonts is not None else ()
        self._of_signs = {
            attribute(node, "name").lower() for node in used if attribute(node.find(f"{WORD}charset"), "val") in _SIGNS
        }
        self._fonts: dict[tuple[str, ...], str] = {}
        self._levels: dict[str, int] = {}
        self._computed: dict[tuple[str, ...], bool] = {}
        self._flags: dict[tuple[str, str], bool | None] = {}

    def of(self, properties: Any) -> str:
        """The style of a paragraph, by its `w:pPr`."""
        style = attribute(properties.find(f"{WORD}pStyle"), "val") if properties is not None else ""
        return style or self._default

    def frame(self, properties: Any) -> Any:
        """The frame that a paragraph stands in, by its `w:pPr` or its style; None if it stands in the text."""
        own = properties.find(f"{WORD}framePr") if properties is not None else None
        frames = (node.find(f"{WORD}pPr/{WORD}framePr") for node in self._chain(self.of(properties)))
        return next((frame for frame in frames if frame is not None), None) if own is None else own

    def of_table(self, table: Any) -> str:
        """The style of a table; empty for None."""
        if table is None:
            return ""
        return attribute(table.find(f"{WORD}tblPr/{WORD}tblStyle"), "val") or self._default_table

    def name(self, style: str) -> str:
        """What a style is called, in lower case."""
        node = self._styles.get(style)
        named = attribute(node.find(f"{WORD}name"), "val") if node is not None else ""
        return (named or style).lower()

    def level(self, style: str) -> int:
        """The level of a heading style, from 1; 0 for other styles."""
        if style not in self._levels:
            self._levels[style] = self._level(style)
        return self._levels[style]

    def is_contents(self, style: str) -> bool:
        """Whether a style is that of a table of contents."""
        return bool(_CONTENTS.match(self.name(style)))

    def is_quotation(self, style: str) -> bool:
        """Whether a style, or one that it is based on, is a style for quotations."""
        names = [style, *(attribute(node.find(f"{WORD}name"), "val") for node in self._chain(style))]
        return any(map(_QUOTED.match, names))

    def numbering(self, style: str) -> tuple[str, str]:
        """The list (numId) and the level that paragraphs of a style have, each empty if it names none."""
        number = level = ""
        for node in self._chain(style):
            properties = node.find(f"{WORD}pPr/{WORD}numPr")
            if properties is not None:
                number = number or attribute(properties.find(f"{WORD}numId"), "val")
                level = level or attribute(properties.find(f"{WORD}ilvl"), "val")
        return number, level

    def is_on(self, name: str, *styles: str) -> bool:
        """Whether characters have a property by their styles, innermost first, or by default.

        Two styles that both turn a toggle property on turn it off again (ECMA-376-1, 17.7.3).
        """
        key = (name, *styles)
        if key not in self._computed:
            flags = [self._flag(style, name) for style in styles if style]
            on = bool(is_on(self._defaults, name))
            toggled = on or sum(map(bool, flags)) % 2 == 1
            first = next((flag for flag in flags if flag is not None), on)
            self._computed[key] = toggled if name in _TOGGLES else first
        return self._computed[key]

    def _flag(self, style: str, name: str) -> bool | None:
        key = (style, name)
        if key not in self._flags:
            values = (is_on(node.find(f"{WORD}rPr"), name) for node in self._chain(style))
            self._flags[key] = next((value for value in values if value is not None), None)
        return self._flags[key]

    def aligned(self, style: str) -> str:
        """super, sub or empty."""
        values = (alignment(node.find(f"{WORD}rPr")) for node in self._chain(style))
        return next((value for value in values if value is not None), "") if style else ""

    def font(self, properties: Any, *styles: str) -> str:
        """The font of Latin characters: the run's own, else that of its styles, innermost first; or empty."""
        if own := self._font(properties):
            return own
        if styles not in self._fonts:
            nodes = (node.find(f"{WORD}rPr") for style in styles if style for node in self._chain(style))
            self._fonts[styles] = next(filter(None, map(self._font, nodes)), "") or self._font(self._defaults)
        return self._fonts[styles]

    def is_symbolic(self, font: str) -> bool:
        """Whether a font has signs in the place of letters."""
        return is_symbolic(font) or font.lower() in self._of_signs

    def _font(self, properties: Any) -> str:
        """The font that a list of properties names; if it names two, rather the one with signs."""
        fonts = properties.find(f"{WORD}rFonts") if properties is not None else None
        if fonts is None:
            return ""
        themed = [self._themed.get(attribute(fonts, f"{kind}Theme")[:5], "") for kind in ("ascii", "hAnsi")]
        named = [theme or attribute(fonts, kind) for theme, kind in zip(themed, ("ascii", "hAnsi"), strict=True)]
        return next(filter(self.is_symbolic, named), named[0] or named[1])

    def has_first_row(self, style: str) -> bool:
        """Whether a table style has a look of its own for the first row."""
        rows = (part for node in self._chain(style) for part in node.findall(f"{WORD}tblStylePr"))
        return any(attribute(part, "type") == "firstRow" and len(part) for part in rows)

    def _chain(self, style: str) -> Iterator[Any]:
        for _ in range(_CHAIN):
            node = self._styles.get(style)
            if node is None:
                return
            yield node
            style = attribute(node.find(f"{WORD}basedOn"), "val")

    def _level(self, style: str) -> int:
        for node in self._chain(style):
            name = attribute(node.find(f"{WORD}name"), "val") or attribute(node, "styleId")
            if match := _HEADING.match(name):
                return int(match[1])
            if name.lower() in _TITLES:
                return 1
            outline = attribute(node.find(f"{WORD}pPr/{WORD}outlineLvl"), "val")
            if outline.isdigit():
                return int(outline) + 1 if int(outline) < 9 else 0
        return 0
