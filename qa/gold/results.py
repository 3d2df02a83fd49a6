"""The results of a run, and the JSON file that stores them. A baseline is a committed file of this kind."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, is_dataclass
from functools import cache
from math import isfinite
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from qa import files
from qa.errors import GoldError
from qa.gold import signed
from qa.gold.files.cases import Expect, Severity
from qa.quotes.anchors import Place
from qa.records import Statement

__all__ = [
    "RECORDED",
    "SCHEMA",
    "Claimed",
    "GoldFound",
    "Mode",
    "Observation",
    "Outcome",
    "Result",
    "Run",
    "Shown",
    "check_fields",
    "load",
    "save",
    "written",
]

SCHEMA = 1

Outcome = Literal["pass", "fail", "stale", "error"]
"""stale: a needed gold quote is no longer in the documents. error: the case could not be measured."""
Mode = Literal["quotes", "live", "replay"]

RECORDED = "as recorded"
"""The setting `opinions` of a replay that rests on recorded second opinions: no exam was taken for them here."""
GoldState = Literal["intact", "moved", "edited", "duplicated", "gone", "missing"]
"""As `qa.quotes.anchors` says; missing: the whole document is not in the index."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A quote of an answer. line: from 1. before, after: its context in the source, for reports.

    verbatim: whether its text equals the source's characters. False is a bug in qa.
    """

    n: int
    place: Place
    text: str
    line: int
    before: str = ""
    after: str = ""
    verbatim: bool = True


@dataclass(frozen=True, slots=True)
class Claimed:
    """A statement as the model wrote it, and the sentences it cited."""

    text: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Observation:
    """One run of one question.

    hits: by rank. context: the sentences in the prompt; with `claims` empty where no model was asked. prompt_sha256: as
    in `Answer`. usage: tokens. timings_ms: empty when replayed, for those are no timings. error: why it could not be
    measured; everything else is empty then.
    """

    status: Literal["answered", "abstained"] = "abstained"
    reason: str | None = None
    mode: Literal["llm", "quotes"] = "quotes"
    model: str | None = None
    statements: tuple[Statement, ...] = ()
    rejected: tuple[Statement, ...] = ()
    quotes: tuple[Shown, ...] = ()
    hits: tuple[Place, ...] = ()
    context: tuple[Place, ...] = ()
    claims: tuple[Claimed, ...] = ()
    answerability: float = 0.0
    prompt_sha256: str | None = None
    usage: Mapping[str, int] = field(default_factory=dict)
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    error: str = ""

    @property
    def text(self) -> str:
        """The statements that are not unsupported, without markers: the text that is judged."""
        return " ".join(statement.text for statement in self.statements if statement.verdict != "unsupported")


@dataclass(frozen=True, slots=True)
class GoldFound:
    """A gold quote, its place in the documents, and the layers it passed.

    part: number of its part in the case, from 0; one quote of each part is needed. place: None if not found.
    indexed: whether all of it is in sentences of the index. rank: of the hit, from 1, with which all of it was
    retrieved. in_context, pointed: whether it was in the prompt, and among the sentences that the model cited;
    None where no model was asked. returned: whether the answer's quotes contain all of it.
    """

    source: str
    text: str
    part: int
    state: GoldState
    place: Place | None = None
    before: str = ""
    after: str = ""
    line: int = 0
    indexed: bool = False
    rank: int | None = None
    in_context: bool | None = None
    pointed: bool | None = None
    returned: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a case.

    case_sha256: of the case's definition; results of differing definitions are not compared. problems: why it did not
    pass, plain sentences. measures: by the names of `qa.gold.verdict.measures`, only those that apply. passes, runs:
    more than one run with --repeat. fingerprint: of retrieved text, prompt, model and settings; the same
    fingerprint means the same result.
    """

    id: str
    fact: str
    question: str
    expect: Expect
    severity: Severity
    tags: tuple[str, ...]
    file: str
    line: int
    case_sha256: str
    outcome: Outcome
    problems: tuple[str, ...]
    gold: tuple[GoldFound, ...]
    observed: Observation
    measures: Mapping[str, float]
    passes: int = 0
    runs: int = 1
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """All results of one run, in the order of the gold files, and their configuration.

    version: of qa. mode: who answered. model: None for quotes only. settings: k, threshold and the like. index: the
    embedding model and the generation's fingerprint. documents: SHA-256 by id. templates: SHA-256 by file name.
    """

    version: str
    mode: Mode
    model: str | None
    settings: Mapping[str, float | int | bool | str]
    index: Mapping[str, str]
    documents: Mapping[str, str]
    templates: Mapping[str, str]
    gold_files: tuple[str, ...]
    results: tuple[Result, ...]


