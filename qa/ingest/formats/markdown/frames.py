"""Passages of a Markdown file in a frame that may say whose words they are, or take them back.

A frame is made of two tags, of HTML or of a template, two lines of colons or slashes, or the marks of a remark. What
most of them mean, nobody knows but the program that makes the page; a few are known to say nothing.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from qa.ingest.formats.common.concealed import is_hidden_element
from qa.ingest.formats.markdown.concealed import VOID, attributes, is_taken_out
from qa.ingest.formats.markdown.rawhtml import TAG
from qa.records import Block, Span

__all__ = ["frames", "is_neutral"]

Range = tuple[int, int]

_NEUTRAL = frozenset(
    """
    a abbr article aside b bdi big body center code details dfn div em figcaption figure font footer
    h1 h2 h3 h4 h5 h6 header html i ins kbd main mark nav nobr p picture samp section small span strong sub summary
    sup time tt u var
    admonition alert attention callout caution danger hint important info note raw seealso tip warning
    """.split()
)
_LASTING = frozenset("blockquote dl ol q table ul".split())  # elements that go on to the end if they are not closed
_SIGN = re.compile(  # not in code, as far as the character before it shows
    r"""^[ \t>]*(?P<box>:{3,}|/{3,})[ \t]*(?:\{\.?(?P<braced>\w[\w-]*)\}|(?P<kind>\w[\w-]*)|(?P<other>\S))?
      | (?<!`)\{(?:\{[<%]?|[%:])[-~#:\s]*
        (?: (?P<last>/|end)(?=\s*[-~%>}]) | (?P<close>/|end)?(?P<name>[a-z][\w.:/]*) )
      | (?<!`)(?P<remark>%%) | (?P<begin>\{(?:/\*|--|>>|~~|\#(?=[\s-]))) | (?P<end>(?:\*/|--|<<|~~|\#)\})""",
    re.VERBOSE | re.MULTILINE | re.IGNORECASE,
)
_ENDS = {"{/*": "*/}", "{--": "--}", "{>>": "<<}", "{~~": "~~}", "{#": "#}"}


class _Sign(NamedTuple):
    """One end of a frame; `key` tells which belong together. lasts: whether it needs no other end."""

    key: str
    start: int
    end: int
    opens: bool
    matters: bool = True
    lasts: bool = False


def is_neutral(name: str) -> bool:
    """Whether a frame of this name says nothing about the words in it."""
    return name.lower() in _NEUTRAL


def frames(source: str, blocks: Sequence[Block], markup: Sequence[Span]) -> Iterator[Range]:
    """The ranges of the source from one end of a frame to the other."""
    yield from _paired(_tags(source, markup), len(source))
    yield from _paired(_signs(source, blocks), len(source))


def _paired(signs: Iterable[_Sign], end: int) -> Iterator[Range]:
    opened: defaultdict[str, list[_Sign]] = defaultdict(list)
    for sign in signs:
        if sign.opens:
            opened[sign.key].append(sign)
        elif opened[sign.key] and (first := opened[sign.key].pop()).matters:
            yield first.start, sign.end
    yield from ((sign.start, end) for left in opened.values() for sign in left if sign.lasts)


def _tags(source: str, markup: Sequence[Span]) -> Iterator[_Sign]:
    """The tags of HTML."""
    for span in markup:
        for tag in TAG.finditer(source, span.start, span.end):
            name = (tag["name"] or "").lower()
            if not name or name in VOID:
                continue
            rest = source[tag.end("name") : tag.end()]
            given = attributes(rest)
            taken_out = is_taken_out(name, given)
            in_doubt = (
                is_hidden_element(name, given)
                or re.match("[-.:]", rest)  # the name goes on
                or rest.count('"') % 2  # the tag goes on after a `>` in an attribute
                or rest.count("'") % 2
            )
            matters = bool(taken_out or in_doubt or not is_neutral(name))
            lasts = name in _LASTING or (taken_out and name != "p")
            if lasts or not rest.endswith("/>"):
                yield _Sign(name, *tag.span(), not tag["close"], matters, lasts)


def _signs(source: str, blocks: Sequence[Block]) -> Iterator[_Sign]:
    """The tags of templates, the lines around containers, and the marks of remarks."""
    end = 0
    for block in blocks:
        start, end = max(end, source.rfind("\n", end, block.start) + 1), block.end
        for sign in _SIGN.finditer(source, start, end) if block.kind != "code" else ():
            if sign["box"]:
                name = sign["braced"] or sign["kind"] or ""
                opens = bool(name or sign["other"])
                yield _Sign(sign["box"][0], *sign.span(), opens, not is_neutral(name))
            elif sign["remark"]:
                yield from (_Sign("%%", *sign.span(), opens) for opens in (False, True))
            elif sign["begin"] or sign["end"]:
                yield _Sign(_ENDS.get(sign["begin"], sign["end"]), *sign.span(), bool(sign["begin"]))
            else:
                name = (sign["name"] or "").lower()
                yield _Sign(f"{{{name}", *sign.span(), not (sign["close"] or sign["last"]), not is_neutral(name))
                if name and not sign["close"]:
                    yield _Sign("{", *sign.span(), True, not is_neutral(name))
