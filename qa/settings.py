"""The workspace: its folder, its settings and where each of them came from.

The library takes plain arguments and reads neither the environment nor `qa.toml`: `qa.session` does, through here.
What an untrusted `qa.toml` may not set is decided here by `needs_trust`; who is trusted, in `qa.trust`.
"""

import math
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from qa import addresses, files
from qa.errors import SettingError, WorkspaceError
from qa.inside import OWN, expanded, place
from qa.modelfiles import is_path
from qa.records import BuildSettings
from qa.text import shortened

__all__ = [
    "CONFIG",
    "SETTINGS",
    "SOURCES",
    "Setting",
    "SettingKind",
    "Settings",
    "Workspace",
    "find",
    "needs_trust",
    "private_folder",
    "resolve",
    "sources_folder",
]

CONFIG = "qa.toml"
SOURCES = "seeds"  # the folder of documents, unless another one is named
ADDRESSES = ("base_url", "store", "ray")  # which may hold a name and a password
HIGHEST = 10**300  # a larger whole number has no floating-point value


@dataclass(frozen=True, slots=True)
class SettingKind:
    """What can be set: a name, its default, its environment variable and the values allowed.

    lowest, highest: of a number, inclusive. needs_trust: `qa.toml` may set it only in a trusted workspace. secret: the
    value is never shown.
    """

    name: str
    default: Any
    help: str
    env: str
    lowest: float | None = None
    highest: float | None = None
    choices: tuple[str, ...] = ()
    needs_trust: bool = False
    secret: bool = False


def _kinds() -> Iterator[SettingKind]:
    build = BuildSettings()
    sources = "the folder of your documents; in qa.toml a path from there, and one outside needs qa trust"
    yield SettingKind("sources", SOURCES, sources, "QA_SOURCES")
    yield SettingKind("include", build.include, "globs of the files to index", "QA_INCLUDE")
    yield SettingKind("exclude", build.exclude, "globs of the files to leave out", "QA_EXCLUDE")
    size = f"skip files larger than this, in megabytes; in qa.toml, more than {build.max_mb} needs qa trust"
    yield SettingKind("max_mb", build.max_mb, size, "QA_MAX_MB", 1, 2000)
    seconds = "skip a document that takes longer than this to read, in seconds of processor time"
    yield SettingKind("read_seconds", build.read_seconds, seconds, "QA_READ_SECONDS", 1, 86_400, needs_trust=True)
    yield SettingKind(
        "boilerplate", build.boilerplate, "leave out share bars, datelines and the like", "QA_BOILERPLATE"
    )
    yield SettingKind("ocr", build.ocr, "read the text in pictures and scanned pages, by Tesseract", "QA_OCR")
    yield SettingKind(
        "passage_chars",
        build.passage_chars,
        "maximum length of a passage, in characters",
        "QA_PASSAGE_CHARS",
        200,
        8000,
    )
    embedder = "a sentence-transformers model, by name or path; in qa.toml a path from there, which needs qa trust"
    yield SettingKind("embedder", build.embedder, embedder, "QA_EMBEDDER")
    yield SettingKind(
        "precision",
        build.precision,
        "precision of the embedding model; auto: whichever is faster on this machine",
        "QA_PRECISION",
        choices=("auto", "float32", "bfloat16"),
    )
    hub = "by name or path; empty for none; qa models list has some"
    for name, what in (
        ("reranker", "a cross-encoder that orders passages and sentences again"),
        ("reader", "a question-answering model that chooses the words that answer"),
        ("entailment", "a model that judges statements, once it has passed an exam"),
    ):
        yield SettingKind(name, "", f"{what}, {hub}", f"QA_{name.upper()}", needs_trust=True)
    yield SettingKind("k", 5, "number of passages to retrieve", "QA_K", 1, 100)
    yield SettingKind("threshold", 0.3, "answer with quotes from this answerability on", "QA_THRESHOLD", 0, 1)
    near = "show the closest quotes as uncertain from this answerability on"
    yield SettingKind("uncertain", 0.12, near, "QA_UNCERTAIN", 0, 1)
    store = "what searches the index: local, or milvus:URI, a file of Milvus Lite or http://host:19530"
    yield SettingKind("store", "local", store, "QA_STORE", needs_trust=True)
    ray = "where builds read and encode: empty for this process, local for a Ray of their own, auto or HOST:PORT"
    yield SettingKind("ray", "", ray, "QA_RAY", needs_trust=True)
    history = "keep the questions asked in .qa/history.jsonl, for qa gold suggest"
    yield SettingKind("history", False, history, "QA_HISTORY", needs_trust=True)
    yield from _model_kinds()