def save(run: Run, path: Path, below: Path | None = None) -> None:
    """Write the run as JSON, atomically. below: see `files.open_file`."""
    files.write(path, written(run), below)


def written(run: Run) -> bytes:
    """The run as JSON. The same run gives the same bytes."""
    text = json.dumps({"schema": SCHEMA, **asdict(run)}, ensure_ascii=False, indent=1, allow_nan=False)
    return text.encode() + b"\n"


def load(path: Path, below: Path | None = None) -> Run:
    """A saved run. below: the folder of a run that qa itself keeps, of which no link is followed and which has to be
    signed; without it, the path is one that the user named.

    Raises GoldError, which names the file, for anything that is not one of this schema."""
    try:
        data = files.read(path, files.LARGE, below) if below else files.read_named(path, files.LARGE)
        if below:
            signed.check(path, data, below)
        value = json.loads(data.decode("utf-8"))
    except OSError as error:
        raise GoldError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise GoldError(f"{path}: not UTF-8, so not a saved run") from None
    except json.JSONDecodeError as error:
        raise GoldError(f"{path}:{error.lineno}: not valid JSON: {error.msg}") from None
    except (RecursionError, ValueError):  # ValueError: a number with more digits than Python parses
        raise GoldError(f"{path}: not a saved run") from None
    if not isinstance(value, dict) or "schema" not in value:
        raise GoldError(f"{path}: not a saved run; make one with: qa gold run FILES --save {path}")
    if value["schema"] != SCHEMA:
        raise GoldError(f"{path}: has schema {value['schema']}, but this qa reads {SCHEMA}; make it again with --save")
    del value["schema"]
    try:
        return _run(value)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise GoldError(f"{path}: damaged: {type(error).__name__}: {error}") from None


def _run(value: Mapping[str, Any]) -> Run:
    run = Run(
        **{
            **value,
            "gold_files": tuple(value["gold_files"]),
            "results": tuple(_result(result) for result in value["results"]),
        }
    )
    check_fields(run, Run)
    return run


def _result(value: Mapping[str, Any]) -> Result:
    return Result(
        **{
            **value,
            **_tuples(value, "tags", "problems"),
            "gold": tuple(GoldFound(**{**g, "place": _place(g["place"])}) for g in value["gold"]),
            "observed": _observation(value["observed"]),
        }
    )


def _observation(value: Mapping[str, Any]) -> Observation:
    unknown = value.keys() - {f.name for f in fields(Observation)}
    if unknown:
        raise ValueError(f"unknown {', '.join(sorted(unknown))}")
    made = {
        **value,
        "statements": tuple(_statement(s) for s in value["statements"]),
        "rejected": tuple(_statement(s) for s in value["rejected"]),
        "quotes": tuple(Shown(**{**q, "place": Place(**q["place"])}) for q in value["quotes"]),
        "hits": _places(value["hits"]),
        "context": _places(value["context"]),
        "claims": tuple(Claimed(c["text"], _places(c["places"])) for c in value["claims"]),
    }
    return Observation(**made)


def _statement(value: Mapping[str, Any]) -> Statement:
    return Statement(**{**value, **_tuples(value, "quotes", "problems")})


def _tuples(value: Mapping[str, Any], *names: str) -> dict[str, tuple[Any, ...]]:
    return {name: tuple(value[name]) for name in names}


def _places(values: Sequence[Mapping[str, Any]]) -> tuple[Place, ...]:
    return tuple(Place(**value) for value in values)


def _place(value: Mapping[str, Any] | None) -> Place | None:
    return None if value is None else Place(**value)


def check_fields(record: object, made: type) -> None:
    """Raise ValueError for a field, at any depth, whose value is not of the type that it is declared with."""
    for name, kind in _kinds(made).items():
        if not _fits(getattr(record, name), kind):
            raise ValueError(f"{name} of {made.__name__} is not as qa writes it")


def _fits(value: object, kind: Any) -> bool:
    inner = get_args(kind)
    origin = get_origin(kind)
    if origin is Literal:
        return value in inner
    if origin in (Union, UnionType):
        return any(_fits(value, one) for one in inner)
    if origin is tuple:
        return isinstance(value, tuple) and all(_fits(one, inner[0]) for one in value)
    if origin is Mapping:
        return isinstance(value, dict) and all(_fits(one, inner[1]) for one in value.values())
    if is_dataclass(kind):
        if type(value) is kind:
            check_fields(value, kind)
        return type(value) is kind
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
    return type(value) is kind


@cache
def _kinds(record: type) -> dict[str, Any]:
    return get_type_hints(record)
