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
    from qa.errors import QaError
    from qa.llm.chat import OpenAIChat
    from qa.llm.gguf import GgufChat
    from qa.records import Answer, BuildSettings, Document, Evidence, Hit, Passage, Quote, Sentence, Span, Statement
    from qa.retrieve.retriever import Retriever

__all__ = [
    "Answer",
    "Assistant",
    "BuildSettings",
    "Document",
    "Evidence",
    "GgufChat",
    "Hit",
    "OpenAIChat",
    "Passage",
    "QaError",
    "Quote",
    "Retriever",
    "Sentence",
    "Span",
    "Statement",
]

_HOMES = {
    "Assistant": "qa.answer.assistant",
    "GgufChat": "qa.llm.gguf",
    "OpenAIChat": "qa.llm.chat",
    "QaError": "qa.errors",
    "Retriever": "qa.retrieve.retriever",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'qa' has no attribute {name!r}")
    value = getattr(import_module(_HOMES.get(name, "qa.records")), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
