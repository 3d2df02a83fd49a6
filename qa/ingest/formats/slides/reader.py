"""PowerPoint presentations: slides as sections, bullets as items, tables, charts, notes. The only import of pptx."""

import io
import re
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from qa.errors import SourceError
from qa.ingest.blocks import Builder, qualify, questions
from qa.ingest.decoding import clean
from qa.ingest.formats.common import grid
from qa.ingest.formats.common.alternate import settle_alternatives
from qa.ingest.formats.common.archive import Archive, parse
from qa.ingest.formats.common.concealed import is_hidden_shape
from qa.ingest.formats.common.numberformat import shown
from qa.ingest.formats.common.symbols import is_symbolic
from qa.ingest.formats.slides.styles import styles_behind
from qa.ingest.formats.slides.text import line
from qa.ingest.metadata import Extracted

if TYPE_CHECKING:
    from pptx.slide import Slide

__all__ = ["extract"]

_MOST_SHAPES = 100_000
_DEEPEST_GROUP = 50
_MOST_CELLS = 10_000  # of one table or chart
_MOST_SPAN = 100
_FURNITURE = ("DATE", "FOOTER", "SLIDE_NUMBER", "HEADER")
_BULLETED = ("OBJECT", "BODY", "VERTICAL_BODY", "VERTICAL_OBJECT")
_UNTITLED = re.compile(r"(?:PowerPoint[ -]\w+|Slide 1|Folie 1)?", re.IGNORECASE)  # what programs write by themselves
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_RELATIONS = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"


def extract(data: bytes) -> Extracted:
    """Slides in order, a page each; title and author. Raises SourceError; ImportError without python-pptx."""
    from pptx import Presentation

    archive = Archive(data, "a PowerPoint presentation")
    themes = [parse(archive.read(name), "a theme") for name in archive.names if name.startswith("ppt/theme/theme")]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            show = Presentation(io.BytesIO(data))
            reading = _Reading()
            for number, slide in enumerate(show.slides, start=1):
                reading.slide(number, slide)
    except SourceError:
        raise
    except Exception as error:  # python-pptx lets all kinds of errors through for files that break its expectations
        raise SourceError("not a PowerPoint presentation, or damaged") from error
    builder = reading.builder
    if any(is_symbolic(font.get("typeface", "")) for theme in themes for font in theme.iter(f"{_DRAWING}latin")):
        qualify(builder.blocks, 0)
    about = show.core_properties
    named = {"title": "" if _UNTITLED.fullmatch(about.title) else about.title, "author": about.author}
    found = {key: clean(value) for key, value in named.items() if value}
    return Extracted(
        builder.text, found, tuple(reading.pages), 0, questions(builder.text, builder.blocks), (), tuple(reading.unread)
    )


