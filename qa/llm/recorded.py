"""Recorded exchanges with a language model: asked the same again, the same comes back, and nothing is sent.

A store is a folder beside the gold file. Each exchange is one file, named by the SHA-256 of its canonical request,
which is the model's name and all of a `ChatRequest` that reaches the model. No header, no key, no time of day. A prompt
that did not fit into the model's context is an exchange too: without it, the shorter one asked next is never reached.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from qa import files
from qa.errors import ContextTooLongError, ReplayError, ReplayMissError
from qa.llm.asked import PortableAnswer, PortableOpinions, read_asked, written_asked
from qa.llm.missed import Compared, compared, difference
from qa.llm.protocol import Chat, ChatReply, ChatRequest, Delta, encodable, hider
from qa.records import MOST_TOKENS

__all__ = ["FOLDER", "Player", "Recorder", "Store", "Trust", "canonical"]

FOLDER = "replay"
SCHEMA = 1
MOST_FILES = 10_000
MOST_BYTES = 200_000_000  # of all exchanges
MOST_OF_ONE = 5_000_000  # bytes of an exchange

_NAME = re.compile(r"([0-9a-f]{64})\.json")

TRUST = "trust.json"
"""The file of a store that holds how far each model was trusted."""

Said = ChatReply | ContextTooLongError


def canonical(model: str, request: ChatRequest) -> dict[str, Any]:
    """What decides the reply, as JSON: the model and the request, without what is not sent.

    Order is part of it: a model writes the properties in the order of the schema.
    """
    sent = asdict(replace(request, deadline=None, places={}))
    for name in ("sentences", "deadline", "purpose", "question", "places", "judged"):
        del sent[name]
    sent["schema"] = json.loads(json.dumps(request.schema))
    for name in ("messages", "plain_messages"):
        sent[name] = [{"role": m["role"], "content": m["content"]} for m in sent[name]]
    return {"model": model, **sent}


def _key(request: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(request, ensure_ascii=False).encode("utf-8", "replace")).hexdigest()


@dataclass(frozen=True, slots=True)
class Trust:
    """How far a model was trusted while it was recorded, which decides what is asked and shown.

    judges: it gave second opinions. is_final: its silence was final.
    """

    judges: bool = False
    is_final: bool = False


class Store:
    """A folder of exchanges. It is made when the first one is put in.

    below: a folder above it. No link is followed at or below that, or else at the folder itself.
    """

    def __init__(self, folder: Path, below: Path | None = None) -> None:
        self.folder, self._below = folder, below

    def __len__(self) -> int:
        return len(self._names())

    def get(self, request: Mapping[str, Any]) -> Said | None:
        """What was said to a canonical request, None if nothing is recorded. Raises ReplayError for a damaged file."""
        path = self._path(_key(request))
        try:
            with self._open() as folder:
                if folder.kind(path.name) is None:
                    return None
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._unusable(error) from None
        return _said(path, self._read(path))

    def put(self, model: str, request: ChatRequest, said: Said) -> None:
        """Keep an exchange; one of the same request is replaced. Of a refusal the limit is kept, not who sent it.

        Raises OSError.
        """
        asked = canonical(model, request)
        kept: dict[str, Any]
        kept = {"reply": asdict(said)} if isinstance(said, ChatReply) else {"too_long": {"limit": said.limit}}
        self._write(self._path(_key(asked)).name, {"request": asked, **kept, **written_asked(request)})

    def _write(self, name: str, entries: Mapping[str, Any]) -> None:
        text = json.dumps({"schema": SCHEMA, **entries}, ensure_ascii=False, indent=1) + "\n"
        with self._open(create=True) as folder:
            folder.write(name, text.encode("utf-8", "replace"))

    def only_model(self) -> str:
        """The model that was recorded. Raises ReplayError if there is none or more than one."""
        models = sorted({request["model"] for request in self.requests()})
        if len(models) == 1:
            return str(models[0])
        self.check()
        raise ReplayError(f"{self.folder} has {' and '.join(models) or 'no recorded model'}; name one with --model")

    def check(self) -> None:
        """Read every exchange. Raises ReplayError for the first damaged one, or when there is none."""
        try:
            self._open().__exit__(None, None, None)
        except FileNotFoundError:
            raise ReplayError(f"{self.folder} does not exist: nothing is recorded yet. Record with --record") from None
        except OSError as error:
            raise self._unusable(error) from None
        for name in self._names():
            _said(self.folder / name, self._read(self.folder / name))

    def requests(self) -> Iterator[dict[str, Any]]:
        """All recorded requests, in the order of their hashes."""
        for name in self._names():
            yield self._read(self.folder / name)["request"]

    def portable(self, model: str) -> Iterator[PortableAnswer | PortableOpinions]:
        """What a model said, for prompts that differ. Raises ReplayError for a damaged file."""
        for name in self._names():
            path = self.folder / name
            exchange = self._read(path)
            if exchange["request"]["model"] == model and "asked" in exchange:
                said = _said(path, exchange)
                found = read_asked(path.stem, exchange["asked"], said if isinstance(said, ChatReply) else None)
                if found is None:
                    raise ReplayError(f"{path}:1: damaged: its sentences cannot be read. Restore it, or record again")
                yield found

    def put_trust(self, model: str, trust: Trust) -> None:
        """Keep how far a model was trusted while it was recorded. Raises ReplayError for a damaged file."""
        known = self._trusted()
        if trust != known.get(model, Trust()):
            self._write(TRUST, {"models": {name: asdict(one) for name, one in {**known, model: trust}.items()}})

    def trust(self, model: str) -> Trust:
        """How far a model was trusted while it was recorded; not at all if that was not kept. Raises ReplayError."""
        return self._trusted().get(model, Trust())

    def _trusted(self) -> dict[str, Trust]:
        path = self.folder / TRUST
        try:
            kept = json.loads(files.read(path, files.SMALL, self._below or self.folder))
            return {
                str(model): Trust(bool(one["judges"]), bool(one["is_final"])) for model, one in kept["models"].items()
            }
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise self._unusable(error) from None
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise ReplayError(f"{path}:1: damaged. Restore it, or record again") from None

    def keep_only(self, keep: set[str]) -> int:
        """Delete the exchanges whose hash is not among these, and nothing else; how many they were."""
        try:
            with self._open() as folder:
                old = [name for name in folder.names() if (found := _NAME.fullmatch(name)) and found[1] not in keep]
                old = [name for name in old if folder.kind(name) == "file"]
                for name in old:
                    folder.remove(name)
        except FileNotFoundError:
            return 0
        except OSError as error:
            raise self._unusable(error) from None
        return len(old)

    def _names(self) -> list[str]:
        try:
            with self._open() as folder:
                names = [name for name in folder.names() if name.endswith(".json") and name != TRUST]
                size = sum(_size(folder, name) for name in names[:MOST_FILES])
        except FileNotFoundError:  # the folder
            return []
        except OSError as error:
            raise self._unusable(error) from None
        if len(names) > MOST_FILES or size > MOST_BYTES:
            raise ReplayError(
                f"{self.folder} holds more than qa reads: at most {MOST_FILES:,} recorded answers and "
                f"{MOST_BYTES // 1_000_000} MB. Split the gold file and its folder, or delete unused ones with "
                "--record --prune"
            )
        return names

    def _open(self, create: bool = False) -> files.Folder:
        return files.Folder.open(self.folder, create, self._below)

    def _read(self, path: Path) -> dict[str, Any]:
        return _read(path, self._below or self.folder)

    def _unusable(self, error: OSError) -> ReplayError:
        return ReplayError(f"{error.filename or self.folder} cannot be used for recorded answers: {error.strerror}")

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}.json"


def _size(folder: files.Folder, name: str) -> int:
    """Bytes of a file; 0 if another run has just deleted it."""
    try:
        return int(folder.stat(name).st_size)
    except FileNotFoundError:
        return 0


def _read(path: Path, below: Path) -> dict[str, Any]:
    """An exchange whose request has the hash that its file is named by."""
    try:
        exchange = json.loads(files.read(path, MOST_OF_ONE, below).decode("utf-8"))
        if exchange["schema"] != SCHEMA:
            raise ReplayError(f"{path} has schema {exchange['schema']}, but qa reads {SCHEMA}. Record again: --record")
        damaged = "" if _is_request(exchange["request"]) else "its request is not one that qa sends"
        damaged = damaged or ("its name does not match its request" if _key(exchange["request"]) != path.stem else "")
    except json.JSONDecodeError as error:
        raise ReplayError(f"{path}:{error.lineno}: damaged: {error.msg}. Restore it, or record again") from None
    except OSError as error:
        raise ReplayError(f"{path}: cannot be read: {error.strerror}. Restore it, or record again") from None
    except (ValueError, KeyError, TypeError, RecursionError):
        damaged = "it is no recorded exchange"
    if damaged:
        raise ReplayError(f"{path}:1: damaged: {damaged}. Restore it, or record again")
    return dict(exchange)


def _is_request(request: object) -> bool:
    match request:
        case {"model": str(), "schema": _, "max_tokens": _, "temperature": _, "seed": _, **other}:
            return all(_are_messages(other.get(name)) for name in ("messages", "plain_messages"))
    return False


def _are_messages(found: object) -> bool:
    wanted = {"role": str, "content": str}
    return isinstance(found, list) and all(
        isinstance(one, dict) and {name: type(value) for name, value in one.items()} == wanted for one in found
    )


def _said(path: Path, exchange: Mapping[str, Any]) -> Said:
    said = _refusal(exchange) if "too_long" in exchange else _reply(exchange)
    if said is None:
        raise ReplayError(f"{path}:1: damaged: its reply cannot be read. Restore it, or record again")
    return said


def _reply(exchange: Mapping[str, Any]) -> ChatReply | None:
    try:
        reply = ChatReply(**exchange["reply"])
        usage = all(isinstance(value, int) and 0 <= value <= MOST_TOKENS for value in reply.usage.values())
        whole = usage and all(isinstance(text, str) for text in (reply.text, reply.model, reply.mode, reply.finish))
    except (KeyError, TypeError, AttributeError):
        return None
    return reply if whole else None


def _refusal(exchange: Mapping[str, Any]) -> ContextTooLongError | None:
    match exchange:
        case {"too_long": {"limit": int() | None as limit}, "request": {"model": model}} if "reply" not in exchange:
            size = f" of {limit:,} tokens" if limit else ""
            return ContextTooLongError(
                f"The prompt did not fit into the context{size} of {model} when this was recorded. Make prompt_tokens "
                "or k smaller, or record again with a larger context: --record",
                limit,
            )
    return None


def _said_again(said: Said) -> Iterator[Delta | ChatReply]:
    if isinstance(said, ContextTooLongError):
        raise said
    yield Delta(said.text)
    yield said


class Recorder:
    """A chat that asks another one and keeps each exchange. Safe to share between threads if that one is.

    only_new: what is recorded already is taken from the store, and the other chat not asked. asked: how often it was.
    """

    def __init__(self, chat: Chat, model: str, store: Store, only_new: bool = False) -> None:
        self._chat, self.model, self._store = chat, model, store
        self._only_new = only_new
        self._used: set[str] = set()
        self.asked = 0

    @property
    def is_local(self) -> bool:
        return self._chat.is_local

    def hide(self, text: str) -> str:
        """The text without the other chat's key."""
        return hider(self._chat)(text)

    def stream(self, request: ChatRequest) -> Iterator[Delta | ChatReply]:
        """As the chat does, but for half characters, which cannot be kept: nobody sees what a replay would not show."""
        known = self._store.get(canonical(self.model, request)) if self._only_new else None
        if known is not None:
            self._keep(request, known)  # an older recording does not say where its sentences stand
            yield from _said_again(known)
            return
        self.asked += 1
        try:
            for item in self._chat.stream(request):
                yield (
                    self._kept(request, item)
                    if isinstance(item, ChatReply)
                    else replace(item, text=encodable(item.text))
                )
        except ContextTooLongError as refusal:
            self._keep(request, refusal)
            raise

    def _kept(self, request: ChatRequest, reply: ChatReply) -> ChatReply:
        text, model, finish = map(encodable, (reply.text, reply.model, reply.finish))
        reply = replace(reply, text=text, model=model, finish=finish, usage=dict(reply.usage))
        self._keep(request, reply)
        return reply

    def _keep(self, request: ChatRequest, said: Said) -> None:
        self._store.put(self.model, request, said)
        self._used.add(_key(canonical(self.model, request)))

    def keep_trust(self, trust: Trust) -> None:
        """Keep how far the model is trusted, for replays."""
        self._store.put_trust(self.model, trust)

    def prune(self) -> int:
        """Delete what this chat did not record, and say how much it was."""
        return self._store.keep_only(self._used)


