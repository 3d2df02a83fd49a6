"""Scripted edits of a corpus for anchors.py: each says what has become of one quote."""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from qa.quotes.anchors import Place

FILLER = (
    "The harbour was rebuilt by local engineers after the storm.\n\n",
    "Visitors can borrow a bicycle at the station.\n\n",
    "An appendix lists the instruments that were used.\n\n",
)
OTHER_WORDS = ("walnut", "quietly", "seventeen", "lantern", "orbital", "Zagreb", "gardeners", "painted")
UNRELATED = "Orchards in the valley were painted white for the autumn fair."


@dataclass(frozen=True)
class Quote:
    """A span of a document."""

    doc: str
    start: int
    end: int


@dataclass(frozen=True)
class Outcome:
    """The corpus after an edit, the states that are right, and where the quote stands then."""

    docs: dict[str, str]
    states: tuple[str, ...]
    place: Place | None = None


Docs = dict[str, str]
Edit = Callable[[Docs, Quote, random.Random], Outcome | None]


def lines_before(text: str, at: int) -> list[int]:
    """Starts of lines before `at`."""
    return [0] + [m.end() for m in re.finditer(r"\n", text[:at])]


def put(docs: Docs, doc: str, text: str) -> Docs:
    return {**docs, doc: text}


def twins(docs: Docs, q: Quote) -> bool:
    """Whether another copy stands between the same 40 characters on both sides."""
    text = docs[q.doc]
    wide = text[max(0, q.start - 40) : q.end + 40]
    return text.count(wide) > 1 or " ".join(text.split()).count(" ".join(wide.split())) > 1


def states(docs: Docs, q: Quote, state: str) -> tuple[str, ...]:
    return (state, "duplicated") if state != "intact" and twins(docs, q) else (state,)


def at(q: Quote, start: int, doc: str | None = None) -> Place:
    return Place(doc or q.doc, start, start + q.end - q.start)


def untouched(docs: Docs, q: Quote, rng: random.Random) -> Outcome:
    return Outcome(docs, ("intact",), at(q, q.start))


def insert_before(docs: Docs, q: Quote, rng: random.Random) -> Outcome:
    text, new = docs[q.doc], rng.choice(FILLER)
    line = rng.choice(lines_before(text, q.start))
    if q.start - line < 40:  # keep the words around the quote
        line = 0
    return Outcome(
        put(docs, q.doc, text[:line] + new + text[line:]), states(docs, q, "moved"), at(q, q.start + len(new))
    )


def delete_before(docs: Docs, q: Quote, rng: random.Random) -> Outcome | None:
    text = docs[q.doc]
    if q.start < 300:
        return None
    a = rng.randrange(0, q.start - 200)
    n = rng.randrange(20, 150)
    if twins(docs, q) or text[: a + n + 40].count(text[q.start : q.end]):
        return None
    return Outcome(put(docs, q.doc, text[:a] + text[a + n :]), ("moved",), at(q, q.start - n))


def insert_after(docs: Docs, q: Quote, rng: random.Random) -> Outcome:
    text = docs[q.doc]
    return Outcome(put(docs, q.doc, text + "\n\n" + rng.choice(FILLER)), ("intact",), at(q, q.start))


def inner_words(text: str, q: Quote) -> list[tuple[int, int]]:
    spans = [(q.start + m.start(), q.start + m.end()) for m in re.finditer(r"[A-Za-z]{3,}", text[q.start : q.end])]
    return spans[1:-1]


def edited(docs: Docs, q: Quote, a: int, b: int, new: str) -> Outcome:
    text = docs[q.doc]
    place = Place(q.doc, q.start, q.end + len(new) - (b - a))
    return Outcome(put(docs, q.doc, text[:a] + new + text[b:]), ("edited",), place)


def change_word(docs: Docs, q: Quote, rng: random.Random) -> Outcome | None:
    spans = inner_words(docs[q.doc], q)
    return edited(docs, q, *rng.choice(spans), rng.choice(OTHER_WORDS)) if len(spans) > 2 else None


