"""Ask questions over your own documents; every statement of the answer is proven by verbatim quotes.

    import qa
    with qa.Retriever.build("seeds/", "index/") as retriever:
        answer = qa.Assistant(retriever).ask("Which aircraft fires JASSMs?")

Names are imported when they are first used, so `import qa` is quick.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qa.answer.assistant import Assistant
    from qa.answer.conversation import Turn
    from qa.answer.events import Asked, Done, Event, Judged, Restarted, Retrieved, Stated
    from qa.errors import QaError
    from qa.llm.chat import OpenAIChat
    from qa.llm.gguf import GgufChat
    from qa.records import Answer, BuildSettings, Document, Evidence, Hit, Passage, Quote, Sentence, Span, Statement
    from qa.retrieve.retriever import Retriever
    from qa.session import Session

__all__ = [
    "Answer",
    "Asked",
    "Assistant",
    "BuildSettings",
    "Document",
    "Done",
    "Event",
    "Evidence",
    "GgufChat",
    "Hit",
    "Judged",
    "OpenAIChat",
    "Passage",
    "QaError",
    "Quote",
    "Restarted",
    "Retrieved",
    "Retriever",
    "Sentence",
    "Session",
    "Span",
    "Stated",
    "Statement",
    "Turn",
]

_EVENTS = ("Asked", "Done", "Event", "Judged", "Restarted", "Retrieved", "Stated")
_HOMES = dict.fromkeys(_EVENTS, "qa.answer.events") | {
    "Assistant": "qa.answer.assistant",
    "GgufChat": "qa.llm.gguf",
    "OpenAIChat": "qa.llm.chat",
    "QaError": "qa.errors",
    "Retriever": "qa.retrieve.retriever",
    "Session": "qa.session",
    "Turn": "qa.answer.conversation",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'qa' has no attribute {name!r}")
    value = getattr(import_module(_HOMES.get(name, "qa.records")), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
