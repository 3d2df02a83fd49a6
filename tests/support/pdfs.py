"""PDF files of many kinds, made by reportlab, which shares nothing with the reader."""

import io
from collections.abc import Callable, Sequence

from reportlab.lib.colors import black, lightgrey
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import cm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    FrameBreak,
    ListFlowable,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)

__all__ = ["SAMPLES", "drawn"]

_BODY = ParagraphStyle("body", fontName="Times-Roman", fontSize=10.5, leading=13, spaceAfter=6, alignment=4)
_RAGGED = ParagraphStyle("ragged", parent=_BODY, alignment=0)
_SMALL = ParagraphStyle("small", parent=_BODY, fontSize=8, leading=9.5, spaceAfter=2)
_H1 = ParagraphStyle("h1", fontName="Helvetica-Bold", fontSize=16, leading=20, spaceAfter=8)
_H2 = ParagraphStyle("h2", fontName="Helvetica-Bold", fontSize=12, leading=15, spaceBefore=8, spaceAfter=4)
_GRID = TableStyle([("GRID", (0, 0), (-1, -1), 0.5, black), ("FONTSIZE", (0, 0), (-1, -1), 9)])


def drawn(draw: Callable[[Canvas], None], size: tuple[float, float] = A4, **options: object) -> bytes:
    """A PDF that a function draws; it ends its own pages."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=size, invariant=1, **options)
    draw(canvas)
    canvas.save()
    return buffer.getvalue()


def _set(
    story: Sequence[Flowable],
    frames: Sequence[Frame],
    head: str = "",
    foot: str = "",
    size: tuple[float, float] = A4,
) -> bytes:
    """A PDF that reportlab lays out. foot: `{}` in it is the page's number."""
    buffer = io.BytesIO()

    def furnish(canvas: Canvas, document: BaseDocTemplate) -> None:
        canvas.setFont("Helvetica", 8)
        canvas.drawString(2.5 * cm, size[1] - 1.3 * cm, head)
        canvas.drawCentredString(size[0] / 2, 1.2 * cm, foot.format(document.page))

    document = BaseDocTemplate(buffer, pagesize=size, invariant=1)
    document.addPageTemplates(PageTemplate(frames=list(frames), onPage=furnish))
    document.build(list(story))
    return buffer.getvalue()


def _one_column() -> list[Frame]:
    return [Frame(2.5 * cm, 2 * cm, A4[0] - 5 * cm, A4[1] - 4 * cm, id="body")]


def contract() -> bytes:
    """Numbered clauses over two pages, with running header and footer and lists in letters."""
    clauses = [
        ("1. Parties", ["This agreement is made between Marlow Shipping Limited of 4 Quay Street, Leith, and the City "
                        "Museum Trust, a charity."]),
        ("2. Term", ["2.1 The agreement starts on 1 May 2031 and ends on 30 April 2036 unless it is ended earlier.",
                     "2.2 Either party may end the agreement by giving not less than six months of notice in writing "
                     "to the other party at its registered address, by letter or by courier and not by electronic "
                     "mail."]),
        ("3. Insurance", ["3.1 The insurance taken out by the Trust does not cover:",
                          "(a) damage by sea water;", "(b) loss of goods that were left on the quay overnight;",
                          "(c) fines."]),
    ]  # fmt: skip
    story: list[Flowable] = [Paragraph("Storage agreement", _H1)]
    for title, texts in clauses:
        story.append(Paragraph(title, _H2))
        for text in texts:
            indent = 24 if text.startswith("(") else 0
            style = ParagraphStyle("clause", parent=_RAGGED, leftIndent=indent + 20, firstLineIndent=-20)
            story.append(Paragraph(text, style))
    story.append(Spacer(1, 13.6 * cm))
    story.append(Paragraph(
        "3.2 Claims are paid within thirty days after the assessor, who is named by the insurer and whose decision "
        "binds both parties, has confirmed the loss in a letter to the Trust, a copy of which is sent to Marlow "
        "Shipping Limited by the insurer at the same time and at its own cost, together with the papers on which "
        "the assessor relied and a statement of the amounts that were left out. Nothing in this clause limits the "
        "right of either "
        "party to ask for a second assessment within ten days.", _BODY))  # fmt: skip
    return _set(story, _one_column(), "Storage agreement / Marlow Shipping", "Page {} of 2")


