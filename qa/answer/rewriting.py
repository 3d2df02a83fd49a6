"""A follow-up question in words that need no conversation, by a language model.

What it writes only competes with what code makes of the question; see `qa.answer.conversation`.
"""

from collections.abc import Callable, Mapping, Sequence

from qa.answer.conversation import TURNS, Turn
from qa.english.follow_ups import content_words, fragment
from qa.english.words import analyze
from qa.errors import ChatError, SettingError
from qa.llm.protocol import Chat, ChatRequest, Message, SharedDeadline, complete, hider
from qa.llm.templates import neutral, render
from qa.llm.thoughts import json_object
from qa.text import shortened

__all__ = ["Rewriter", "read_rewrite"]

TEMPLATE = "follow_up.j2"
QUOTES = 2  # of each turn
QUOTE_CHARS = 400
MAX_TOKENS = 200
SCHEMA = {
    "type": "object",
    "properties": {"question": {"type": "string"}},
    "required": ["question"],
    "additionalProperties": False,
}


class Rewriter:
    """Rewrites one question when it is called. usage: the tokens that this took.

    template: gives the text of a prompt template by its file name. deadline: shared with the answer's requests.
    """

    def __init__(
        self,
        chat: Chat,
        template: Callable[[str], str],
        question: str,
        history: Sequence[Turn],
        deadline: SharedDeadline | None = None,
    ) -> None:
        self._chat, self._template, self._question = chat, template, question
        self._history, self._deadline = history[-TURNS:], deadline
        self.usage: Mapping[str, int] = {}

    def __call__(self) -> str:
        """The whole question; empty where the model fails, or writes what nobody said."""
        try:
            reply = complete(self._chat, self.request())
        except (ChatError, SettingError):  # the question is answered without it
            return ""
        self.usage = reply.usage
        said = [self._question]
        for turn in self._history:
            said += [turn.question, *(quote.text for quote in turn.quotes), *(quote.title for quote in turn.quotes)]
        return hider(self._chat)(read_rewrite(reply.text, self._question, said))

    def request(self) -> ChatRequest:
        """What is asked. Raises SettingError for a template that cannot be rendered."""
        turns = [
            {
                "question": neutral(turn.question),
                "quotes": [neutral(shortened(quote.text, QUOTE_CHARS)) for quote in turn.quotes[:QUOTES]],
            }
            for turn in self._history
        ]
        variables = {"question": neutral(self._question), "turns": turns}
        system, user = render(TEMPLATE, self._template(TEMPLATE), variables)
        return ChatRequest(
            (Message("system", system), Message("user", user)),
            schema=SCHEMA,
            max_tokens=MAX_TOKENS,
            sentences=sum(len(turn["quotes"]) for turn in turns),
            deadline=self._deadline,
            purpose="follow-up",
        )


def read_rewrite(text: str, question: str, said: Sequence[str]) -> str:
    """The question in a reply; empty unless it keeps the words of the question and takes all others from what was
    said.
    """
    found = json_object(text).get("question")
    if not isinstance(found, str) or not found.isprintable():
        return ""
    own = set(analyze(" ".join(content_words(fragment(question)))))
    written = set(analyze(" ".join(content_words(found))))
    known = {stem for one in said for stem in analyze(one)}
    return found.strip() if own <= set(analyze(found)) and written <= known else ""
