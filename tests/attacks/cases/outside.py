"""Documents that point at something outside of themselves: a file of this machine, or an address."""

from support.wordfile import paragraph, word_file

from attacks.cases import FACT, SECRET_FILE, Attack, read_by, table
from attacks.cases.archives import book, odt, pdf_of, sheet, slides_with, stream

__all__ = ["ATTACKS"]

HOST = "http://203.0.113.1"  # an address for examples: nobody has it
ENTITIES = f'<!DOCTYPE x [<!ENTITY a SYSTEM "{SECRET_FILE.as_uri()}"><!ENTITY b SYSTEM "{HOST}/x">'
ENTITY = f"{ENTITIES}]>"
PARAMETER = f'<!DOCTYPE x [<!ENTITY % a SYSTEM "{SECRET_FILE.as_uri()}"><!ENTITY % b SYSTEM "{HOST}/x.dtd"> %a; %b;]>'
DTD = f'<!DOCTYPE x SYSTEM "{HOST}/x.dtd">'


def _prefixed(prolog: str) -> "object":
    from attacks.cases.bombs import _prefixed as word_with

    return read_by(lambda text: word_with(text, prolog, paragraph("&a;&b;" if prolog == ENTITY else "")))


_ENTITIES = tuple(
    Attack("external entities", f"{name} in {suffix}", data, suffix, outcome="either")
    for name, prolog, used in (("entities", ENTITY, "&a;&b;"), ("parameters", PARAMETER, ""), ("a DTD", DTD, ""))
    for suffix, data in (
        (".docx", _prefixed(prolog)),
        (".xlsx", read_by(lambda t, p=prolog, u=used: sheet(t + u, prolog=p))),
        (".odt", read_by(lambda t, p=prolog, u=used: odt(t, p, f"<text:p>{u}</text:p>"))),
        (".epub", read_by(lambda t, p=prolog, u=used: book(t, p, f"<p>{u}</p>"))),
        (".html", f"<?xml version='1.0'?>{prolog}<p>{FACT}</p><p>{used}</p>"),
        (".pptx", lambda _, p=prolog, u=used: slides_with(f"{p}<a>{u}</a>")),
    )
)

_REMOTE = (
    *table(
        "remote references",
        ".html",
        pictures=f"<p>{FACT}</p><img src='{HOST}/a.png' srcset='{HOST}/b.png 2x'><picture><source srcset='{HOST}/c'></picture>",
        styles=f"<link rel=stylesheet href='{HOST}/a.css'><style>@import url({HOST}/b.css)</style><p>{FACT}</p>",
        frames=f"<p>{FACT}</p><iframe src='{HOST}/'></iframe><object data='{HOST}/'></object><embed src='{HOST}/'>",
        scripts=f"<script src='{HOST}/a.js'></script><base href='{HOST}/'><meta http-equiv=refresh content='0;url={HOST}'><p>{FACT}</p>",
        local=f"<p>{FACT}</p><iframe src='{SECRET_FILE.as_uri()}'></iframe><xi:include href='{SECRET_FILE.as_uri()}' parse='text'/>",
        vector=f"<p>{FACT}</p><svg><image href='{HOST}/a.png'/><use href='{HOST}/b.svg#x'/></svg>",
    ),
    *table(
        "remote references",
        ".md",
        pictures=f"{FACT}\n\n![x]({HOST}/a.png) ![y][z]\n\n[z]: {HOST}/b.png\n",
        included=f'{FACT}\n\n--8<-- "{SECRET_FILE}"\n\n!include {SECRET_FILE}\n',
    ),
    *table(
        "remote references",
        ".rst",
        included=f"{FACT}\n\n.. include:: {SECRET_FILE}\n\n.. literalinclude:: {SECRET_FILE}\n",
        raw=f"{FACT}\n\n.. raw:: html\n   :file: {SECRET_FILE}\n\n.. raw:: html\n   :url: {HOST}/\n",
        tables=f"{FACT}\n\n.. csv-table:: T\n   :file: {SECRET_FILE}\n\n.. csv-table:: T\n   :url: {HOST}/a.csv\n",
        pictures=f"{FACT}\n\n.. image:: {HOST}/a.png\n\n.. figure:: {SECRET_FILE}\n",
        settings=f"{FACT}\n\n.. default-role:: raw\n\n`x`\n\n.. role:: r(raw)\n   :format: html\n\n:r:`x`\n",
    ),
    Attack(
        "remote references",
        "a template",
        read_by(
            lambda t: word_file(
                paragraph(t)
                + f'<w:altChunk r:id="x"/><w:p><w:r><w:instrText>INCLUDETEXT "{SECRET_FILE}"</w:instrText></w:r></w:p><w:p><w:r><w:instrText>INCLUDEPICTURE "{HOST}/a.png"</w:instrText></w:r></w:p>'
            )
        ),
        ".docx",
    ),
    Attack(
        "remote references",
        "another workbook",
        read_by(
            lambda t: sheet(
                t,
                rows='<row r="2"><c r="A2"><f>[1]One!A1</f><v>1</v></c></row>',
                xl__externalLinks__externalLink1_xml=f"<x href='{HOST}'/>",
            )
        ),
        ".xlsx",
    ),
    Attack(
        "remote references",
        "a section of another file",
        read_by(
            lambda t: odt(
                t,
                body=f'<text:section><text:section-source xlink:href="{SECRET_FILE.as_uri()}"/></text:section><draw:image xlink:href="{HOST}/a.png"/>',
            )
        ),
        ".odt",
    ),
    Attack(
        "remote references",
        "a chapter elsewhere",
        read_by(lambda t: book(t, href=f"{HOST}/a.xhtml")),
        ".epub",
        outcome="unread",
    ),
    Attack(
        "remote references",
        "an external body",
        f'Subject: x\nContent-Type: message/external-body; access-type=URL; URL="{HOST}/"\n\n{FACT}\n',
        ".eml",
        outcome="either",
    ),
    Attack(
        "remote references",
        "a page that loads another",
        read_by(
            lambda text: pdf_of(
                b"<</Type/Catalog/Pages 2 0 R/OpenAction<</S/URI/URI("
                + HOST.encode()
                + b")>>/Names<</JavaScript<</Names[(a)<</S/JavaScript/JS(app.launchURL('"
                + HOST.encode()
                + b"'))>>]>>>>>>",
                b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
                b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
                stream(f"BT /F 9 Tf 50 700 Td ({text}) Tj ET".encode()),
                b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
            )
        ),
        ".pdf",
    ),
    Attack(
        "remote references",
        "pictures of a notebook",
        '{"cells": [{"cell_type": "markdown", "source": ["' + FACT + f'\\n\\n![x]({HOST}/a.png)"]}}], "nbformat": 4}}',
        ".ipynb",
    ),
)

ATTACKS = (*_ENTITIES, *_REMOTE)
