"""EPUB books: the chapters in reading order, each read as a page that is XML."""

import posixpath
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import unquote

from qa.errors import SourceError
from qa.ingest.blocks import Builder, paragraphs, qualify, questions
from qa.ingest.decoding import clean
from qa.ingest.formats import reader
from qa.ingest.formats.common.archive import Archive, parse
from qa.ingest.formats.html.reader import well_formed
from qa.ingest.metadata import Extracted

if TYPE_CHECKING:
    from lxml.etree import _Element

__all__ = ["extract"]

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_FONTS = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")  # fonts scrambled, texts readable
_DC = "{http://purl.org/dc/elements/1.1/}"
_PAGES = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml")
_MOST_CHAPTERS = 5_000
_ENDED = re.compile(rb"<([A-Za-z][\w.:-]*)((?:\s[^<>]*)?)/>")
_VOID = frozenset(b"area base br col embed hr img input link meta param source track wbr".split())


def extract(data: bytes) -> Extracted:
    """Chapters, and title, author, publisher and date of the book. Raises SourceError; ImportError without the readers
    of XML and HTML.
    """
    archive = Archive(data, "an EPUB book")
    if _ENCRYPTION in archive.names and _protected(parse(archive.read(_ENCRYPTION), _ENCRYPTION)):
        raise SourceError("protected by DRM, so that only the shop's own programs can read it")
    container = parse(archive.read(_CONTAINER), _CONTAINER)
    path = next((node.get("full-path") for node in container.iter("{*}rootfile") if node.get("full-path")), "")
    package = parse(archive.read(path or "content.opf"), path)
    read_page, builder, unread = reader(".html"), Builder(), []
    for name, is_page in _spine(package, posixpath.dirname(path)):
        try:
            if not is_page:
                raise SourceError("a picture or another part without text")
            chapter, first = archive.read(name), len(builder.blocks)
            whole = well_formed(chapter)
            page = whole or read_page(_as_html(chapter))
        except SourceError as error:
            unread.append(f"{name}: {error}")
            continue
        builder.graft(page.text, page.blocks or paragraphs(page.text), open_sections=True)
        if not whole:
            qualify(builder.blocks, first)
        unread += [f"{name}: {what}" for what in page.unread]
    return Extracted(
        builder.text, _fields(package), blocks=questions(builder.text, builder.blocks), unread=tuple(unread)
    )


def _as_html(chapter: bytes) -> bytes:
    """XHTML as HTML: without CDATA sections and self-closing elements, which only XML has."""
    page, *sections = chapter.split(b"<![CDATA[")
    for section in sections:
        plain, end, rest = section.partition(b"]]>")
        page += plain.replace(b"&", b"&amp;").replace(b"<", b"&lt;") + rest if end else b"<![CDATA[" + section
    return _ENDED.sub(lambda tag: tag[0] if tag[1].lower() in _VOID else b"<%b%b></%b>" % (*tag.groups(), tag[1]), page)


def _protected(encryption: "_Element") -> bool:
    """Whether something else than fonts is encrypted."""
    methods = [node.get("Algorithm", "") for node in encryption.iter("{*}EncryptionMethod")]
    return any(method not in _FONTS for method in methods)


def _spine(package: "_Element", folder: str) -> Iterator[tuple[str, bool]]:
    """The parts in reading order, by name, and whether they are pages; the table of contents is left out."""
    items = {node.get("id"): node for node in package.iter("{*}item")}
    seen = set()
    for number, reference in enumerate(package.iter("{*}itemref")):
        item = items.get(reference.get("idref"))
        if item is None or number >= _MOST_CHAPTERS or "nav" in (item.get("properties") or "").split():
            continue
        name = posixpath.normpath(posixpath.join(folder, unquote(item.get("href") or "").partition("#")[0]))
        if name not in seen:
            seen.add(name)
            yield name, item.get("media-type") in _PAGES


def _fields(package: "_Element") -> dict[str, object]:
    """What the book says of itself."""
    found: dict[str, object] = {}
    for key, name in (("title", "title"), ("publisher", "publisher"), ("language", "language")):
        text = next((value for value in _values(package, name) if value), "")
        if text:
            found[key] = text
    if authors := [value for value in _values(package, "creator") if value]:
        found["author"] = authors
    dates = [value for value in _values(package, "date") if value]
    return found | ({"date": dates[0]} if dates else {})


def _values(package: "_Element", name: str) -> list[str]:
    return [" ".join(clean("".join(node.itertext())).split()) for node in package.iter(f"{_DC}{name}")]