class Player:
    """A chat that answers from a store and reaches no network. hide: takes a key out of texts, should one be there."""

    is_local = True

    def __init__(self, model: str, store: Store, hide: Callable[[str], str] = str) -> None:
        self.model, self._store, self.hide = model, store, hide
        self._used: set[str] = set()

    def stream(self, request: ChatRequest) -> Iterator[Delta | ChatReply]:
        """The recorded reply, or the recorded ContextTooLongError.

        Raises ReplayMissError where there is none; it shows how the request differs from the nearest recorded one.
        """
        asked = canonical(self.model, request)
        said = self._store.get(asked)
        if said is None:
            yield from self._missed(request, asked)
            return
        self._used.add(_key(asked))
        yield from _said_again(said)

    def _missed(self, request: ChatRequest, asked: Mapping[str, Any]) -> Iterator[Delta | ChatReply]:
        raise ReplayMissError(difference(asked, self._recorded, self._store.folder))

    @cached_property
    def trust(self) -> Trust:
        """How far the model was trusted while it was recorded. Raises ReplayError."""
        return self._store.trust(self.model)

    def prune(self) -> int:
        """Delete what this chat did not use, and say how much it was."""
        return self._store.keep_only(self._used)

    @cached_property
    def _recorded(self) -> list[Compared]:
        """All recorded requests, read when the first one is missed: a changed template misses every case."""
        return compared(self._store.requests())