def invoice() -> bytes:
    """Aligned fields, a table without lines and totals under it."""

    def draw(canvas: Canvas) -> None:
        canvas.setFont("Helvetica-Bold", 18)
        canvas.drawString(60, 780, "Invoice")
        canvas.setFont("Helvetica", 10)
        fields = [("Invoice number:", "TR-20418"), ("Invoice date:", "3 June 2031"), ("Due date:", "17 June 2031")]
        for number, (label, value) in enumerate(fields):
            canvas.drawString(60, 740 - 16 * number, label)
            canvas.drawString(180, 740 - 16 * number, value)
        columns = (60, 300, 370, 450)
        rows = [("Description", "Quantity", "Unit price", "Amount"), ("Oak boards, planed", "12", "14.50", "174.00"),
                ("Brass hinges", "40", "2.10", "84.00"), ("Delivery to Turku", "1", "95.00", "95.00")]  # fmt: skip
        for number, row in enumerate(rows):
            canvas.setFont("Helvetica-Bold" if not number else "Helvetica", 10)
            for at, (x, text) in enumerate(zip(columns, row, strict=True)):
                place = canvas.drawRightString if at else canvas.drawString
                place(x + (40 if at else 0), 650 - 16 * number, text)
        canvas.setFont("Helvetica", 10)
        for number, (label, value) in enumerate(
            (("Subtotal", "353.00"), ("VAT 24%", "84.72"), ("Total due", "437.72"))
        ):
            canvas.drawString(370, 570 - 16 * number, label)
            canvas.drawRightString(490, 570 - 16 * number, value)
        canvas.drawString(
            60, 480, "Payment is due within fourteen days. Interest of eight per cent a year is charged on late"
        )
        canvas.drawString(60, 466, "payments.")
        canvas.showPage()

    return drawn(draw)


def paper() -> bytes:
    """Two columns under a title across the page, notes, exponents, a hyphen at a line's end, a caption."""
    title = Frame(2 * cm, A4[1] - 5 * cm, A4[0] - 4 * cm, 3 * cm, id="title")
    wide = (A4[0] - 5 * cm) / 2
    columns = [Frame(2 * cm + at * (wide + 1 * cm), 2 * cm, wide, A4[1] - 7.2 * cm, id=str(at)) for at in (0, 1)]
    story: list[Flowable] = [
        Paragraph("How deep do lake ice sheets freeze?", ParagraphStyle("t", parent=_H1, alignment=1)),
        Paragraph("Rosa Lindgren and Piet Vos", ParagraphStyle("a", parent=_BODY, alignment=1)),
        FrameBreak(),
        Paragraph("Abstract", _H2),
        Paragraph("We drilled 36<super>1</super> holes in the ice of four lakes. The ice was between 41 and 78 "
                  "centimetres thick, which is less than models of the thermo-<br/>dynamic kind predict.", _BODY),
        Paragraph("1 Introduction", _H2),
        Paragraph("Lake ice carries people and lorries. Its strength grows with the square of its thickness, and a "
                  "sheet of 20 cm bears a load of 3.4 × 10<super>4</super> newtons. " * 4, _BODY),
        Paragraph("Figure 1: Thickness of the ice by date.", _SMALL),
        Paragraph("2 Method", _H2),
        Paragraph("Holes were drilled by hand on an area of 12 m<super>2</super>. Each of them was measured twice by "
                  "two people who did not know the result of the other.<super>2</super> " * 4, _BODY),
        FrameBreak(),
        Paragraph("The measurements were entered in a table the same evening. " * 5, _BODY),
        Paragraph("3 Results", _H2),
        Paragraph("The thickest ice was found in Lake Saimaa. " * 5, _BODY),
        Spacer(1, 3 * cm),
        Paragraph("<super>1</super> Four holes were given up.", _SMALL),
        Paragraph("<super>2</super> The lists were compared in April.", _SMALL),
    ]  # fmt: skip
    return _set(story, [title, *columns], "", "{}")


