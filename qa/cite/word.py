"""Findings as a Word document: the draft's paragraphs, with a footnote behind each sentence.

Written as XML in a ZIP archive, which takes no library.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape

from qa.cite.draft import Draft
from qa.cite.findings import Cited
from qa.cite.record import explained, headline, place
from qa.records import Block
from qa.text import label, one_line, visible

__all__ = ["word"]

_MAIN = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KIND = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_COLOURS = {"contradicted": "C00000", "no source": "C00000", "unconfirmed": "7F6000", "proven": "375623"}
_ILLEGAL = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_FIXED = {  # the same every time: equal findings give equal bytes
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/word/document.xml" ContentType="{_KIND}.document.main+xml"/>'
    f'<Override PartName="/word/footnotes.xml" ContentType="{_KIND}.footnotes+xml"/>'
    f'<Override PartName="/word/styles.xml" ContentType="{_KIND}.styles+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
    f'Type="{_OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>',
    "word/_rels/document.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/footnotes" Target="footnotes.xml"/>'
    f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
    "word/styles.xml": f'<w:styles xmlns:w="{_MAIN}">'
    '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/>'
    '<w:pPr><w:spacing w:after="120"/></w:pPr></w:style>'
    + "".join(
        f'<w:style w:type="paragraph" w:styleId="Heading{n}"><w:name w:val="heading {n}"/><w:basedOn w:val="Normal"/>'
        f'<w:pPr><w:outlineLvl w:val="{n - 1}"/></w:pPr><w:rPr><w:b/><w:sz w:val="{36 - 4 * n}"/></w:rPr></w:style>'
        for n in range(1, 7)
    )
    + "</w:styles>",
}


def word(draft: Draft, found: Sequence[Cited], folder: str = "") -> bytes:
    """The bytes of a .docx file. folder: as for `markdown`."""
    numbered = {cited.claim.start: (n, cited) for n, cited in enumerate(found, 1)}
    body = "".join(_paragraph(draft, block, numbered) for block in draft.blocks)
    notes = "".join(_footnote(n, cited, folder) for n, cited in numbered.values())
    special = "".join(
        f'<w:footnote w:type="{kind}" w:id="{n}"><w:p><w:r><w:{kind}/></w:r></w:p></w:footnote>'
        for n, kind in ((-1, "separator"), (0, "continuationSeparator"))
    )
    parts = {
        **_FIXED,
        "word/document.xml": f'<w:document xmlns:w="{_MAIN}"><w:body>{body}</w:body></w:document>',
        "word/footnotes.xml": f'<w:footnotes xmlns:w="{_MAIN}">{special}{notes}</w:footnotes>',
    }
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name), _HEAD + content, zipfile.ZIP_DEFLATED)
    return data.getvalue()


def _paragraph(draft: Draft, block: Block, numbered: dict[int, tuple[int, Cited]]) -> str:
    """A block of the draft, with a footnote behind each of its claims."""
    style = (
        f'<w:pPr><w:pStyle w:val="Heading{min(max(block.level, 1), 6)}"/></w:pPr>' if block.kind == "heading" else ""
    )
    runs, at = [], block.start
    for n, cited in (numbered[start] for start in sorted(numbered) if block.start <= start < block.end):
        runs += [_run(draft.text[at : cited.claim.end]), _reference(n)]
        at = cited.claim.end
    text = draft.text[at : block.end]
    return f"<w:p>{style}{''.join(runs)}{_run(text.lstrip('# ') if block.kind == 'heading' else text)}</w:p>"


def _footnote(n: int, cited: Cited, folder: str) -> str:
    runs = ['<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:footnoteRef/></w:r>']
    runs += [_run(f" {headline(cited)}", f'<w:b/><w:color w:val="{_COLOURS[cited.state]}"/>')]
    runs += [_run(f" {line}") for line in (*explained(cited), *_quoted(cited, folder))]
    return f'<w:footnote w:id="{n}"><w:p>{"".join(runs)}</w:p></w:footnote>'


def _quoted(cited: Cited, folder: str) -> Iterator[str]:
    for quote in cited.quotes:
        yield f"“{one_line(quote.text)}” ({label(quote.title)}, {place(quote, folder)})."


def _reference(n: int) -> str:
    return f'<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:footnoteReference w:id="{n}"/></w:r>'


def _run(text: str, properties: str = "") -> str:
    if not text:
        return ""
    shown = escape(_ILLEGAL.sub("\ufffd", re.sub(r"\s+", " ", visible(text))))
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{shown}</w:t></w:r>'
