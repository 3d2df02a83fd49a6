"""The folder being asked about: its root, its settings and where each came from, what of it is trusted, packaged data.

Only the command line calls this; the library takes plain arguments and reads neither environment nor `qa.toml`.
"""

import hashlib
import json
import math
import os
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from qa import files
from qa.errors import SettingError, WorkspaceError
from qa.modelfiles import content, embedder_folder, named
from qa.records import BuildSettings
from qa.text import shortened

__all__ = [
    "SETTINGS",
    "Setting",
    "SettingKind",
    "Settings",
    "Workspace",
    "find",
    "is_trusted",
    "needs_trust",
    "own_templates",
    "packaged_prompt",
    "private_folder",
    "prompt_files",
    "resolve",
    "templates",
    "trust",
]

CONFIG = "qa.toml"
MOST = 10**300  # a whole number above it is no floating-point number


@dataclass(frozen=True, slots=True)
class SettingKind:
    """A setting that exists: its default, its environment variable, its allowed range, whether a workspace must be
    trusted for it, whether its value is never shown.
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
    yield SettingKind("include", build.include, "globs of the files in seeds/ to index", "QA_INCLUDE")
    yield SettingKind("exclude", build.exclude, "globs of the files in seeds/ to leave out", "QA_EXCLUDE")
    yield SettingKind("max_mb", build.max_mb, "larger files are skipped, in megabytes", "QA_MAX_MB", 1, 2000)
    seconds = "a document that takes longer to read is skipped, in seconds"
    yield SettingKind("read_seconds", build.read_seconds, seconds, "QA_READ_SECONDS", 1, 86_400, needs_trust=True)
    yield SettingKind(
        "boilerplate", build.boilerplate, "leave out share bars, datelines and the like", "QA_BOILERPLATE"
    )
    yield SettingKind("ocr", build.ocr, "read the text in pictures and scanned pages, by Tesseract", "QA_OCR")
    yield SettingKind(
        "passage_chars", build.passage_chars, "most characters of a passage", "QA_PASSAGE_CHARS", 200, 8000
    )
    embedder = "a sentence-transformers model, by name or path; a path in qa.toml counts from there and needs qa trust"
    yield SettingKind("embedder", build.embedder, embedder, "QA_EMBEDDER")
    yield SettingKind(
        "precision", build.precision, "of the embedding model", "QA_PRECISION", choices=("float32", "bfloat16")
    )
    yield SettingKind("k", 5, "how many passages are retrieved", "QA_K", 1, 100)
    yield SettingKind("threshold", 0.5, "quotes are an answer when answerability reaches this", "QA_THRESHOLD", 0, 1)
    history = "keep the questions that are asked in .qa/history.jsonl, for qa gold suggest"
    yield SettingKind("history", False, history, "QA_HISTORY", needs_trust=True)
    yield from _model_kinds()


def _model_kinds() -> Iterator[SettingKind]:
    """The settings of answers that a language model writes."""
    model = "the model that writes answers: a name, or gguf:PATH; empty for quotes only"
    yield SettingKind("model", "", model, "QA_MODEL", needs_trust=True)
    url = "the endpoint, in OpenAI's chat format; empty for https://api.openai.com/v1"
    yield SettingKind("base_url", "", url, "OPENAI_BASE_URL", needs_trust=True)
    key = "the endpoint's key; better in the environment than in a file"
    yield SettingKind("api_key", "", key, "OPENAI_API_KEY", needs_trust=True, secret=True)
    yield SettingKind("strict", False, "leave out unsupported statements instead of marking them", "QA_STRICT")
    deadline = "seconds for an answer, retries included; a gguf: model gets 600 where nothing is set"
    yield SettingKind("deadline", 120.0, deadline, "QA_DEADLINE", 1, 86_400)
    yield SettingKind(
        "prompt_tokens", 6000, "most tokens of retrieved text in a prompt", "QA_PROMPT_TOKENS", 200, 1_000_000
    )
    floor = "below this answerability no model is asked"
    yield SettingKind("floor", 0.1, floor, "QA_FLOOR", 0, 1)
    price = "price of a million tokens of {}, to show what an answer cost; 0 when not known"
    yield SettingKind("price_prompt", 0.0, price.format("the prompt"), "QA_PRICE_PROMPT", 0, 1_000_000)
    yield SettingKind("price_completion", 0.0, price.format("the answer"), "QA_PRICE_COMPLETION", 0, 1_000_000)


SETTINGS: Mapping[str, SettingKind] = {kind.name: kind for kind in _kinds()}


@dataclass(frozen=True, slots=True)
class Setting:
    """An effective value and where it came from: `default`, `qa.toml`, `environment QA_K`, `flag --k`.

    shown: the value as it may be printed, never a key.
    """

    name: str
    value: Any = field(repr=False)
    origin: str

    @property
    def shown(self) -> Any:
        return _shown(SETTINGS[self.name], self.value)


def _shown(kind: SettingKind, value: Any) -> Any:
    if kind.secret:
        return "set" if value else "not set"
    if kind.name == "base_url" and any(mark in value for mark in "@?#"):  # where people put keys
        try:
            parts = urlsplit(value)
            return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/ (the rest is not shown)"
        except ValueError:
            return "(not shown)"
    return value


@dataclass(frozen=True, slots=True)
class Settings:
    """Every effective setting, by name. ignored: settings of an untrusted `qa.toml` that were not taken."""

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
    """A folder with `seeds/` and `index/`. config: its `qa.toml`, None if there is none."""

    root: Path
    config: Path | None

    @property
    def seeds(self) -> Path:
        return self.root / "seeds"

    @property
    def index(self) -> Path:
        return self.root / "index"

    @property
    def prompts(self) -> Path:
        return self.root / "prompts"

    @property
    def private(self) -> Path:
        return self.root / ".qa"


def find(root: Path | None = None, cwd: Path | None = None) -> Workspace:
    """The workspace: `root` if given, else the nearest folder upwards with a `qa.toml`, else the working directory if
    it has `seeds/`.

    Raises WorkspaceError when there is none.
    """
    if root is not None:
        if not root.is_dir():
            raise WorkspaceError(f"{root} is not a folder; name one with --root, or make one with: qa init {root}")
        return _workspace(root.resolve())
    here = (cwd or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if os.path.lexists(folder / CONFIG):
            return _workspace(folder)
    if (here / "seeds").is_dir():
        return _workspace(here)
    raise WorkspaceError(
        f"{here} has neither {CONFIG} nor seeds/; go to your workspace, name it with --root, or make one with: qa init"
    )


def _workspace(root: Path) -> Workspace:
    config = root / CONFIG
    return Workspace(root, config if os.path.lexists(config) else None)  # what is no file is an error, not ignored


@contextmanager
def private_folder(workspace: Workspace) -> Iterator[files.Folder]:
    """The folder for what is of this user alone, made if need be; git ignores it. Raises OSError."""
    with files.Folder.open(workspace.root) as root:
        new = root.kind(workspace.private.name) is None
        with root.folder(workspace.private.name, create=True, mode=0o700) as folder:
            if new:
                folder.write(".gitignore", b"*\n")
            yield folder


def resolve(workspace: Workspace, flags: Mapping[str, object], env: Mapping[str, str] = os.environ) -> Settings:
    """Effective settings: flag (when not None), else environment, else `qa.toml`, else default.

    Raises SettingError for an unknown key or a value of the wrong type or range.
    """
    config = _load(workspace)
    trusted = is_trusted(workspace)
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
            folder = embedder_folder(workspace.root, own) if name == "embedder" else None
            values[name] = Setting(name, str(folder or own) if name == "embedder" else own, CONFIG)
        else:
            ignored += [name] if name in config else []
            values[name] = Setting(name, kind.default, "default")
    return Settings(values, tuple(ignored))


def needs_trust(workspace: Workspace, kind: SettingKind, value: object) -> bool:
    """Whether a value in `qa.toml` counts only once the workspace is trusted."""
    if kind.name == "embedder":
        return embedder_folder(workspace.root, value) is not None
    return kind.needs_trust and value != kind.default


def _load(workspace: Workspace) -> dict[str, Any]:
    if workspace.config is None:
        return {}
    try:
        config = tomllib.loads(_own(workspace.config).decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingError(f"{workspace.config} is not valid TOML: {error}") from None
    except (ValueError, RecursionError):  # a number of thousands of digits, or brackets thousands deep
        raise SettingError(f"{workspace.config}: a value is too long or too deeply nested to be read") from None
    except OSError as error:
        raise SettingError(f"{workspace.config} cannot be read: {error.strerror}") from None
    for key in config:
        if key not in SETTINGS:
            near = get_close_matches(key, SETTINGS, 1, 0.0)
            raise SettingError(
                f"{workspace.config}: unknown setting {key!r}; did you mean {near[0]!r}? qa status lists them all"
            )
    return config


def _parse(kind: SettingKind, text: str) -> object:
    """An environment variable's text as the setting's type; lists are separated by commas. Wrong text is left for
    `_check`.
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


