"""One line of a Word document: a paragraph, or several that Word shows as one."""

from dataclasses import dataclass, field
from typing import Any

__all__ = ["Line"]


@dataclass(slots=True)
class Line:
    """text: line breaks as newlines, tabs as tabs. bold: all of it. contents: in a table of contents. boxes: text boxes
    in it. picture: what its pictures show, if it has no words. partial: whether something that is shown is not in the
    text, such as a picture or struck words, or may mean something else there. end: why the next paragraph goes on in
    it: its end is `deleted` or `hidden`, or it is the `initial` of the next one. framed: it stands beside the text.
    """

    text: str = ""
    bold: bool = False
    bold_start: int = 0  # characters in bold print at its beginning
    contents: bool = False
    boxes: list[Any] = field(default_factory=list)
    picture: str = ""
    partial: bool = False
    lead: str = ""  # white space at its beginning and at its end, which counts if paragraphs are joined
    gap: str = ""
    end: str = ""
    framed: bool = False

    def followed_by(self, line: "Line") -> "Line":
        """This line and the one that goes on in it, as one."""
        whole = bool(self.text) and self.bold
        return Line(
            f"{self.text}{self.gap or line.lead}{line.text}".strip(),
            (self.bold or not self.text) and (line.bold or not line.text),
            self.bold_start + (line.bold_start if whole or not self.text else 0),
            self.contents or line.contents,
            self.boxes + line.boxes,
            self.picture or line.picture,
            self.partial or line.partial,
            self.lead if self.text else self.lead or line.lead,
            line.gap if line.text else self.gap or line.gap,
            line.end,
        )
