"""Layers of a PDF that are off: PDFium knows which they are only when it draws, so that their text is drawn alone."""

import ctypes
import re
import zlib
from collections.abc import Sequence
from typing import Any

from qa.ingest.formats.pdf.calls import address, untyped

__all__ = ["hide_layers", "may_have_layers"]

_KEY = b"/OCProperties"
_MARK = "OC\0".encode("utf-16-le")
_PACKED = re.compile(rb"/ObjStm\b(.{0,2000}?)\bstream\r?\n", re.DOTALL)  # objects that are compressed
_ESCAPED = re.compile(rb"/\w*#[0-9A-Fa-f]{2}")  # a name that may be the key in other letters
_MOST_UNPACKED = 100_000_000  # bytes of a file's compressed objects
_SIDE = 600  # pixels of the longer side of a page
_MOST_GROUPS = 200  # of a page that are drawn one by one; the rest by the names of their layers
_TRIED = 5  # texts of a group that did not show


def may_have_layers(data: bytes) -> bool:
    """Whether a file has layers, or packs its objects in a way that does not tell."""
    if _KEY in data or _ESCAPED.search(data):
        return True
    found = [*_PACKED.finditer(data)]
    if len(found) < data.count(b"/ObjStm"):
        return True
    budget = _MOST_UNPACKED
    for place in found:
        if b"endobj" in place[1] or b"DecodeParms" in place[1] or budget <= 0:
            return True
        try:
            unpacked = zlib.decompressobj().decompress(data[place.end() : place.end() + len(data)], budget)
        except zlib.error:
            return True
        if _KEY in unpacked or _ESCAPED.search(unpacked):
            return True
        budget -= len(unpacked)
    return False


def hide_layers(document: Any, page: Any, texts: Sequence[tuple[int, tuple[int, ...]]], others: Sequence[int]) -> None:
    """Switches off texts of a page that are on layers that are off.

    texts: those that are painted, with the forms around each; others: what else is drawn, forms aside. Texts in the
    same forms and under the same marks are drawn together and without the rest. Those that leave no trace then, though
    they do where layers do not count, are on a layer that is off.
    """
    import pypdfium2.raw as raw

    switch = untyped(raw.FPDFPageObj_SetIsActive, ctypes.c_int, ctypes.c_void_p, ctypes.c_int)
    groups: dict[tuple[int | bytes, ...], list[int]] = {}
    for handle, forms in texts:
        marks = _marks(handle, raw)
        if marks or forms:
            key = (*forms, *map(address, marks)) if len(groups) < _MOST_GROUPS else tuple(_name(m, raw) for m in marks)
            groups.setdefault(key, []).append(handle)
    if not groups:
        return
    everything = [*(handle for handle, _ in texts), *others]
    hidden: set[int] = set()
    for handle in everything:
        switch(handle, 0)
    for group in groups.values():
        for handle in group:
            switch(handle, 1)
        if not _drawn(page, raw) and any(_drawn_alone(document, page, handle, raw) for handle in group[:_TRIED]):
            hidden.update(group)
        for handle in group:
            switch(handle, 0)
    for handle in everything:
        switch(handle, handle not in hidden)


def _marks(handle: int, raw: Any) -> list[Any]:
    """The marks of layers that an object stands under; each is one place in the page's content."""
    item = ctypes.cast(handle, raw.FPDF_PAGEOBJECT)
    name, length = (ctypes.c_ushort * 3)(), ctypes.c_ulong()
    found = []
    for index in range(raw.FPDFPageObj_CountMarks(item)):
        mark = raw.FPDFPageObj_GetMark(item, index)
        named = raw.FPDFPageObjMark_GetName(mark, name, ctypes.sizeof(name), length)
        if named and length.value == len(_MARK) and bytes(name) == _MARK:
            found.append(mark)
    return found


def _name(mark: Any, raw: Any) -> bytes:
    """What a layer is called; empty for several together."""
    name, length = (ctypes.c_ushort * 100)(), ctypes.c_ulong()
    raw.FPDFPageObjMark_GetParamStringValue(mark, b"Name", name, ctypes.sizeof(name), length)
    return bytes(name)


def _drawn(page: Any, raw: Any) -> bool:
    """Whether what is switched on leaves a trace on a transparent ground."""
    scale = _SIDE / max(*page.get_size(), 1.0)
    wide, high = (max(1, round(side * scale)) for side in page.get_size())
    bitmap = raw.FPDFBitmap_CreateEx(wide, high, raw.FPDFBitmap_BGRA, None, 0)
    raw.FPDFBitmap_FillRect(bitmap, 0, 0, wide, high, 0)
    raw.FPDF_RenderPageBitmap(bitmap, page.raw, 0, 0, wide, high, 0, 0)
    return _traced(bitmap, raw)


def _drawn_alone(document: Any, page: Any, handle: int, raw: Any) -> bool:
    """Whether a text leaves a trace by itself: PDFium looks at no layers then."""
    item = ctypes.cast(handle, raw.FPDF_PAGEOBJECT)
    bitmap = raw.FPDFTextObj_GetRenderedBitmap(document.raw, page.raw, item, 1.0)
    return bool(bitmap) and _traced(bitmap, raw)


def _traced(bitmap: Any, raw: Any) -> bool:
    """Whether any byte of a bitmap is set; it is closed."""
    size = raw.FPDFBitmap_GetStride(bitmap) * raw.FPDFBitmap_GetHeight(bitmap)
    traced = ctypes.string_at(raw.FPDFBitmap_GetBuffer(bitmap), size) != bytes(size)
    raw.FPDFBitmap_Destroy(bitmap)
    return traced