def _model_kinds() -> Iterator[SettingKind]:
    """The settings for answers written by a language model."""
    model = "the language model that answers: a name, or gguf:PATH; empty for quotes only"
    yield SettingKind("model", "", model, "QA_MODEL", needs_trust=True)
    url = "the endpoint, which must speak OpenAI's chat format; empty for https://api.openai.com/v1"
    yield SettingKind("base_url", "", url, "OPENAI_BASE_URL", needs_trust=True)
    key = "the endpoint's key; keep it in the environment rather than in a file"
    yield SettingKind("api_key", "", key, "OPENAI_API_KEY", needs_trust=True, secret=True)
    yield SettingKind("strict", False, "show only statements whose meaning is confirmed", "QA_STRICT")
    opinion = "which statements a second request asks about, once the model has passed an exam: doubtful, all or off"
    choices = ("doubtful", "all", "off")
    yield SettingKind("second_opinion", "doubtful", opinion, "QA_SECOND_OPINION", choices=choices)
    deadline = "seconds allowed for an answer, retries included; 600 for a gguf: model unless set"
    yield SettingKind("deadline", 120.0, deadline, "QA_DEADLINE", 1, 86_400)
    tokens = "maximum number of tokens of retrieved text in a prompt; 800 for a gguf: model unless set"
    yield SettingKind("prompt_tokens", 3000, tokens, "QA_PROMPT_TOKENS", 200, 1_000_000)
    passages = "maximum number of passages in a prompt; prompt_tokens usually ends it before"
    yield SettingKind("prompt_passages", 30, passages, "QA_PROMPT_PASSAGES", 1, 200)
    floor = "do not ask the model below this answerability"
    yield SettingKind("floor", 0.02, floor, "QA_FLOOR", 0, 1)
    price = "price of a million tokens of {}, to show what an answer cost; 0 if unknown"
    yield SettingKind("price_prompt", 0.0, price.format("the prompt"), "QA_PRICE_PROMPT", 0, 1_000_000)
    yield SettingKind("price_completion", 0.0, price.format("the answer"), "QA_PRICE_COMPLETION", 0, 1_000_000)


SETTINGS: Mapping[str, SettingKind] = {kind.name: kind for kind in _kinds()}


@dataclass(frozen=True, slots=True)
class Setting:
    """An effective value and its origin: `default`, `qa.toml`, `environment QA_K` or `flag --k`."""

    name: str
    value: Any = field(repr=False)
    origin: str

    @property
    def shown(self) -> Any:
        """The value as it may be printed: never a key."""
        return _shown(SETTINGS[self.name], self.value)


def _shown(kind: SettingKind, value: Any) -> Any:
    if kind.secret:
        return "set" if value else "not set"
    if kind.name == "ray":
        return addresses.without_user(value)
    return addresses.shown(value) if kind.name in ADDRESSES else value


@dataclass(frozen=True, slots=True)
class Settings:
    """Every effective setting, by name. ignored: what an untrusted `qa.toml` sets in vain."""

    values: Mapping[str, Setting]
    ignored: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> Any:
        return self.values[name].value

    def __iter__(self) -> Iterator[Setting]:
        return iter(self.values.values())

    def origin(self, name: str) -> str:
        return self.values[name].origin

    def build(self) -> BuildSettings:
        """The settings that an index is made with."""
        return BuildSettings(**{f.name: self[f.name] for f in fields(BuildSettings)})


