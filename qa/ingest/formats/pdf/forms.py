"""Form fields of a PDF with their values, and notes typed onto its pages, as PDFium gives them."""

import ctypes
from collections.abc import Callable
from functools import partial
from typing import Any

from qa.ingest.formats.pdf.page import PageFrame, Widget

__all__ = ["as_shown", "widgets_of"]

_MOST_WIDGETS = 5_000  # of one page
_PASSWORD = 1 << 13  # the flag of a field that shows asterisks
_CUT = 20  # letters and digits: what shows of a long value in a small field may be no more than a part


def widgets_of(form: Any, page: Any, frame: PageFrame) -> list[Widget]:
    """Filled fields and notes typed onto the page, as a viewer shows them."""
    import pypdfium2.raw as raw

    found = []
    for index in range(min(raw.FPDFPage_GetAnnotCount(page.raw), _MOST_WIDGETS)):
        annotation = raw.FPDFPage_GetAnnot(page.raw, index)
        if not annotation:
            continue
        try:
            if widget := _widget(form, annotation, frame):
                found.append(widget)
        finally:
            raw.FPDFPage_CloseAnnot(annotation)
    return found


def as_shown(document: Any, number: int, widgets: list[Widget]) -> list[Widget]:
    """The widgets of a page, from 1, with the text that shows in a field where its value says something else."""
    import pypdfium2
    import pypdfium2.raw as raw

    if not any(widget.kind in ("text", "choice", "note") for widget in widgets):
        return widgets
    copy = pypdfium2.PdfDocument.new()
    try:
        copy.import_pages(document, [number - 1])
        printed = _texts(copy, widgets)
        page = copy[0]
        raw.FPDFPage_Flatten(page.raw, raw.FLAT_NORMALDISPLAY)
        page.close()
        shown = _texts(copy, widgets)
    finally:
        copy.close()
    return [
        widget._replace(value=_seen(widget, *texts)) if widget.kind in ("text", "choice", "note") else widget
        for widget, *texts in zip(widgets, printed, shown, strict=True)
    ]


def _texts(document: Any, widgets: list[Widget]) -> list[str]:
    """What stands in the boxes of widgets on the first page."""
    page = document[0]
    text = page.get_textpage()
    found = [text.get_text_bounded(*widget.box) for widget in widgets]
    text.close()
    page.close()
    return found


def _seen(widget: Widget, printed: str, shown: str) -> str:
    """The value of a field, or what shows in its place; empty if that cannot be told from what is printed below."""
    value, below, seen = map(_signs, (widget.value, printed, shown))
    seen = seen.replace(below, "", 1)
    cut = len(seen) >= _CUT or widget.kind == "choice"
    if not value or not seen or seen == value or (cut and (seen in value or value in seen)):
        return widget.value
    return "" if below else shown.strip("_ \r\n")


def _signs(text: str) -> str:
    return "".join(char for char in text if char.isalnum() or char in "-−+%")


def _widget(form: Any, annotation: Any, frame: PageFrame) -> Widget | None:
    import pypdfium2.raw as raw

    subtype = raw.FPDFAnnot_GetSubtype(annotation)
    rect = raw.FS_RECTF()
    raw.FPDFAnnot_GetRect(annotation, rect)
    if raw.FPDFAnnot_GetFlags(annotation) & (raw.FPDF_ANNOT_FLAG_HIDDEN | raw.FPDF_ANNOT_FLAG_NOVIEW):
        return None
    if raw.FPDFAnnot_HasKey(annotation, b"OC"):
        return None  # on a layer, which may be off
    box = (rect.left, min(rect.bottom, rect.top), rect.right, max(rect.bottom, rect.top))
    if subtype == raw.FPDF_ANNOT_FREETEXT:
        text = _string(partial(raw.FPDFAnnot_GetStringValue, annotation, b"Contents"))
        return Widget("note", "", "", text, *frame.box(*box), box) if text.strip() else None
    if subtype != raw.FPDF_ANNOT_WIDGET or form is None:
        return None
    kind = raw.FPDFAnnot_GetFormFieldType(form, annotation)
    name = _string(partial(raw.FPDFAnnot_GetFormFieldName, form, annotation))
    label = _string(partial(raw.FPDFAnnot_GetFormFieldAlternateName, form, annotation))
    if kind in (raw.FPDF_FORMFIELD_CHECKBOX, raw.FPDF_FORMFIELD_RADIOBUTTON):
        ticked = bool(raw.FPDFAnnot_IsChecked(form, annotation))
        if kind == raw.FPDF_FORMFIELD_CHECKBOX:
            return Widget("check", name, label, "yes" if ticked else "no", *frame.box(*box), box)
        if not ticked:
            return Widget("option", name, label, "no", *frame.box(*box), box)
        value = _string(partial(raw.FPDFAnnot_GetFormFieldExportValue, form, annotation)) or "yes"
        return Widget("radio", name, label, value, *frame.box(*box), box)
    if kind not in (raw.FPDF_FORMFIELD_TEXTFIELD, raw.FPDF_FORMFIELD_COMBOBOX, raw.FPDF_FORMFIELD_LISTBOX):
        return None
    if raw.FPDFAnnot_GetFormFieldFlags(form, annotation) & _PASSWORD and kind == raw.FPDF_FORMFIELD_TEXTFIELD:
        return None
    sort = "text" if kind == raw.FPDF_FORMFIELD_TEXTFIELD else "choice"
    value = _choices(form, annotation) if sort == "choice" else ""
    value = value or _string(partial(raw.FPDFAnnot_GetFormFieldValue, form, annotation))
    return Widget(sort, name, label, value, *frame.box(*box), box)


def _choices(form: Any, annotation: Any) -> str:
    """The labels of what is selected."""
    import pypdfium2.raw as raw

    count = min(max(raw.FPDFAnnot_GetOptionCount(form, annotation), 0), _MOST_WIDGETS)
    picked = [index for index in range(count) if raw.FPDFAnnot_IsOptionSelected(form, annotation, index)]
    return ", ".join(_string(partial(raw.FPDFAnnot_GetOptionLabel, form, annotation, index)) for index in picked)


def _string(read: Callable[[Any, int], int]) -> str:
    """A UTF-16 string of PDFium: asked for its length in bytes first."""
    size = read(None, 0)
    if not 2 < size < 1_000_000:
        return ""
    buffer = (ctypes.c_ushort * (size // 2))()
    read(buffer, size)
    return bytes(buffer)[: size - 2].decode("utf-16-le", "replace").replace("\x00", "")