def insert_word(docs: Docs, q: Quote, rng: random.Random) -> Outcome | None:
    spans = inner_words(docs[q.doc], q)
    a = rng.choice(spans)[0] if len(spans) > 2 else 0
    return edited(docs, q, a, a, rng.choice(OTHER_WORDS) + " ") if a else None


def drop_word(docs: Docs, q: Quote, rng: random.Random) -> Outcome | None:
    spans = inner_words(docs[q.doc], q)
    if len(spans) < 4:
        return None
    a, b = rng.choice(spans)
    return edited(docs, q, a, b + (docs[q.doc][b] == " "), "")


def change_number(docs: Docs, q: Quote, rng: random.Random) -> Outcome | None:
    found = list(re.finditer(r"\d+", docs[q.doc][q.start : q.end]))
    if not found or len(inner_words(docs[q.doc], q)) < 3:
        return None
    m = rng.choice(found)
    return edited(docs, q, q.start + m.start(), q.start + m.end(), str(int(m[0]) + rng.randrange(1, 9)))


def edit_and_insert(docs: Docs, q: Quote, rng: random.Random) -> Outcome | None:
    one = change_word(docs, q, rng)
    if one is None or one.place is None or q.start < 60:
        return None
    new = rng.choice(FILLER)
    place = Place(q.doc, one.place.start + len(new), one.place.end + len(new))
    return Outcome(put(one.docs, q.doc, new + one.docs[q.doc]), one.states, place)


def glue_prefix(docs: Docs, q: Quote, rng: random.Random) -> Outcome | None:
    text = docs[q.doc]
    if not text[q.start].isalpha() or text[q.start - 1 : q.start].isalnum() or text.count(text[q.start : q.end]) > 1:
        return None
    return Outcome(put(docs, q.doc, text[: q.start] + "un" + text[q.start :]), ("edited",))


def rewrap(docs: Docs, q: Quote, rng: random.Random) -> Outcome | None:
    """Some spaces of the whole document become line breaks, some are doubled."""
    text = docs[q.doc]
    if twins(docs, q):
        return None
    pieces, spaces, start, end = [], 0, 0, 0
    for k, c in enumerate(text):
        if k == q.start:
            start = sum(map(len, pieces))
        if k == q.end:
            end = sum(map(len, pieces))
        spaces += c == " "
        pieces.append("\n" if c == " " and spaces % 11 == 0 else "  " if c == " " and spaces % 29 == 0 else c)
    new = "".join(pieces)
    end = end or len(new)
    return Outcome(put(docs, q.doc, new), ("intact" if start == q.start else "moved",), Place(q.doc, start, end))


def restyle(docs: Docs, q: Quote, rng: random.Random) -> Outcome | None:
    """Other quote marks and dashes in the whole document, as long as before."""
    old = docs[q.doc]
    new = old.translate(str.maketrans("“”‘’", "\"\"''"))
    new = re.sub(r"(?<=\w)'(?=\w)", "’", new) if new == old else new
    if new[q.start : q.end] == old[q.start : q.end] or old.count(old[q.start : q.end]) > 1:
        return None
    return Outcome(put(docs, q.doc, new), ("intact",), at(q, q.start))


def line_of(text: str, q: Quote) -> tuple[int, int]:
    end = text.find("\n", q.end)
    return text.rfind("\n", 0, q.start) + 1, len(text) if end < 0 else end + 1


def move_paragraph(docs: Docs, q: Quote, rng: random.Random) -> Outcome | None:
    text = docs[q.doc]
    a, b = line_of(text, q)
    if b - a > 4000 or a < 200 or twins(docs, q) or text.count(text[q.start : q.end]) > 1:
        return None
    rest = text[:a] + text[b:]
    to = rng.choice([x for x in lines_before(rest, a - 100) if x < a - 100] or [0])
    return Outcome(put(docs, q.doc, rest[:to] + text[a:b] + rest[to:]), ("moved",), at(q, to + q.start - a))