@dataclass(frozen=True, slots=True)
class Workspace:
    """A folder with an index, and as a rule with its documents in `seeds/`. config: its `qa.toml`, None without one."""

    root: Path
    config: Path | None

    @property
    def index(self) -> Path:
        return self.root / "index"

    @property
    def prompts(self) -> Path:
        return self.root / "prompts"

    @property
    def private(self) -> Path:
        return self.root / ".qa"


def find(
    root: Path | None = None, cwd: Path | None = None, notify: Callable[[str], None] = lambda message: None
) -> Workspace:
    """The workspace: `root` if given, else the nearest folder with a `qa.toml`, from the working directory upwards,
    else the working directory if it has `seeds/`.

    cwd: in place of the working directory. notify: called with a message for a `qa.toml` further up that is ignored
    because somebody else may have created it. Raises WorkspaceError if there is none.
    """
    if root is not None:
        if not root.is_dir():
            raise WorkspaceError(f"{root} is not a folder; name one with --root, or make one with: qa init {root}")
        return _workspace(root.resolve())
    here = (cwd or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if not os.path.lexists(folder / CONFIG):
            continue
        if folder == here or not (why := files.why_foreign(folder / CONFIG)):
            return _workspace(folder)
        notify(f"{folder / CONFIG} ignored: {why}. If you trust it, run with: --root {folder}")
    if (here / SOURCES).is_dir():
        return _workspace(here)
    raise WorkspaceError(
        f"{here} has neither {CONFIG} nor {SOURCES}/; "
        "go to your workspace, name it with --root, or make one with: qa init"
    )


def _workspace(root: Path) -> Workspace:
    config = root / CONFIG
    return Workspace(root, config if os.path.lexists(config) else None)  # anything but a file is an error later


@contextmanager
def private_folder(workspace: Workspace) -> Iterator[files.Folder]:
    """The folder for this user's own files, made if it is missing; git ignores it, and nobody else may look into it,
    also if it came with the workspace. Raises OSError.
    """
    name = workspace.private.name
    with files.Folder.open(workspace.root) as root, root.folder(name, create=True, mode=0o700) as folder:
        folder.keep_private()
        if not _ignores_all(folder):
            folder.write(".gitignore", b"*\n")
        yield folder


def _ignores_all(folder: files.Folder) -> bool:
    try:
        return folder.read(".gitignore", files.SMALL) == b"*\n"
    except OSError:
        return False


def resolve(
    workspace: Workspace,
    config: Mapping[str, Any],
    flags: Mapping[str, object],
    env: Mapping[str, str] = os.environ,
    *,
    trusted: bool,
) -> Settings:
    """The effective settings: a flag (unless None), else the environment, else `qa.toml`, else the default.

    config: what `qa.toml` says, from `qa.trust.Snapshot`. trusted: whether everything in it counts. Raises SettingError
    for an unknown setting, and for a value of the wrong type or out of range.
    """
    values: dict[str, Setting] = {}
    ignored = []
    for name, kind in SETTINGS.items():
        flag = flags.get(name)
        own = _check(kind, config[name], f"{workspace.config}: {name}") if name in config else kind.default
        if flag is not None:
            values[name] = Setting(
                name, _check(kind, flag, f"--{name.replace('_', '-')}"), f"flag --{name.replace('_', '-')}"
            )
        elif env.get(kind.env):
            values[name] = Setting(name, _check(kind, _parse(kind, env[kind.env]), kind.env), f"environment {kind.env}")
        elif name in config and (trusted or not needs_trust(workspace, kind, own)):
            values[name] = Setting(name, _from_root(workspace, name, own), CONFIG)
        else:
            ignored += [name] if name in config else []
            values[name] = Setting(name, kind.default, "default")
    return Settings(values, tuple(ignored))


def needs_trust(workspace: Workspace, kind: SettingKind, value: object) -> bool:
    """Whether a value in `qa.toml` counts only once the workspace is trusted."""
    if kind.name == "embedder":
        return isinstance(value, str) and is_path(value)
    if kind.name == "sources":
        return isinstance(value, str) and place(workspace.root, value) is None
    if kind.name == "max_mb":
        return isinstance(value, int) and value > kind.default
    return kind.needs_trust and value != kind.default


def _from_root(workspace: Workspace, name: str, value: Any) -> Any:
    """A value of `qa.toml`, where paths are relative to the workspace.

    Raises SettingError if the folder of documents is a hidden folder of the workspace, or one that qa writes.
    """
    if name != "sources":
        return value
    inside = place(workspace.root, value)
    folder = inside or workspace.root / _expanded(value, f"{workspace.config}: sources")
    real = inside or folder.resolve()
    parts = real.relative_to(workspace.root).parts if real.is_relative_to(workspace.root) else ()
    if parts and (parts[0].casefold() in OWN or any(part.startswith(".") for part in parts)):
        what = "a folder that qa writes" if parts[0].casefold() in OWN else "a hidden folder"
        raise SettingError(f"{workspace.config}: sources: {value!r} is {what}; name a folder of documents")
    return str(folder)


def sources_folder(workspace: Workspace, settings: Settings, cwd: Path = Path()) -> Path:
    """The folder of documents. A path of a flag or of the environment is relative to `cwd`.

    Raises SettingError for a folder that holds the index, because qa writes nothing among the documents.
    """
    if settings.origin("sources") == "default":
        return workspace.root / SOURCES
    folder = cwd / _expanded(settings["sources"], settings.origin("sources"))
    real, index = folder.resolve(), workspace.index.resolve()
    if index.is_relative_to(real):
        raise SettingError(
            f"{settings.origin('sources')}: {folder} holds the index of this workspace, "
            f"and qa writes nothing among your documents; make a workspace elsewhere: qa init DIR --sources {folder}"
        )
    return folder


def _expanded(path: str, origin: str) -> Path:
    try:
        return expanded(path)
    except RuntimeError:
        raise SettingError(f"{origin}: {path}: there is no such home folder") from None


def _parse(kind: SettingKind, text: str) -> object:
    """An environment variable's text in the setting's type; commas separate the items of a list.

    Text of the wrong type stays text, and `_check` refuses it.
    """
    if isinstance(kind.default, bool):
        return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}.get(text.lower(), text)
    if isinstance(kind.default, tuple):
        return [part.strip() for part in text.split(",") if part.strip()]
    if isinstance(kind.default, int | float):
        try:
            return float(text) if isinstance(kind.default, float) else int(text)
        except ValueError:
            return text
    return text