def _check(kind: SettingKind, value: object, where: str) -> Any:
    """The value in the setting's type, or SettingError."""
    default = kind.default
    if isinstance(default, tuple) and isinstance(value, list | tuple) and all(isinstance(v, str) for v in value):
        value = tuple(value)
    if isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
        value = float(value) if abs(value) < MOST else math.inf if value > 0 else -math.inf
    if type(value) is not type(default):
        expected = {
            tuple: "a list of texts",
            bool: "true or false",
            int: "a whole number",
            float: "a number",
            str: "a text",
        }
        got = "something else" if kind.secret else shortened(repr(value), 80)
        raise SettingError(f"{where}: expected {expected[type(default)]}, got {got}")
    if isinstance(value, int | float) and not (kind.lowest or 0) <= value <= (kind.highest or 1):
        raise SettingError(
            f"{where}: expected {kind.lowest or 0:g} to {kind.highest or 1:g}, got {min(max(value, -MOST), MOST):g}"
        )
    if "\0" in (value if isinstance(value, str) else "".join(value) if isinstance(value, tuple) else ""):
        raise SettingError(f"{where}: a NUL character cannot be part of it")
    if kind.choices and value not in kind.choices:
        raise SettingError(f"{where}: expected one of {', '.join(kind.choices)}, got {value!r}")
    return value