def form() -> bytes:
    """Filled fields: with a printed label, with a tooltip only, choices, boxes to tick, and empty ones."""

    def draw(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 11)
        canvas.drawString(60, 780, "Request for a mooring")
        fields = canvas.acroForm
        for number, (label, value) in enumerate((("Name of the boat:", "Aurora"), ("Length in metres:", ""))):
            canvas.drawString(60, 740 - 30 * number, label)
            fields.textfield(name=f"f{number}", x=200, y=735 - 30 * number, width=180, height=18, value=value)
        fields.textfield(name="q", tooltip="Home port", x=200, y=675, width=180, height=18, value="Kotka")
        canvas.drawString(60, 650, "Berth wanted:")
        fields.choice(name="berth", x=200, y=645, width=180, height=18, value="North pier",
                      options=["North pier", "South pier"])  # fmt: skip
        for number, (text, ticked) in enumerate((("Needs electricity", True), ("Needs fresh water", False))):
            fields.checkbox(name=f"c{number}", x=60, y=610 - 24 * number, size=14, checked=ticked)
            canvas.drawString(82, 613 - 24 * number, text)
        canvas.drawString(82, 575, "before the harbour opens in May.")
        canvas.drawString(60, 530, "Pay by:")
        for number, text in enumerate(("Card", "Invoice")):
            x = 150 + 100 * number
            fields.radio(name="pay", tooltip="Payment", value=text[0], selected=bool(number), x=x, y=527, size=12)
            canvas.drawString(x + 18, 530, text)
        canvas.drawString(60, 500, "Fields that are left empty count as not known.")
        canvas.showPage()

    return drawn(draw)


def long_table() -> bytes:
    """A table with lines that goes on over three pages, its header repeated, with cells merged over rows."""
    rows = [["Country", "Station", "Height (m)", "Opened"]]
    spans = []
    for number in range(90):
        if number % 3 == 0:
            spans.append(("SPAN", (0, number + 1), (0, number + 3)))
        country = f"Land {number // 3 + 1}" if number % 3 == 0 else ""
        rows.append([country, f"Station {number + 1}", str(100 + 7 * number), str(1900 + number)])
    table = Table(rows, repeatRows=1, colWidths=[4 * cm, 5 * cm, 3 * cm, 3 * cm])
    table.setStyle(TableStyle([*_GRID.getCommands(), *spans]))
    return _set([Paragraph("Weather stations", _H1), table], _one_column(), "Weather service", "- {} -")


def manual() -> bytes:
    """A contents page, headings of two levels, nested lists, a question with its answer."""
    contents = [("1 Before you start", 2), ("1.1 What is in the box", 2), ("2 Care", 3), ("3 Questions", 4)]
    lines = [Paragraph(f"{title} {'.' * (70 - len(title))} {page}", _RAGGED) for title, page in contents]
    inner = ListFlowable([Paragraph(text, _RAGGED) for text in ("the lid", "the seal")], bulletType="bullet", start="–")
    items = [Paragraph("the kettle", _RAGGED), [Paragraph("spare parts:", _RAGGED), inner],
             Paragraph("a brush with a long handle that reaches the bottom of the kettle, which is easily scratched by "
                       "metal", _RAGGED)]  # fmt: skip
    story: list[Flowable] = [
        Paragraph("Kettle K7: owner's manual", _H1), Paragraph("Contents", _H2), *lines, PageBreak(),
        Paragraph("1 Before you start", _H1),
        Paragraph("Read these pages before you use the kettle. Keep them.", _BODY),
        Paragraph("1.1 What is in the box", _H2),
        Paragraph("The box holds:", _BODY),
        ListFlowable(items, bulletType="bullet", start="•"),
        PageBreak(), Paragraph("2 Care", _H1),
        Paragraph("Rinse the kettle before the first use. Descale it every three months:", _BODY),
        ListFlowable([Paragraph(text, _RAGGED) for text in
                      ("Fill it with water and 50 ml of vinegar.", "Boil it.", "Leave it for an hour.")],
                     bulletType="1", bulletFormat="%s."),
        PageBreak(), Paragraph("3 Questions", _H1),
        Paragraph("Why does the light blink?", _H2),
        Paragraph("The kettle was switched on without water. Let it cool down for ten minutes.", _BODY),
    ]  # fmt: skip
    return _set(story, _one_column(), "Kettle K7", "{}")


def newspaper() -> bytes:
    """Three narrow columns under a headline, then a headline and three columns again."""

    def story(canvas: Canvas, top: float, words: str, lines: int) -> None:
        canvas.setFont("Times-Roman", 9)
        text, at = words.split(), 0
        for column in range(3):
            for number in range(lines):
                line: list[str] = []
                while at < len(text) and canvas.stringWidth(" ".join([*line, text[at]]), "Times-Roman", 9) < 150:
                    line.append(text[at])
                    at += 1
                canvas.drawString(50 + 168 * column, top - 11 * number - 1.7 * column, " ".join(line))

    def draw(canvas: Canvas) -> None:
        canvas.setFont("Times-Bold", 22)
        canvas.drawString(50, 780, "Bridge opens after nine years")
        numbers = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split()
        story(canvas, 750, " ".join(f"The {n} pier was finished in its year and stands on rock." for n in numbers), 10)
        canvas.setFont("Times-Bold", 16)
        canvas.drawString(50, 590, "Choir sings in the market hall on Sunday")
        story(canvas, 565, " ".join(f"The {n} song comes from the islands and is sung slowly." for n in numbers), 10)
        canvas.showPage()

    return drawn(draw)


