"""What a recording says about its request that was not sent: the question and where its sentences stand, or what was
to be judged. With it, what was said fits another prompt as well.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qa.llm.protocol import ChatReply, ChatRequest, SentencePlace, ToJudge

__all__ = ["PortableAnswer", "PortableOpinions", "read_asked", "text_hash", "written_asked"]

_PLACE = re.compile(r"(.+) (\d{1,12})-(\d{1,12})", re.S)


@dataclass(frozen=True, slots=True)
class PortableAnswer:
    """A recorded reply and where the sentences stand that its ids name. key: of the exchange."""

    key: str
    question: str
    places: Mapping[str, SentencePlace]
    reply: ChatReply | None


@dataclass(frozen=True, slots=True)
class PortableOpinions:
    """A recorded second opinion and the statements that it is about, in order. key: of the exchange."""

    key: str
    judged: tuple[ToJudge, ...]
    reply: ChatReply | None


def written_asked(request: ChatRequest) -> dict[str, Any]:
    """The entry of a recording, as JSON; empty where there is nothing to say."""
    if request.places:
        places = {name: _written(place) for name, place in request.places.items()}
        return {"asked": {"question": request.question, "places": places}}
    if request.judged:
        records = [
            {
                "question": question,
                "statement": statement,
                "quotes": [_written(place) for place in quotes],
                "sha256": digest,
            }
            for question, statement, quotes, digest in request.judged
        ]
        return {"asked": {"judged": records}}
    return {}


def text_hash(texts: Sequence[str]) -> str:
    """What tells whether quotes have the same text as those that were judged."""
    return hashlib.sha256(json.dumps(list(texts)).encode()).hexdigest()


def read_asked(key: str, asked: object, reply: ChatReply | None) -> PortableAnswer | PortableOpinions | None:
    """What `written_asked` wrote, with the reply; None where it cannot be read."""
    match asked:
        case {"question": str(question), "places": dict(written)}:
            places = {name: _read(place) for name, place in written.items()}
            whole = {name: place for name, place in places.items() if place}
            return PortableAnswer(key, question, whole, reply) if len(whole) == len(places) else None
        case {"judged": list(records)}:
            judged = tuple(one for record in records if (one := _to_judge(record)))
            return PortableOpinions(key, judged, reply) if len(judged) == len(records) else None
    return None


def _to_judge(record: object) -> ToJudge | None:
    """An older recording has no hash, and so fits no text."""
    match record:
        case {"question": str(question), "statement": str(statement), "quotes": list(written), **other}:
            places = tuple(place for one in written if (place := _read(one)))
            return (question, statement, places, str(other.get("sha256", ""))) if len(places) == len(written) else None
    return None


def _written(place: SentencePlace) -> str:
    """As `a.txt 0-10`."""
    document, start, end = place
    return f"{document} {start}-{end}"


def _read(place: object) -> SentencePlace | None:
    found = _PLACE.fullmatch(place) if isinstance(place, str) else None
    return (found[1], int(found[2]), int(found[3])) if found else None
