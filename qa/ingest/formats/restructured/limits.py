"""What keeps docutils within bounds: its settings, texts that it would take hours for, and parts for other builders."""

import ast
import re
import warnings
from collections.abc import Mapping
from typing import Any

from qa.errors import SourceError

__all__ = ["check", "docutils_settings", "is_for_pages"]

_SETTINGS: Mapping[str, Any] = {
    "file_insertion_enabled": False,
    "raw_enabled": False,
    "halt_level": 5,
    "traceback": True,  # raise errors; without it docutils ends the process
    "report_level": 5,
    "warning_stream": False,
    "_disable_config": True,
    "doctitle_xform": False,
    "sectsubtitle_xform": False,
    "syntax_highlight": "none",
    "smart_quotes": False,
}
_LINE_CHARS = 10_000
_MOST_EXPANSIONS = 500
_DEFINITION = re.compile(r"^[ \t]{0,40}\.\. \|([^|\n]+)\|[ \t]*replace::([^\n]*(?:\n[ \t]+\S[^\n]*)*)", re.MULTILINE)
_SUBSTITUTED = re.compile(r"\|([^|\n]+)\|")
_MOST_WORK = 150_000_000  # marks times characters of a paragraph: some seconds
_MOST_CHARS = 5_000_000
_TARGET = re.compile(r"^[ \t]*\.\. _[^\n]*:[ \t]*$", re.MULTILINE)
_MOST_TARGETS = 5_000  # docutils compares each of them with all others
_PAGE_TAGS = frozenset(("html", "format_html", "builder_html"))
_TAGS_CHARS = 200
_DEEPEST = 50  # substitutions inside of each other


def docutils_settings(text: str) -> Any:
    """docutils' settings: nothing is read but the text, and lines may be as long as they are."""
    from docutils.frontend import get_default_settings
    from docutils.parsers.rst import Parser
    from docutils.readers.standalone import Reader

    _forget_dates()
    longest = max(map(len, text.splitlines()), default=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # docutils plans to drop what this function is made of
        settings = get_default_settings(Parser, Reader)
    for name, value in _SETTINGS.items():
        setattr(settings, name, value)
    settings.line_length_limit = max(_LINE_CHARS, longest + 1)
    return settings


def _forget_dates() -> None:
    """Make `date` empty: docutils would insert today's date, which is not in the file."""
    from docutils.parsers.rst import Directive, directives

    class Nothing(Directive):  # type: ignore[misc]  # docutils has no types
        optional_arguments = 1
        final_argument_whitespace = True

        def run(self) -> list[Any]:
            return []

    directives.register_directive("date", Nothing)


def check(text: str) -> None:
    """Refuse what docutils would take hours for: it looks for the end of each mark in all the rest of a paragraph."""
    if len(text) > _MOST_CHARS:
        raise SourceError(f"{len(text):,} characters; the limit for this format is {_MOST_CHARS:,}")
    targets = len(_TARGET.findall(text))
    if targets > _MOST_TARGETS:
        raise SourceError(f"{targets:,} link targets; the limit is {_MOST_TARGETS:,}; split the file")
    for paragraph in re.split(r"\n\s*\n", text):
        marks = len(re.findall(r"[*`|_]", paragraph))
        if marks * len(paragraph) > _MOST_WORK:
            raise SourceError(f"a paragraph of {len(paragraph):,} characters with {marks:,} marks; split it")
    definitions = {
        match[1].strip().lower(): [name.strip().lower() for name in _SUBSTITUTED.findall(match[2])]
        for match in _DEFINITION.finditer(text)
    }
    sizes: dict[str, int] = {}
    if any(_expansions(name, definitions, sizes, 0) > _MOST_EXPANSIONS for name in definitions):
        raise SourceError(f"a substitution that stands for over {_MOST_EXPANSIONS:,} others")


def is_for_pages(tags: str) -> bool:
    """Whether Sphinx shows what is `only` for these tags, such as `html and not draft`, in a page that it makes."""
    try:
        return _holds(ast.parse(tags.strip()[:_TAGS_CHARS], mode="eval").body)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return False


def _holds(tags: ast.expr) -> bool:
    if isinstance(tags, ast.BoolOp):
        return (all if isinstance(tags.op, ast.And) else any)(map(_holds, tags.values))
    if isinstance(tags, ast.UnaryOp) and isinstance(tags.op, ast.Not):
        return not _holds(tags.operand)
    return isinstance(tags, ast.Name) and tags.id in _PAGE_TAGS


def _expansions(name: str, definitions: Mapping[str, list[str]], sizes: dict[str, int], depth: int) -> int:
    """How many substitutions a name stands for, those inside of its replacement included."""
    if name not in sizes and depth < _DEEPEST:
        sizes[name] = 1  # for a definition that leads back to itself, which docutils refuses
        sizes[name] = 1 + sum(_expansions(one, definitions, sizes, depth + 1) for one in definitions.get(name, ()))
    return sizes.get(name, _MOST_EXPANSIONS + 1)
