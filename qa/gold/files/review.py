"""Reads a review file, and moves the cases that a person accepted into a gold file, as text with all its comments."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal, cast, get_args

from qa.errors import GoldError
from qa.gold.files.cases import MAX_PROBLEMS, Case, GoldQuote, disagreements, parse, read
from qa.gold.files.nodes import Node, compose
from qa.gold.files.rewrite import Located, scalars
from qa.gold.files.sources import Sources

__all__ = ["COMMENT", "Accepted", "Review", "Reviewed", "accept", "reviewed"]

COMMENT = "#?"  # begins a line that helps the reviewer and is dropped when the case is accepted
Review = Literal["todo", "accept", "reject"]


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A case of a review file. start, end: its characters in the file, with the comments directly above it."""

    case: Case
    review: Review
    node: Located
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Accepted:
    """What becomes of the two files, and of how many cases. there: accepted before, and in the gold file already."""

    gold: str
    review: str
    added: int
    there: int
    rejected: int
    todo: int


def reviewed(text: str, file: str) -> list[Reviewed]:
    """The cases of a review file, none if it is empty. Raises GoldError with a line `FILE:LINE: problem` for each."""
    root = compose(text, file)
    if root is None or not root.items:
        return []
    problems: list[tuple[int, str]] = []
    marks = [_review(node, problems) for node in root.items] if root.kind == "list" else []
    if problems:
        raise _error([f"{file}:{line}: {problem}" for line, problem in problems])
    cases = read(root, file)
    tree = scalars(text)
    if tree.flow:
        raise GoldError(f"{file}:{root.line}: write the cases as a list, each starting with a dash")
    nodes = tree.items
    starts = [_start(text, node) for node in nodes]
    ends = [*starts[1:], len(text)]
    return [
        Reviewed(case, mark, node, start, end)
        for case, mark, node, start, end in zip(cases, marks, nodes, starts, ends, strict=True)
    ]


def _error(lines: Sequence[str]) -> GoldError:
    more = len(lines) - MAX_PROBLEMS
    return GoldError(*lines[:MAX_PROBLEMS], *([f"and {more} more problems"] if more > 0 else []))


def _review(node: Node, problems: list[tuple[int, str]]) -> Review:
    """What the reviewer says of a case. Takes the key away: what remains is a case as in a gold file."""
    keys = [key.text for key in node.items[::2]] if node.kind == "mapping" else []
    if keys.count("review") != 1:
        problems.append((node.line, "a case in a review file needs one `review:` line (todo, accept or reject)"))
        return "todo"
    at = 2 * keys.index("review")
    said = node.items[at + 1]
    del node.items[at : at + 2]
    if said.text not in get_args(Review):
        near = get_close_matches(said.text, get_args(Review), n=1, cutoff=0.0)
        hint = f"; did you mean {near[0]!r}?" if near and said.text else ""
        problems.append((said.line, f"review must be todo, accept or reject, not {said.text[:40]!r}{hint}"))
        return "todo"
    return cast(Review, said.text)


def _start(text: str, node: Located) -> int:
    """Where a case begins: at the line of its dash, or of the comments directly above it."""
    start = text.rfind("\n", 0, text.rindex("-", 0, node.start)) + 1
    while start:
        above = text.rfind("\n", 0, start - 1) + 1
        line = text[above:start].strip()
        if not line.startswith("#") or line.startswith(COMMENT):
            break
        start = above
    return start


def accept(review: str, review_file: str, gold: str | None, gold_file: str, sources: Sources) -> Accepted:
    """The texts of both files after the reviewed cases have moved.

    gold: None if there is no such file yet. A case that is in the gold file already, exactly so, is not added again.
    Raises GoldError if either file is wrong, if an accepted case disagrees with another one, or if a quote of it does
    not stand exactly once in the sources.
    """
    found = reviewed(review, review_file)
    old = parse(gold, gold_file) if gold is not None and compose(gold, gold_file) else ()
    before = {case.id: case for case in old}
    chosen = [one for one in found if one.review == "accept"]
    new = [one for one in chosen if before.get(one.case.id) != one.case]
    _check([*old, *(one.case for one in new)], [one.case for one in new], sources)
    blocks = [_block(review, review_file, one) for one in new]
    text = _appended(gold or "", blocks)
    if new and not _holds(text, (*old, *(one.case for one in new))):
        raise GoldError(f"{gold_file}: the cases cannot be added as text; nothing was written. Add them by hand")
    todo = [one for one in found if one.review == "todo"]
    rest = (review[: found[0].start] if found else review) + "".join(review[one.start : one.end] for one in todo)
    if not _leaves(rest, [one.case for one in todo]):
        raise GoldError(f"{review_file}: cannot locate the cases in the text; nothing was written. Move them by hand")
    return Accepted(
        gold=text,
        review=rest,
        added=len(new),
        there=len(chosen) - len(new),
        rejected=sum(one.review == "reject" for one in found),
        todo=len(todo),
    )


