"""Retrieved sentences to a prompt: short ids, documents as data that cannot pose as anything else, a token budget."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from qa.answer.parse import answer_schema
from qa.llm.protocol import ChatRequest, Message
from qa.llm.templates import LOOK_ALIKES, neutral, render
from qa.records import Context, Sentence
from qa.text import label

__all__ = ["Prompt", "Source", "build_prompt", "estimate_tokens"]

ANSWER_TOKENS = 512  # an answer is a few sentences with their ids
ABOUT = ("published", "publisher", "author")  # the metadata that a reader of the documents would want to see
Template = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Source:
    """Retrieved sentences of one document, in order, with their texts; for instance a passage.

    context: what each of the sentences cannot be understood without.
    """

    doc_id: str
    title: str
    metadata: Mapping[str, str]
    sentences: tuple[tuple[Sentence, str], ...]
    context: tuple[tuple[Context, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Prompt:
    """A request and what its ids stand for.

    sha256: of its messages in both forms and its schema. tokens: estimate for the sentences in it. marks: what the
    sources have for each look-alike that a model may copy, for `str.translate`.
    """

    request: ChatRequest
    sentences: Mapping[str, Sentence]
    sha256: str
    tokens: int
    marks: Mapping[int, str]


class _Chosen(NamedTuple):
    source: Source
    sentence: Sentence
    text: str
    context: tuple[str, ...]


def _sentences(source: Source) -> Iterator[_Chosen]:
    contexts = source.context or ((),) * len(source.sentences)
    for (sentence, text), pieces in zip(source.sentences, contexts, strict=True):
        yield _Chosen(source, sentence, text, tuple(piece.text for piece in pieces))


def estimate_tokens(text: str) -> int:
    """An upper estimate without a tokenizer: three bytes of UTF-8 a token (English text has four to five)."""
    return -(-len(text.encode("utf-8", "replace")) // 3)


def build_prompt(question: str, sources: Sequence[Source], template: Template, max_tokens: int) -> Prompt:
    """The prompt for the first sources that fit into `max_tokens`; the first of them is always in.

    sources: best first, at least one. template: gives the text of a template by its file name.
    Raises SettingError for a template that cannot be rendered.
    """
    chosen: dict[tuple[str, int], _Chosen] = {}
    tokens = 0
    for source in sources:
        wider = chosen | {(source.doc_id, one.sentence.number): one for one in _sentences(source)}
        shown = [f"[s999] {one.text}\n" for one in wider.values()]
        shown += [f"({' | '.join(context)})\n" for context in {one.context for one in wider.values() if one.context}]
        needed = estimate_tokens("".join(shown))
        if chosen and needed > max_tokens:
            break
        chosen, tokens = wider, needed
    order = {doc_id: n for n, doc_id in enumerate(dict.fromkeys(doc_id for doc_id, _ in chosen))}
    keys = sorted(chosen, key=lambda key: (order[key[0]], key[1]))
    ids = {f"s{n}": chosen[key].sentence for n, key in enumerate(keys, 1)}
    documents = _documents((name, chosen[key]) for name, key in zip(ids, keys, strict=True))
    has_context = any(one.context for one in chosen.values())
    variables: dict[str, Any] = {
        "question": " ".join(question.split()),
        "documents": documents,
        "has_context": has_context,
    }
    request = ChatRequest(
        messages=_render(template, "answer.j2", variables),
        schema=answer_schema(list(ids)),
        plain_messages=_render(template, "answer_markers.j2", variables),
        max_tokens=ANSWER_TOKENS,
        sentences=len(ids),
        question=variables["question"],
        places={name: (one.doc_id, one.start, one.end) for name, one in ids.items()},
    )
    return Prompt(request, ids, _sha256(request), tokens, _marks("".join(one.text for one in chosen.values())))


def _marks(text: str) -> dict[int, str]:
    """Look-alike -> mark, where the text has the mark and no such look-alike of its own."""
    plain = {alike: mark for mark, alike in LOOK_ALIKES.items() if mark != '"'}  # curly ones will do
    return {ord(alike): mark for alike, mark in plain.items() if mark in text and alike not in text}


def _documents(rows: Iterable[tuple[str, _Chosen]]) -> list[dict[str, Any]]:
    """What the templates see, sentences grouped by document in the order of the rows. What a sentence stands under is
    given where it is not that of the sentence before.
    """
    documents: dict[str, dict[str, Any]] = {}
    last: dict[str, str] = {}
    for name, (source, _, text, context) in rows:
        about = [(key, neutral(label(source.metadata[key]))) for key in ABOUT if source.metadata.get(key)]
        document = documents.setdefault(
            source.doc_id, {"title": neutral(label(source.title)), "about": about, "sentences": []}
        )
        shown = " | ".join(neutral(label(piece)) for piece in context)
        under = shown if shown != last.get(source.doc_id, "") else ""
        last[source.doc_id] = shown
        document["sentences"].append({"id": name, "text": neutral(text), "under": under})
    return list(documents.values())


def _render(template: Template, name: str, variables: Mapping[str, Any]) -> tuple[Message, ...]:
    """The system and the user message of a template."""
    system, user = render(name, template(name), variables)
    return (Message("system", system), Message("user", user))


def _sha256(request: ChatRequest) -> str:
    sent = {
        "messages": [[m.role, m.content] for m in request.messages],
        "plain_messages": [[m.role, m.content] for m in request.plain_messages],
        "schema": request.schema,
    }
    return hashlib.sha256(json.dumps(sent, sort_keys=True).encode()).hexdigest()