def move_to_other(docs: Docs, q: Quote, rng: random.Random) -> Outcome | None:
    text = docs[q.doc]
    a, b = line_of(text, q)
    alone = (q.start - a < 20) and (b - q.end < 20)
    if b - a > 4000 or alone or text.count(text[q.start : q.end]) > 1:
        return None
    other = rng.choice(sorted(set(docs) - {q.doc}))
    new = {**docs, q.doc: text[:a] + text[b:], other: docs[other] + "\n" + text[a:b]}
    return Outcome(new, ("moved",), at(q, len(docs[other]) + 1 + q.start - a, other))


def rename(docs: Docs, q: Quote, rng: random.Random) -> Outcome:
    new = {("archive/" + d if d == q.doc else d): t for d, t in docs.items()}
    return Outcome(new, ("moved",), at(q, q.start, "archive/" + q.doc))


def rename_and_insert(docs: Docs, q: Quote, rng: random.Random) -> Outcome:
    one = insert_before(docs, q, rng)
    return Outcome(
        {("archive/" + d if d == q.doc else d): t for d, t in one.docs.items()},
        one.states,
        one.place and replace(one.place, doc_id="archive/" + q.doc),
    )


def copy_after(docs: Docs, q: Quote, rng: random.Random) -> Outcome:
    text = docs[q.doc]
    return Outcome(put(docs, q.doc, f"{text}\n\n{text[q.start : q.end]}\n"), ("intact",), at(q, q.start))


def copy_before(docs: Docs, q: Quote, rng: random.Random) -> Outcome | None:
    text = docs[q.doc]
    if q.start < 60 or twins(docs, q):
        return None
    new = text[q.start : q.end].strip() + "\n\n"
    return Outcome(put(docs, q.doc, new + text), ("moved",), at(q, q.start + len(new)))


def copy_with_neighbours(docs: Docs, q: Quote, rng: random.Random) -> Outcome | None:
    """The same passage, with the words around it, twice, and neither where it was."""
    text = docs[q.doc]
    if not 100 < q.start < len(text) - 400:
        return None
    wide = text[q.start - 60 : q.end + 60]
    return Outcome(put(docs, q.doc, f"{rng.choice(FILLER)} {wide} \n\n{text}"), ("duplicated",))


def copy_to_other(docs: Docs, q: Quote, rng: random.Random) -> Outcome:
    other = rng.choice(sorted(set(docs) - {q.doc}))
    return Outcome(put(docs, other, f"{docs[q.doc][q.start : q.end]}\n\n{docs[other]}"), ("intact",), at(q, q.start))


def other_copies(docs: Docs, q: Quote) -> list[int]:
    text, words = docs[q.doc], docs[q.doc][q.start : q.end]
    return [m.start() for m in re.finditer(re.escape(words), text) if m.start() != q.start]


def drop_other_copy(docs: Docs, q: Quote, rng: random.Random) -> Outcome | None:
    others = other_copies(docs, q)
    if not others or twins(docs, q):
        return None
    a, n, text = rng.choice(others), q.end - q.start, docs[q.doc]
    if abs(a - q.start) < n + 60:
        return None
    start = q.start - n if a < q.start else q.start
    return Outcome(
        put(docs, q.doc, text[:a] + text[a + n :]), ("intact" if start == q.start else "moved",), at(q, start)
    )


def drop_this_copy(docs: Docs, q: Quote, rng: random.Random) -> Outcome | None:
    """Another copy remains. To call it moved is allowed, to re-anchor without asking is not."""
    if not other_copies(docs, q) or twins(docs, q):
        return None
    text = docs[q.doc]
    return Outcome(put(docs, q.doc, text[: q.start] + text[q.end :]), ("gone", "moved", "duplicated"))


def edit_this_copy(docs: Docs, q: Quote, rng: random.Random) -> Outcome | None:
    return change_word(docs, q, rng) if other_copies(docs, q) and not twins(docs, q) else None