def _own(path: Path) -> bytes:
    """A file of settings or a template. Raises OSError."""
    return files.read(path, files.SMALL, below=path.parent)


def _prompts(workspace: Workspace) -> dict[str, str | None]:
    """What lies in `prompts/` under the name of a template, and of what kind it is. Raises OSError."""
    try:
        with files.Folder.open(workspace.prompts) as folder:
            return {name: folder.kind(name) for name in folder.names() if name.endswith(".j2")}
    except FileNotFoundError:
        return {}


def prompt_files(workspace: Workspace) -> tuple[Path, ...]:
    """The workspace's own prompt templates, sorted by name: only regular files. `templates` says what is wrong with
    others.
    """
    try:
        found = _prompts(workspace)
    except OSError:
        return ()
    return tuple(workspace.prompts / name for name, kind in found.items() if kind == "file")


def own_templates(workspace: Workspace) -> tuple[str, ...]:
    """The names of the workspace's templates that differ from the packaged ones."""
    return tuple(path.name for path in prompt_files(workspace) if not _is_packaged(path))


def _is_packaged(path: Path) -> bool:
    try:
        return _own(path) == packaged_prompt(path.name).encode()
    except OSError:
        return False


def templates(workspace: Workspace) -> Callable[[str], str]:
    """Gives the text of a prompt template by its file name: the workspace's own if it is trusted, else the packaged."""
    if not is_trusted(workspace):
        return packaged_prompt
    try:
        own = _prompts(workspace)
    except OSError as error:
        raise SettingError(f"the prompt templates in {workspace.prompts} cannot be read: {error.strerror}") from None

    def template(name: str) -> str:
        if name not in own:
            return packaged_prompt(name)
        path = workspace.prompts / name
        try:
            return _own(path).decode("utf-8").replace("\r\n", "\n")
        except UnicodeDecodeError:
            raise SettingError(f"the prompt template {path} is not UTF-8") from None
        except OSError as error:
            raise SettingError(f"the prompt template {path} cannot be read: {error.strerror}") from None

    return template


def trust(workspace: Workspace) -> Path:
    """Remember, in the user's own configuration folder, that this workspace as it is now may name endpoint, key, models
    and templates.

    Any later change of `qa.toml`, of a template, or of a model file that `qa.toml` names by its path, needs a new
    `trust`. Returns the file that remembers it.
    """
    path = _trust_file()
    known = _trusted()
    known[str(workspace.root)] = _digest(workspace)
    path.parent.mkdir(parents=True, exist_ok=True)
    files.write(path, json.dumps(known, indent=1, sort_keys=True).encode())
    return path


def is_trusted(workspace: Workspace) -> bool:
    """Whether `trust` was called for this workspace and nothing that it covers has changed since."""
    known = _trusted().get(str(workspace.root))
    try:
        return known is not None and known == _digest(workspace)
    except OSError:
        return False


def _digest(workspace: Workspace) -> str:
    """SHA-256 over name and content of everything that trust covers."""
    digest = hashlib.sha256()
    for path in (*((workspace.config,) if workspace.config else ()), *prompt_files(workspace)):
        data = _own(path)
        digest.update(f"{path.name}\0{len(data)}\0".encode() + data)
    for path in named(workspace.root, _load(workspace)):
        digest.update(os.fsencode(path) + f"\0{content(path)}\0".encode())
    return digest.hexdigest()


def _trust_file() -> Path:
    from platformdirs import user_config_path

    return user_config_path("qa", appauthor=False) / "trusted.json"


def _trusted() -> dict[str, str]:
    path = _trust_file()
    try:
        known = json.loads(files.read_named(path, files.MEDIUM).decode("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise SettingError(
            f"{path}, which remembers trusted workspaces, cannot be read ({error}); mend or delete it"
        ) from None
    return dict(known) if isinstance(known, dict) else {}


def packaged_prompt(name: str) -> str:
    """The text of a prompt template that ships with qa. Raises FileNotFoundError for a name that does not exist."""
    packaged = resources.files("qa") / "_data" / "prompts" / name
    if packaged.is_file():
        return packaged.read_text(encoding="utf-8")
    checkout = Path(__file__).resolve().parent.parent / "prompts" / name  # an editable installation
    return checkout.read_text(encoding="utf-8")
