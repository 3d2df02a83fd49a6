"""The public API as an embedding app uses it. Type checkers read this file; nothing runs it."""

from collections.abc import Iterator
from pathlib import Path
from typing import assert_type

import qa
from qa.llm.protocol import Chat, ChatReply, ChatRequest, Delta
from qa.testing import FakeChat, HashEncoder


class Parrot:
    """A chat of one's own."""

    model = "parrot"
    is_local = True

    def stream(self, request: ChatRequest) -> Iterator[Delta | ChatReply]:
        yield Delta("{}")
        yield ChatReply("{}", self.model)


def retrieve(seeds: Path, index: Path) -> None:
    settings = qa.BuildSettings(passage_chars=600, boilerplate=False)
    with qa.Retriever.build(seeds, index, settings=settings, encoder=HashEncoder()) as retriever:
        hits = retriever.search("Who signed?", k=3, where=["published>=2025"])
        assert_type(hits, list[qa.Hit])
        assert_type(hits[0].text, str)
        evidence = retriever.evidence("Who signed?")
        assert_type(evidence.quotes, tuple[qa.Quote, ...])
        assert_type(evidence.quotes[0].page, int | None)
        assert_type(retriever.document(evidence.quotes[0].doc_id), qa.Document)


def answer(retriever: qa.Retriever, chat: Chat | None) -> qa.Answer:
    assistant = qa.Assistant(retriever, chat, threshold=0.6, strict=True)
    for event in assistant.stream("Who signed?"):
        assert_type(event, qa.Event)
        match event:
            case qa.Retrieved():
                assert_type(event.evidence, qa.Evidence)
            case qa.Asked():
                assert_type(event.prompt.sha256, str)
            case qa.Stated():
                assert_type(event.statement, qa.Statement)
            case qa.Judged():
                assert_type(event.number, int)
            case qa.Restarted():
                pass
            case qa.Done():
                assert_type(event.answer, qa.Answer)
    return assistant.ask("Who signed?", where=("author=Ann",))


def workspace(root: Path) -> qa.Answer:
    with qa.Session.open(root, {"k": 3}, notify=print) as session:
        assert_type(session.retriever(), qa.Retriever)
        chat = session.chat() if session.model else None
        assert_type(session.assistant(chat), qa.Assistant)
        return session.assistant(chat).ask("Who signed?")


def chats() -> list[Chat]:
    return [
        Parrot(),
        FakeChat("a reply", {"statements": []}),
        qa.OpenAIChat("gpt-5-mini", api_key="sk-...", deadline=30),
        qa.GgufChat("model.gguf", threads=2),
    ]


def errors(index: Path) -> str:
    try:
        qa.Retriever.open(index)
    except qa.QaError as error:
        return str(error)
    return ""