def _holds(text: str, cases: tuple[Case, ...]) -> bool:
    try:
        return parse(text) == cases
    except GoldError:
        return False


def _leaves(text: str, cases: list[Case]) -> bool:
    try:
        return [one.case for one in reviewed(text, "")] == cases
    except GoldError:
        return False


def _check(together: Sequence[Case], new: Sequence[Case], sources: Sources) -> None:
    problems = [f"{case.file}:{line}: {problem}" for case, line, problem in disagreements(together)]
    for case in new:
        found = [(quote.line, _problem(quote, sources)) for quote in case.quotes]
        problems += [f"{case.file}:{line}: {problem}" for line, problem in found if problem]
    if problems:
        raise _error(problems)


def _problem(quote: GoldQuote, sources: Sources) -> str:
    """Why a quote cannot be gold; empty if it can."""
    standing = sources.standing(quote)
    here = f"seeds/{quote.source}"
    if standing.state == "intact":
        return ""
    if not sources.texts.get(quote.source):
        return f"there is no document {here}"
    if standing.state == "duplicated":
        return f"this quote occurs {len(standing.others)} times in {here}; add more words to `before` or `after`"
    if standing.state == "edited" and standing.place:
        there = sources.texts[standing.place.doc_id][standing.place.start : standing.place.end]
        return f"this quote is not in {here}; the nearest passage is {' '.join(there.split())!r}"
    if standing.state == "moved" and standing.place and standing.place.doc_id == quote.source:
        return f"this quote is in {here}, but not between the words in `before` and `after`"
    return f"this quote is not in {here}"


def _block(text: str, file: str, one: Reviewed) -> str:
    """The lines of a case without its `review` and without the comments for the reviewer."""
    keys = one.node.items[::2]
    at = next(n for n, key in enumerate(keys) if key.text == "review")
    begin, value = keys[at].start, one.node.items[2 * at + 1]
    line = text.rfind("\n", 0, begin) + 1
    if one.node.flow:
        raise GoldError(f"{file}:{one.case.line}: write this case with one key per line, so that it can be moved")
    if text[line:begin].strip():  # it is the first key, behind the dash
        end = keys[at + 1].start
    else:
        begin, end = line, text.find("\n", value.end) + 1 or len(text)
    block = text[one.start : begin] + text[end : one.end]
    kept = [row.removesuffix("\r") for row in block.split("\n") if not row.lstrip().startswith(COMMENT)]
    return "\n".join(kept).rstrip()


def _appended(gold: str, blocks: Sequence[str]) -> str:
    """The gold file's text with more cases at its end, indented as its own are."""
    if not blocks:
        return gold
    first = next(iter(scalars(gold).items), None)
    dash = gold.rfind("-", 0, first.start) if first else -1
    column = max(0, dash - gold.rfind("\n", 0, max(dash, 0)) - 1)
    newline = "\r\n" if "\r\n" in gold else "\n"
    text = gold + (newline if gold and not gold.endswith("\n") else "")
    for block in blocks:
        text += (newline if text else "") + _indented(block, column).replace("\n", newline) + newline
    return text


def _indented(block: str, column: int) -> str:
    """The block with its dash in this column."""
    rows = block.split("\n")
    dash = next((row for row in rows if row.lstrip().startswith("-")), rows[0])
    shift = column - (len(dash) - len(dash.lstrip()))
    if shift >= 0:
        return "\n".join(" " * shift + row if row else row for row in rows)
    return "\n".join(row[-shift:] if not row[:-shift].strip() else row for row in rows)
