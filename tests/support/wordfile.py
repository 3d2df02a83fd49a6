"""Word files written by hand: XML in a ZIP archive, without the library that reads them."""

import io
import zipfile

__all__ = ["paragraph", "word_file"]

_MAIN = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_NAMES = (
    f'xmlns:w="{_MAIN}" xmlns:r="{_OFFICE}/relationships" xmlns:m="{_OFFICE}/math" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"'
)
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_KINDS = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_ROOTS = {"styles": "styles", "numbering": "numbering", "footnotes": "footnotes", "endnotes": "endnotes"}


def paragraph(text: str, style: str = "", properties: str = "", run: str = "") -> str:
    """A paragraph of one run."""
    own = (f'<w:pStyle w:val="{style}"/>' if style else "") + properties
    return f'<w:p><w:pPr>{own}</w:pPr><w:r><w:rPr>{run}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r></w:p>'


def word_file(body: str, **parts: str) -> bytes:
    """A document with the XML of its body. parts: the XML inside of styles, numbering, footnotes, endnotes, header1,
    footer1, ... A header or footer has the relation id of its name; customXml1 is data, whose store has the id {1}.
    """
    files = {"word/document.xml": f"{_HEAD}<w:document {_NAMES}><w:body>{body}</w:body></w:document>"}
    relations, types = "", ""
    for name, content in parts.items():
        kind = name.rstrip("0123456789")
        root = {"header": "hdr", "footer": "ftr"}.get(kind, kind)
        files[f"word/{name}.xml"] = f"{_HEAD}<w:{root} {_NAMES}>{content}</w:{root}>"
        if kind == "customXml":
            files[f"word/{name}.xml"] = content
            files[f"word/_rels/{name}.xml.rels"] = (
                f'{_HEAD}<Relationships xmlns="{_RELATIONS}"><Relationship Id="rId1" '
                f'Type="{_OFFICE}/relationships/customXmlProps" Target="{name}Props.xml"/></Relationships>'
            )
            files[f"word/{name}Props.xml"] = f'<d:store xmlns:d="urn:store" d:itemID="{{{name[-1]}}}"/>'
        relations += f'<Relationship Id="{name}" Type="{_OFFICE}/relationships/{kind}" Target="{name}.xml"/>'
        types += (
            f'<Override PartName="/word/{name}.xml" ContentType="{_KINDS}.{kind}+xml"/>' if kind != "customXml" else ""
        )
    main = f'<Override PartName="/word/document.xml" ContentType="{_KINDS}.document.main+xml"/>'
    files["word/_rels/document.xml.rels"] = f'{_HEAD}<Relationships xmlns="{_RELATIONS}">{relations}</Relationships>'
    files["_rels/.rels"] = (
        f'{_HEAD}<Relationships xmlns="{_RELATIONS}"><Relationship Id="rId1" '
        f'Type="{_OFFICE}/relationships/officeDocument" Target="word/document.xml"/></Relationships>'
    )
    files["[Content_Types].xml"] = (
        f'{_HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{main}{types}</Types>'
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
