"""Text in pictures and scanned pages, by Tesseract. The only import of pytesseract and Pillow."""

import io
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qa.errors import SourceError
from qa.ingest.blocks import Builder
from qa.ingest.decoding import clean
from qa.ingest.metadata import Extracted

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["UNSURE", "extract", "recognise"]

UNSURE = "[?]"
"""Stands after each word that Tesseract is not sure of."""

_SURE = 60  # of Tesseract's confidence in percent; below it words are wrong about as often as right
_MOST_UNSURE = 0.4  # share of a paragraph's words; with more of them it is a guess, or no text at all
_SECONDS = 120  # for a page
_MOST_PAGES = 500
_MOST_PIXELS = 100_000_000
_SHORT = 35  # characters of a line of an address or a form
_FULL_LINE = 0.75  # of the widest line of a paragraph: a shorter line ends where its author wanted


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    right: int


def extract(data: bytes) -> Extracted:
    """The text of a picture, or of the pages of a TIFF. Raises SourceError; ImportError without pytesseract."""
    builder, pages, unread = Builder(), list[int](), list[str]()
    for number, image in enumerate(_images(data), start=1):
        pages.append(builder.page_break() if pages else 0)
        if number > _MOST_PAGES:
            unread.append(f"the pages after page {_MOST_PAGES}")
            break
        if problem := _write(builder, image):
            unread.append(f"page {number}: {problem}")
    return Extracted(
        builder.text, pages=tuple(pages) if len(pages) > 1 else (), blocks=tuple(builder.blocks), unread=tuple(unread)
    )


def recognise(png: bytes) -> Extracted:
    """The text of one scanned page that was rendered as a picture: paragraphs, with `UNSURE` after doubtful words.

    Raises SourceError, also if the program tesseract is not installed; ImportError without pytesseract.
    """
    builder = Builder()
    problem = _write(builder, next(_images(png)))
    return Extracted(builder.text, blocks=tuple(builder.blocks), unread=(problem,) if problem else ())


def _images(data: bytes) -> Iterator["Image"]:
    """The pictures in a file: one, or the pages of a TIFF."""
    from PIL import Image, ImageSequence

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image = Image.open(io.BytesIO(data))
            for frame in ImageSequence.Iterator(image):
                if frame.width * frame.height > _MOST_PIXELS:
                    raise SourceError(f"a picture of {frame.width:,} × {frame.height:,} pixels is too large")
                yield frame.convert("L")
    except SourceError:
        raise
    except Exception as error:  # Pillow's decoders let all kinds of errors through for damaged files
        raise SourceError("not a picture that can be opened, or damaged") from error


def _write(builder: Builder, image: "Image") -> str:
    """Write the paragraphs of a page; what could not be read, if anything."""
    before, unclear = len(builder.blocks), 0
    for paragraph in _paragraphs(_words(image)):
        text = _joined(paragraph)
        if text.count(UNSURE) > _MOST_UNSURE * (len(text.split()) - text.count(UNSURE)):
            unclear += 1
        else:
            builder.add("paragraph", text)
    if unclear:
        return f"{unclear} paragraph{'s' * (unclear > 1)} too unclear to read"
    return "" if len(builder.blocks) > before else "no text found in the picture"


def _words(image: "Image") -> dict[str, list[Any]]:
    """Tesseract's table of words, with their place and its confidence."""
    import pytesseract

    try:
        words: dict[str, list[Any]] = pytesseract.image_to_data(
            image, output_type=pytesseract.Output.DICT, timeout=_SECONDS
        )
    except pytesseract.TesseractNotFoundError as error:
        raise SourceError("the program tesseract is not installed, or not in PATH") from error
    except RuntimeError as error:
        raise SourceError(f"Tesseract failed or took over {_SECONDS} seconds") from error
    return words


def _paragraphs(words: dict[str, list[Any]]) -> Iterator[list[_Line]]:
    """The lines of each paragraph."""
    paragraphs: dict[tuple[int, ...], dict[int, list[int]]] = {}
    for at, text in enumerate(words["text"]):
        if str(text).strip():
            place = (words["page_num"][at], words["block_num"][at], words["par_num"][at])
            paragraphs.setdefault(place, {}).setdefault(words["line_num"][at], []).append(at)
    for lines in paragraphs.values():
        yield [
            _Line(
                " ".join(_word(str(words["text"][at]), float(words["conf"][at])) for at in line),
                words["left"][line[-1]] + words["width"][line[-1]],
            )
            for line in lines.values()
        ]


def _word(text: str, confidence: float) -> str:
    text = clean(text.strip())
    return f"{text} {UNSURE}" if confidence < _SURE else text


def _joined(lines: Sequence[_Line]) -> str:
    """One line for those that fill the width; words that were hyphenated are put together."""
    widest = max(line.right for line in lines)
    text, wrapped = "", False
    for line in lines:
        if text.endswith("-") and text[-2:-1].isalpha() and line.text[:1].islower():
            text = text[:-1] + line.text
        else:
            text += ("" if not text else " " if wrapped else "\n") + line.text
        wrapped = line.right >= _FULL_LINE * widest and len(line.text) >= _SHORT
    return text