def plant(docs: Docs, q: Quote, rng: random.Random) -> tuple[Docs, Quote]:
    """The corpus with one more copy in other company, before or after the quote; half share the words that follow."""
    text = docs[q.doc]
    copy = f"Elsewhere: {text[q.start : q.end]}{text[q.end : q.end + 60] if rng.random() < 0.5 else ' And on.'}\n\n"
    if rng.random() < 0.5:
        return put(docs, q.doc, copy + text), Quote(q.doc, q.start + len(copy), q.end + len(copy))
    return put(docs, q.doc, f"{text}\n\n{copy}"), q


def alone(docs: Docs, q: Quote) -> bool:
    words = " ".join(docs[q.doc][q.start : q.end].split())
    return all(" ".join(t.split()).count(words) == (d == q.doc) for d, t in docs.items())


def delete(docs: Docs, q: Quote, rng: random.Random) -> Outcome | None:
    text = docs[q.doc]
    return Outcome(put(docs, q.doc, text[: q.start] + text[q.end :]), ("gone",)) if alone(docs, q) else None


def delete_with_twin(docs: Docs, q: Quote, rng: random.Random) -> Outcome | None:
    """The sentence goes, one that differs in a word or number stays elsewhere."""
    one = (change_number if rng.random() < 0.5 else change_word)(docs, q, rng)
    if one is None or one.place is None or not alone(docs, q) or q.start < 60:
        return None
    like = one.docs[q.doc][one.place.start : one.place.end]
    text = docs[q.doc]
    return Outcome(put(docs, q.doc, f"{text[: q.start]}{text[q.end :]}\n\n{like}\n"), ("gone",))


def replaced(docs: Docs, q: Quote, rng: random.Random) -> Outcome | None:
    text = docs[q.doc]
    return Outcome(put(docs, q.doc, text[: q.start] + UNRELATED + text[q.end :]), ("gone",)) if alone(docs, q) else None


def drop_document(docs: Docs, q: Quote, rng: random.Random) -> Outcome | None:
    return Outcome({d: t for d, t in docs.items() if d != q.doc}, ("gone",)) if alone(docs, q) else None


def empty_document(docs: Docs, q: Quote, rng: random.Random) -> Outcome | None:
    return Outcome(put(docs, q.doc, ""), ("gone",)) if alone(docs, q) else None


def change_neighbours(docs: Docs, q: Quote, rng: random.Random) -> Outcome | None:
    text = docs[q.doc]
    if not 300 < q.start < len(text) - 300 or not alone(docs, q):
        return None
    new = "A note was added here. "
    changed = text[: q.start] + new + text[q.start : q.end] + " Another one here." + text[q.end :]
    return Outcome(put(docs, q.doc, changed), ("moved",), at(q, q.start + len(new)))


EDITS: dict[str, Edit] = {
    "nothing": untouched,
    "paragraph inserted before": insert_before,
    "text deleted before": delete_before,
    "paragraph inserted after": insert_after,
    "word changed": change_word,
    "word inserted": insert_word,
    "word dropped": drop_word,
    "number changed": change_number,
    "word changed, paragraph before": edit_and_insert,
    "prefix glued to the first word": glue_prefix,
    "white space re-wrapped": rewrap,
    "quote marks restyled": restyle,
    "paragraph moved": move_paragraph,
    "paragraph moved to another file": move_to_other,
    "file renamed": rename,
    "file renamed, paragraph before": rename_and_insert,
    "copy added after": copy_after,
    "copy added before": copy_before,
    "copied with its neighbours": copy_with_neighbours,
    "copy added to another file": copy_to_other,
    "another copy removed": drop_other_copy,
    "this copy removed": drop_this_copy,
    "this copy edited": edit_this_copy,
    "deleted": delete,
    "deleted, a similar one stays": delete_with_twin,
    "replaced by another sentence": replaced,
    "document deleted": drop_document,
    "document emptied": empty_document,
    "both neighbours changed": change_neighbours,
}
