"""The folder being asked about: its root, its settings and where each came from, what of it is trusted, packaged data.

Only the command line calls this; the library takes plain arguments and reads neither environment nor `qa.toml`.
"""

import hashlib
import json
import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from importlib import resources
from pathlib import Path
from typing import Any

from qa.errors import SettingError, WorkspaceError
from qa.records import BuildSettings

__all__ = [
    "SETTINGS",
    "Setting",
    "SettingKind",
    "Settings",
    "Workspace",
    "find",
    "is_trusted",
    "packaged_prompt",
    "prompt_files",
    "resolve",
    "trust",
]

CONFIG = "qa.toml"


@dataclass(frozen=True, slots=True)
class SettingKind:
    """A setting that exists: its default, its environment variable, its allowed range, whether a workspace must be
    trusted for it.
    """

    name: str
    default: Any
    help: str
    env: str
    lowest: float | None = None
    highest: float | None = None
    choices: tuple[str, ...] = ()
    needs_trust: bool = False


def _kinds() -> Iterator[SettingKind]:
    build = BuildSettings()
    yield SettingKind("include", build.include, "globs of the files in seeds/ to index", "QA_INCLUDE")
    yield SettingKind("exclude", build.exclude, "globs of the files in seeds/ to leave out", "QA_EXCLUDE")
    yield SettingKind("max_mb", build.max_mb, "larger files are skipped, in megabytes", "QA_MAX_MB", 1, 2000)
    yield SettingKind(
        "boilerplate", build.boilerplate, "leave out share bars, datelines and the like", "QA_BOILERPLATE"
    )
    yield SettingKind(
        "passage_chars", build.passage_chars, "most characters of a passage", "QA_PASSAGE_CHARS", 200, 8000
    )
    yield SettingKind("embedder", build.embedder, "a sentence-transformers model, by name or path", "QA_EMBEDDER")
    yield SettingKind(
        "precision", build.precision, "of the embedding model", "QA_PRECISION", choices=("float32", "bfloat16")
    )
    yield SettingKind("k", 5, "how many passages are retrieved", "QA_K", 1, 100)
    yield SettingKind("threshold", 0.5, "answer only when answerability reaches this, 0 to 1", "QA_THRESHOLD", 0, 1)


SETTINGS: Mapping[str, SettingKind] = {kind.name: kind for kind in _kinds()}


@dataclass(frozen=True, slots=True)
class Setting:
    """An effective value and where it came from: `default`, `qa.toml`, `environment QA_K`, `flag --k`."""

    name: str
    value: Any
    origin: str


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
        if (folder / CONFIG).is_file():
            return _workspace(folder)
    if (here / "seeds").is_dir():
        return _workspace(here)
    raise WorkspaceError(
        f"{here} has neither {CONFIG} nor seeds/; go to your workspace, name it with --root, or make one with: qa init"
    )


def _workspace(root: Path) -> Workspace:
    config = root / CONFIG
    return Workspace(root, config if config.is_file() else None)


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
        if flag is not None:
            values[name] = Setting(
                name, _check(kind, flag, f"--{name.replace('_', '-')}"), f"flag --{name.replace('_', '-')}"
            )
        elif env.get(kind.env):
            values[name] = Setting(name, _check(kind, _parse(kind, env[kind.env]), kind.env), f"environment {kind.env}")
        elif name in config and (trusted or not kind.needs_trust):
            values[name] = Setting(name, _check(kind, config[name], f"{workspace.config}: {name}"), CONFIG)
        else:
            ignored += [name] if name in config else []
            values[name] = Setting(name, kind.default, "default")
    return Settings(values, tuple(ignored))


def _load(workspace: Workspace) -> dict[str, Any]:
    if workspace.config is None:
        return {}
    try:
        config = tomllib.loads(workspace.config.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingError(f"{workspace.config} is not valid TOML: {error}") from None
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
        return tuple(value)
    if isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if type(value) is not type(default):
        expected = {
            tuple: "a list of texts",
            bool: "true or false",
            int: "a whole number",
            float: "a number",
            str: "a text",
        }
        raise SettingError(f"{where}: expected {expected[type(default)]}, got {value!r}")
    if isinstance(value, int | float) and not (kind.lowest or 0) <= value <= (kind.highest or 1):
        raise SettingError(f"{where}: expected {kind.lowest or 0:g} to {kind.highest or 1:g}, got {value:g}")
    if kind.choices and value not in kind.choices:
        raise SettingError(f"{where}: expected one of {', '.join(kind.choices)}, got {value!r}")
    return value


def prompt_files(workspace: Workspace) -> tuple[Path, ...]:
    """The workspace's own prompt templates, sorted by name."""
    return tuple(sorted(workspace.prompts.glob("*.j2")))


def trust(workspace: Workspace) -> Path:
    """Remember, in the user's own configuration folder, that this workspace as it is now may name endpoint, key, model
    and templates.

    Any later change of `qa.toml` or of a template needs a new `trust`. Returns the file that remembers it.
    """
    path = _trust_file()
    known = _trusted()
    known[str(workspace.root)] = _digest(workspace)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(f".{os.getpid()}")
    partial.write_text(json.dumps(known, indent=1, sort_keys=True), encoding="utf-8")
    partial.replace(path)
    return path


def is_trusted(workspace: Workspace) -> bool:
    """Whether `trust` was called for this workspace and nothing that it covers has changed since."""
    known = _trusted().get(str(workspace.root))
    return known is not None and known == _digest(workspace)


def _digest(workspace: Workspace) -> str:
    """SHA-256 over name and content of everything that trust covers."""
    digest = hashlib.sha256()
    for path in (*((workspace.config,) if workspace.config else ()), *prompt_files(workspace)):
        data = path.read_bytes()
        digest.update(f"{path.name}\0{len(data)}\0".encode() + data)
    return digest.hexdigest()


def _trust_file() -> Path:
    from platformdirs import user_config_path

    return user_config_path("qa", appauthor=False) / "trusted.json"


def _trusted() -> dict[str, str]:
    path = _trust_file()
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
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