@dataclass(slots=True)
class _Reading:
    builder: Builder = field(default_factory=Builder)
    pages: list[int] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    shapes: int = 0
    seen: set[str] = field(default_factory=set)  # texts of layouts and masters that are written

    def slide(self, number: int, slide: "Slide") -> None:
        """Write a slide: its title, the other shapes from top to bottom, the notes."""
        self.pages.append(self.builder.page_break() if number > 1 else 0)
        if slide.element.get("show") in ("0", "false"):
            self.unread.append(f"slide {number}: hidden")
            return
        settle_alternatives(slide.element)
        title = slide.shapes.title
        text = (
            " ".join(_frame(title.text_frame, styles_behind(title)).split()) if title and not _is_hidden(title) else ""
        )
        self.builder.close(1)
        self.builder.add("heading", text, level=1)
        others = (shape for shape in self._flat(slide.shapes) if title is None or shape.shape_id != title.shape_id)
        unread = Counter(map(self._shape, others))
        self.unread += [f"slide {number}: {count} {what}{'s' * (count > 1)}" for what, count in unread.items() if what]
        self._background(slide)
        if slide.has_notes_slide and (frame := slide.notes_slide.notes_text_frame) is not None:
            self._paragraphs(frame)

    def _background(self, slide: "Slide") -> None:
        """Write the text that the layout and the master show on a slide, each text once in the presentation."""
        layout = slide.slide_layout
        for part, behind in ((slide, layout), (layout, layout.slide_master)):
            if part.element.get("showMasterSp") in ("0", "false"):
                return
            settle_alternatives(behind.element)
            for shape in self._flat(behind.shapes):
                styles = styles_behind(shape)
                text = _frame(shape.text_frame, styles) if shape.has_text_frame and not shape.is_placeholder else ""
                if text.strip() and text not in self.seen:
                    self.seen.add(text)
                    self._paragraphs(shape.text_frame, styles)

    def _flat(self, shapes: Iterable[Any], depth: int = 0) -> Iterator[Any]:
        """The shapes and those inside of groups, in the order that screen readers follow."""
        for shape in shapes:
            self.shapes += 1
            if self.shapes > _MOST_SHAPES or depth > _DEEPEST_GROUP:
                raise SourceError(f"more than {_MOST_SHAPES:,} shapes, or groups {_DEEPEST_GROUP} deep")
            if _is_hidden(shape):
                continue
            if hasattr(shape, "shapes"):
                yield from self._flat(shape.shapes, depth + 1)
            else:
                yield shape

    def _shape(self, shape: Any) -> str:
        """Write what a shape says; what it is if that is not read."""
        kind = shape.placeholder_format.type if shape.is_placeholder else None
        name = kind.name if kind is not None else ""
        if getattr(shape, "has_table", False):
            grid.write(self.builder, _table(shape.table))
        elif getattr(shape, "has_chart", False):
            return self._chart(shape.chart)
        elif shape.element.tag.endswith("}pic"):
            return "picture"
        elif shape.element.tag.endswith("}graphicFrame"):
            return self._diagram(shape)
        elif shape.has_text_frame:
            styles = styles_behind(shape)
            if name in _FURNITURE:
                self.builder.add("furniture", " ".join(_frame(shape.text_frame, styles).split()))
            else:
                self._paragraphs(shape.text_frame, styles, bulleted=name in _BULLETED)
        return ""

    def _paragraphs(self, frame: Any, styles: Sequence[Any] = (), bulleted: bool = False) -> None:
        """Write the paragraphs of a text frame: those with bullets as items under the one before them."""
        bulleted = bulleted and sum(1 for paragraph in frame.paragraphs if line(paragraph._p, styles)[0].strip()) > 1
        outer: list[tuple[int, int]] = []  # level and block of the items that the next one may stand under
        lead_in: int | None = None
        for paragraph in frame.paragraphs:
            text, partial = line(paragraph._p, styles)
            if not _has_bullet(paragraph, bulleted):
                outer, block = [], self.builder.add("paragraph", text, level=int(partial))
                lead_in = block if block is not None and text.rstrip().endswith(":") else None
                continue
            level = paragraph.level + 1
            while outer and outer[-1][0] >= level:
                outer.pop()
            block = self.builder.add("item", text, outer[-1][1] if outer else lead_in, level)
            if block is not None:
                outer.append((level, block))

    def _chart(self, chart: Any) -> str:
        """Write the figures of a chart as a table; "chart" if it keeps them in a way that is not known here."""
        try:
            plots = [(list(map(str, plot.categories)), list(plot.series)) for plot in chart.plots]
            title = chart.chart_title.text_frame.text if chart.has_title and chart.chart_title.has_text_frame else ""
            tables = [
                [
                    [title, *(str(one.name or "") for one in series)],
                    *([name, *(_figure(one, at) for one in series)] for at, name in enumerate(names[:_MOST_CELLS])),
                ]
                for names, series in plots
                if names and len(names) * len(series) <= _MOST_CELLS
            ]
        except (AttributeError, KeyError, TypeError, ValueError, NotImplementedError):
            tables = []
        for rows in tables:
            grid.write(self.builder, grid.Grid([[clean(cell) for cell in row] for row in rows]))
        return "" if tables else "chart"

    def _diagram(self, shape: Any) -> str:
        """Write the texts of a SmartArt diagram; what else it is, if it is none."""
        ids = next((node for node in shape.element.iter() if node.tag == f"{_DIAGRAM}relIds"), None)
        if ids is None:
            return "embedded object"
        root = parse(shape.part.related_part(ids.get(f"{_RELATIONS}dm")).blob, "a diagram")
        for point in root.iter(f"{_DIAGRAM}pt"):
            text = " ".join(line(paragraph)[0] for paragraph in point.iter(f"{_DRAWING}p"))
            self.builder.add("item", " ".join(text.split()), level=1)
        return ""


def _is_hidden(shape: Any) -> bool:
    """Its own properties are the first ones in its element."""
    return is_hidden_shape(next((node for node in shape.element.iter() if node.tag.endswith("}cNvPr")), None))


def _table(table: Any) -> grid.Grid:
    rows, merged = [], {}
    for row, cells in enumerate(table.rows):
        rows.append(["" if cell.is_spanned else _frame(cell.text_frame) for cell in cells.cells])
        if len(rows) * len(rows[0]) > _MOST_CELLS:
            break
        for column, cell in enumerate(cells.cells):
            if cell.is_merge_origin:
                for down in range(min(cell.span_height, _MOST_SPAN)):
                    for right in range(min(cell.span_width, _MOST_SPAN)):
                        merged[row + down, column + right] = (row, column)
                del merged[row, column]
    return grid.Grid(rows, merged, header_rows=int(table.first_row))


def _figure(series: Any, at: int) -> str:
    values = series.values
    return shown(values[at]) if at < len(values) else ""


def _has_bullet(paragraph: Any, inherited: bool) -> bool:
    about = paragraph._p.pPr
    if about is not None:
        marks = {child.tag.rpartition("}")[2] for child in about}
        if marks & {"buChar", "buAutoNum", "buBlip"}:
            return True
        if "buNone" in marks:
            return False
    return inherited


def _frame(frame: Any, styles: Sequence[Any] = ()) -> str:
    return "\n".join(line(paragraph._p, styles)[0] for paragraph in frame.paragraphs)