def slides() -> bytes:
    """Wide pages with large titles and a few points, a footer on each."""

    def draw(canvas: Canvas) -> None:
        pages = [("Harvest 2031", ["Results of the cooperative", "Oulu, 12 November"]),
                 ("Yields", ["• Barley: 4.1 tonnes a hectare", "• Oats: 3.7 tonnes a hectare, more than in any year",
                             "   since the records began"]),
                 ("Next year", ["• More rye", "• A new drier in Kempele"])]  # fmt: skip
        for number, (title, lines) in enumerate(pages, 1):
            canvas.setFont("Helvetica-Bold", 32)
            canvas.drawString(60, 480, title)
            canvas.setFont("Helvetica", 20)
            for at, line in enumerate(lines):
                canvas.drawString(60, 400 - 30 * at, line)
            canvas.setFont("Helvetica", 10)
            canvas.drawString(60, 30, "Northern Grain Cooperative")
            canvas.drawRightString(780, 30, str(number))
            canvas.showPage()

    return drawn(draw, landscape(A4))


def report_table() -> bytes:
    """A table with level lines only: two header lines, the first over several columns, a note and a group."""

    def draw(canvas: Canvas) -> None:
        canvas.setFont("Times-Bold", 11)
        canvas.drawString(60, 780, "Table 2. Visitors by season, in thousands")
        canvas.setStrokeColor(black)
        for y in (770, 738, 640):
            canvas.line(60, y, 500, y)
        canvas.line(200, 755, 340, 755)
        canvas.line(360, 755, 500, 755)
        canvas.setFont("Times-Roman", 10)
        canvas.drawCentredString(270, 758, "Summer")
        canvas.drawCentredString(430, 758, "Winter")
        xs = (240, 320, 400, 480)
        for x, text in zip(xs, ("2030", "2031", "2030", "2031"), strict=True):
            canvas.drawRightString(x, 743, text)
        rows = [("Museums", None), ("Fortress", (41, 44, 12, 13)), ("Maritime museum", (18, 16, 9, 11)),
                ("Gardens", None), ("Palm house", (27, 31, 22, 20))]  # fmt: skip
        for number, (name, values) in enumerate(rows):
            canvas.setFont("Times-Roman" if values else "Times-Italic", 10)
            canvas.drawString(60 + (10 if values else 0), 722 - 16 * number, name)
            for x, value in zip(xs, values or (), strict=False):
                canvas.drawRightString(x, 722 - 16 * number, str(value))
        canvas.setFont("Times-Roman", 8)
        canvas.drawString(60, 628, "Source: ticket offices. Free visits are not counted.")
        canvas.setFont("Times-Roman", 10)
        canvas.drawString(
            60, 590, "The palm house was closed for repairs in January, and fewer people than in the year before"
        )
        canvas.drawString(60, 577, "came in winter.")
        canvas.showPage()

    return drawn(draw)


def shaded() -> bytes:
    """A table of filled boxes, text that wraps in its cells, cells merged over columns, bold drawn twice."""
    survey, payers = "Survey of a boundary, with two markers", "Applicant and the neighbour, half each"
    rows = [
        ["Fees", "", ""],
        ["Service", "Who pays", "Amount"],
        [Paragraph("Copy of a map at a scale that the office holds already", _RAGGED), "Applicant", "15 euros"],
        [Paragraph(survey, _RAGGED), Paragraph(payers, _RAGGED), "420 euros"],
    ]
    table = Table(rows, colWidths=[7 * cm, 5 * cm, 3 * cm])
    looks = [
        ("SPAN", (0, 0), (2, 0)),
        ("BACKGROUND", (0, 0), (-1, 1), lightgrey),
        ("FONTNAME", (0, 0), (-1, 1), "Helvetica-Bold"),
    ]
    table.setStyle(TableStyle([*_GRID.getCommands(), *looks]))
    after = Paragraph("The office is closed on Mondays.", _BODY)
    return _set([Paragraph("Land office", _H1), table, Spacer(1, 20), after], _one_column())


SAMPLES: dict[str, Callable[[], bytes]] = {
    "contract": contract,
    "form": form,
    "invoice": invoice,
    "long_table": long_table,
    "manual": manual,
    "newspaper": newspaper,
    "paper": paper,
    "report_table": report_table,
    "shaded": shaded,
    "slides": slides,
}
