"""The reasoning that some models write before they answer, `<think>...</think>`, and the JSON behind it."""

import json
import re
from typing import Any, Literal

__all__ = ["THOUGHT", "Thoughts", "is_only_thought", "json_object"]

THOUGHT = re.compile(r"</think>", re.IGNORECASE)


class Thoughts:
    """Takes out a leading <think>...</think>, in which some models reason before they answer."""

    OPEN = "<think>"
    BEFORE = 200  # characters of white space

    def __init__(self) -> None:
        self._held = ""
        self._state: Literal["start", "inside", "after"] = "start"

    def feed(self, piece: str) -> str:
        """The text of the answer in this piece."""
        if self._state == "after":
            return piece
        self._held += piece
        if self._state == "start":
            head = self._held.lstrip()
            late = len(self._held) - len(head) > self.BEFORE
            if not late and len(head) < len(self.OPEN) and self.OPEN.startswith(head.lower()):
                return ""
            if late or not head.lower().startswith(self.OPEN):
                return self.rest()
            self._state, self._held = "inside", head[len(self.OPEN) :]
        end = THOUGHT.search(self._held)
        if end is None:
            self._held = self._held[-len("</think>") :]
            return ""
        self._held = self._held[end.end() :]
        return self.rest(after=True)

    def rest(self, after: bool = False) -> str:
        """What is held back and no thought after all."""
        held, self._held = self._held, ""
        if self._state == "inside" and not after:
            return ""
        self._state = "after"
        return held


def is_only_thought(text: str) -> bool:
    """Whether nothing stands there but white space and a leading <think>, closed or not: no answer has begun."""
    return not _without_thought(text).strip()


def json_object(text: str) -> dict[str, Any]:
    """The JSON object in a reply, whatever is written around it; empty if there is none that can be read."""
    answer = _without_thought(text)
    try:
        found = json.loads(answer[answer.find("{") : answer.rfind("}") + 1])
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _without_thought(text: str) -> str:
    thoughts = Thoughts()
    return thoughts.feed(text) + thoughts.rest()
