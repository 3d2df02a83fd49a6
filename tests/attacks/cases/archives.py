"""Files of many formats from a few lines: ZIP archives of XML parts, and PDF files object by object."""

import io
import struct
import zipfile
import zlib

__all__ = ["book", "odt", "pdf_of", "sheet", "slides_with", "stream", "zip_bomb", "zipped"]

_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_CALC = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_ODF = "urn:oasis:names:tc:opendocument:xmlns"


def zipped(parts: dict[str, bytes | str]) -> bytes:
    """A ZIP archive of these parts."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def zip_bomb(name: str, megabytes: int) -> bytes:
    """A ZIP archive with one part of blanks, written without ever deflating it as a whole."""
    data, check = deflated(megabytes)
    rest = struct.pack("<HHHIIIHH", 8, 0, 0x21, check, len(data), megabytes * 2**20, len(name), 0)
    local = struct.pack("<IHH", 0x04034B50, 20, 0) + rest + name.encode()
    entry = struct.pack("<IHHH", 0x02014B50, 20, 20, 0) + rest + struct.pack("<HHHII", 0, 0, 0, 0, 0) + name.encode()
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 1, 1, len(entry), len(local) + len(data), 0)
    return local + data + entry + end


def deflated(megabytes: int) -> tuple[bytes, int]:
    """That many blanks as a raw deflate stream, and their CRC: one megabyte, deflated once, over and over."""
    unit, writer, check = b" " * 2**20, zlib.compressobj(9, zlib.DEFLATED, -15), 0
    block = writer.compress(unit) + writer.flush(zlib.Z_FULL_FLUSH)
    for _ in range(megabytes):
        check = zlib.crc32(unit, check)
    return block * megabytes + b"\x03\x00", check


def sheet(text: str, rows: str = "", prolog: str = "", after: str = "", **parts: str) -> bytes:
    """A workbook with a text in its first cell.

    rows: XML of further rows; prolog: before the sheet's root; after: after its data; parts: by name, `__` for `/`.
    """
    first = f'<row r="1"><c r="A1" t="inlineStr"><is><t>{text}</t></is></c></row>'
    kinds = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    return zipped(
        {
            "[Content_Types].xml": f'<Types xmlns="{_TYPES}"><Default Extension="xml" ContentType="application/xml"/>'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{kinds}.sheet.main+xml"/>'
            f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kinds}.worksheet+xml"/></Types>',
            "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="r1" Type="{_OFFICE}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>',
            "xl/workbook.xml": f'<workbook xmlns="{_CALC}" xmlns:r="{_OFFICE}"><sheets><sheet name="One" sheetId="1" '
            'r:id="r1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="r1" '
            f'Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
            "xl/worksheets/sheet1.xml": f'{prolog}<worksheet xmlns="{_CALC}" xmlns:r="{_OFFICE}"><sheetData>{first}{rows}'
            f"</sheetData>{after}</worksheet>",
            **{name.replace("__", "/"): content for name, content in parts.items()},
        }
    )


def odt(text: str, prolog: str = "", body: str = "") -> bytes:
    """An OpenDocument text of one paragraph and further XML."""
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "content.xml": f'{prolog}<office:document-content xmlns:office="{_ODF}:office:1.0" xmlns:text="{_ODF}:text:1.0" '
            f'xmlns:table="{_ODF}:table:1.0" xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:draw="{_ODF}:drawing:1.0">'
            f"<office:body><office:text><text:p>{text}</text:p>{body}</office:text></office:body>"
            "</office:document-content>",
        }
    )


def book(text: str, prolog: str = "", body: str = "", spine: int = 1, href: str = "a.xhtml") -> bytes:
    """An EPUB book of one chapter. spine: how often the chapter is in the reading order."""
    items = "".join(f'<item id="i{n}" href="{href}" media-type="application/xhtml+xml"/>' for n in range(spine))
    order = "".join(f'<itemref idref="i{n}"/>' for n in range(spine))
    return zipped(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
            '<rootfile full-path="p.opf"/></rootfiles></container>',
            "p.opf": f'{prolog}<package xmlns="http://www.idpf.org/2007/opf"><manifest>{items}</manifest><spine>{order}'
            "</spine></package>",
            "a.xhtml": f"{prolog}<html xmlns='http://www.w3.org/1999/xhtml'><body><p>{text}</p>{body}</body></html>",
        }
    )


def slides_with(part: str) -> bytes:
    """A presentation whose only slide is this XML."""
    import pptx

    made, out = io.BytesIO(), io.BytesIO()
    deck = pptx.Presentation()
    deck.slides.add_slide(deck.slide_layouts[5])
    deck.save(made)
    with zipfile.ZipFile(made) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.namelist():
            target.writestr(entry, part if entry == "ppt/slides/slide1.xml" else source.read(entry))
    return out.getvalue()


def pdf_of(*objects: bytes) -> bytes:
    """A PDF of these objects, numbered from 1; the first is the catalogue."""
    out, starts = bytearray(b"%PDF-1.7\n"), []
    for number, content in enumerate(objects, 1):
        starts.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % start for start in starts)
    return bytes(out) + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, table)


def stream(data: bytes, head: bytes = b"", times: int = 1, blanks: int = 0) -> bytes:
    """A PDF stream, deflated `times` times. blanks: megabytes of them in place of the data."""
    data = b"\x78\x9c" + deflated(blanks)[0] if blanks else zlib.compress(data, 9)
    for _ in range(times - 1):
        data = zlib.compress(data, 9)
    filters = b"/FlateDecode " * times
    return b"<<%s/Length %d/Filter[%s]>>stream\n%s\nendstream" % (head, len(data), filters, data)