def _written(value: object) -> str:
    try:
        return shortened(repr(value), 80)
    except (ValueError, RecursionError):  # a number of thousands of digits, or tables thousands deep
        return "something too long to show"


def _check(kind: SettingKind, value: object, where: str) -> Any:
    """The value in the setting's type, or SettingError."""
    default = kind.default
    if isinstance(default, tuple) and isinstance(value, list | tuple) and all(isinstance(v, str) for v in value):
        value = tuple(value)
    if isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
        value = float(value) if abs(value) < HIGHEST else math.inf if value > 0 else -math.inf
    if type(value) is not type(default):
        expected = {
            tuple: "a list of strings",
            bool: "true or false",
            int: "a whole number",
            float: "a number",
            str: "a string",
        }
        got = "something else" if kind.secret or kind.name in ADDRESSES else _written(value)
        raise SettingError(f"{where}: expected {expected[type(default)]}, got {got}")
    if isinstance(value, int | float) and not (kind.lowest or 0) <= value <= (kind.highest or 1):
        shown = min(max(value, -HIGHEST), HIGHEST)
        raise SettingError(f"{where}: expected {kind.lowest or 0:g} to {kind.highest or 1:g}, got {shown:g}")
    if default and isinstance(value, str) and not value.strip():
        raise SettingError(f"{where}: it must not be empty; the default is {default}")
    if "\0" in (value if isinstance(value, str) else "".join(value) if isinstance(value, tuple) else ""):
        raise SettingError(f"{where}: it must not contain a NUL character")
    if kind.name in ("base_url", "store") and (why := addresses.problem(str(value))):
        raise SettingError(f"{where}: the address {why}")
    if kind.choices and value not in kind.choices:
        raise SettingError(f"{where}: expected one of {', '.join(kind.choices)}, got {_written(value)}")
    return value
