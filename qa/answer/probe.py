"""One small question to a language model, end to end: sent, answered, parsed, checked. Contains no documents."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from qa import gate
from qa.answer.parse import parse
from qa.answer.prompt import Prompt, Source, build_prompt
from qa.llm.dialect import Mode
from qa.llm.protocol import Chat, complete, hider
from qa.llm.templates import render
from qa.records import Sentence

__all__ = ["Probe", "check_templates", "probe", "probe_prompt"]

QUESTION = "When was the bridge opened?"
SENTENCES = ("The bridge was opened in 1871.", "It is painted red.")


@dataclass(frozen=True, slots=True)
class Probe:
    """The result.

    model: as the endpoint names it. mode: the output mode that worked. text: the first statement, empty if the model
    found no answer. is_right: a statement points at the right sentence, which supports it. seconds: from sending to the
    end of the answer.
    """

    model: str
    mode: Mode
    text: str
    is_right: bool
    seconds: float


def probe_prompt(template: Callable[[str], str]) -> Prompt:
    """The prompt. Raises SettingError for a template that cannot be rendered."""
    sentences = tuple((Sentence("test", n, 100 * n, 100 * n + len(text)), text) for n, text in enumerate(SENTENCES))
    return build_prompt(QUESTION, [Source("test", "A bridge", {}, sentences)], template, 1000)


def check_templates(template: Callable[[str], str]) -> None:
    """Render every template. Raises SettingError for the first one that cannot be rendered."""
    probe_prompt(template)
    quote = {"title": "A bridge", "context": ["History"], "text": SENTENCES[0]}
    item = {"n": 1, "question": QUESTION, "statement": SENTENCES[0], "quotes": [quote]}
    shown = [{"id": "s1", "text": SENTENCES[0]}]
    for name, variables in (
        ("follow_up.j2", {"question": QUESTION, "turns": [{"question": QUESTION, "quotes": [SENTENCES[0]]}]}),
        ("second_opinion.j2", {"items": [item]}),
        ("exam_questions.j2", {"questions": [{"n": 1, "question": QUESTION, "sentences": shown}]}),
    ):
        render(name, template(name), variables)


def probe(chat: Chat, prompt: Prompt) -> Probe:
    """Send the prompt as `qa ask` would. Raises ChatError."""
    started = time.perf_counter()
    reply = complete(chat, prompt.request)
    seconds = time.perf_counter() - started
    ids, cut = tuple(prompt.sentences), reply.finish == "length"
    claims = parse(reply.text, ids, cut=cut, hide=hider(chat)).statements
    is_right = any("s1" in claim.ids and _is_supported(claim.text) for claim in claims)
    return Probe(reply.model, reply.mode, claims[0].text if claims else "", is_right, seconds)


def _is_supported(text: str) -> bool:
    return (
        gate.check(text, [gate.SupportQuote(SENTENCES[0], "", SENTENCES[1], "A bridge")], QUESTION).verdict
        != "unsupported"
    )
