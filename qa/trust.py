"""What a workspace may decide: nothing of consequence until its user has trusted it as it is now.

Trust covers `qa.toml`, the prompt templates, the model files that `qa.toml` names, and the place of the folder of
documents if that is outside the workspace. It is remembered outside the workspace, as a hash, so that any change of
these needs a new `qa trust`. Indexes are accepted in `qa.index.signature`.

Somebody else may be able to write to the workspace. So `Snapshot` reads everything once: what is hashed is what is used
and shown.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any, Self

from qa import files, tomltext
from qa.errors import SettingError
from qa.inside import place
from qa.modelfiles import content, followed, named, real, with_folders
from qa.settings import SETTINGS, Workspace
from qa.text import shortened

__all__ = ["Snapshot", "packaged_prompt"]

MOST_TEMPLATES = 100  # in one workspace, each of at most `files.SMALL` bytes
LONGEST = 4096  # characters of a text in `qa.toml`, as a path has at most


@dataclass(frozen=True)
class Snapshot:
    """What trust covers in a workspace, as it was when it was read.

    text: of `qa.toml`, None without one. config: what that says, unchecked but for the names of settings,
    with folders of models as absolute paths; those outside the workspace have not been accessed. prompts: the
    templates in `prompts/` by name, or why one cannot be read.
    problem: why `prompts/` cannot be read, None if it can.
    """

    workspace: Workspace
    text: bytes | None = field(repr=False)
    config: Mapping[str, Any] = field(repr=False)
    prompts: Mapping[str, bytes | OSError] = field(repr=False)
    problem: OSError | None = None

    @classmethod
    def read(cls, workspace: Workspace) -> Self:
        """Everything but the model files, as it is now. Raises SettingError for a `qa.toml` that cannot be read."""
        text = _read_config(workspace)
        config = {} if text is None else with_folders(workspace.root, _parsed(text, workspace))
        try:
            return cls(workspace, text, config, _read_prompts(workspace))
        except OSError as error:
            return cls(workspace, text, config, {}, error)

    @cached_property
    def models(self) -> Mapping[Path, str]:
        """The model files that `qa.toml` names, with the SHA-256 of each; read when this is first asked for."""
        return {path: content(path) for path in named(self.workspace.root, self._followed)}

    @cached_property
    def _followed(self) -> Mapping[str, Any]:
        return followed(self.config)

    @cached_property
    def documents(self) -> Path | None:
        """The folder that `sources` in `qa.toml` leads to, links resolved; None for one inside the workspace."""
        root, named = self.workspace.root, self.config.get("sources")
        return real(root, named) if isinstance(named, str) and place(root, named) is None else None

    @property
    def settings(self) -> Mapping[str, Any]:
        """As `config`; if the workspace is trusted, with the links in paths of models resolved."""
        return self._followed if self.is_trusted else self.config

    @cached_property
    def text_digest(self) -> str:
        """SHA-256 of the name and content of `qa.toml` and of every template; one that cannot be read has none."""
        digest = hashlib.sha256()
        covered = {} if self.workspace.config is None else {self.workspace.config.name: self.text}
        for name, data in (covered | dict(self.prompts)).items():
            if isinstance(data, bytes):
                digest.update(os.fsencode(name) + f"\0{len(data)}\0".encode() + data)
        return digest.hexdigest()

    @cached_property
    def digest(self) -> str:
        """SHA-256 of everything that trust covers, model files and the place of the documents included."""
        digest = hashlib.sha256(self.text_digest.encode())
        for path, sha256 in self.models.items():
            digest.update(os.fsencode(path) + f"\0{sha256}\0".encode())
        if self.documents:
            digest.update(os.fsencode(self.documents) + b"\0sources\0")
        return digest.hexdigest()

    @cached_property
    def is_trusted(self) -> bool:
        """Whether the workspace was trusted as it was read. Raises SettingError where that cannot be known.

        Files that a changed `qa.toml` names are not accessed, because they may be anywhere.
        """
        text, _, whole = str(_trusted().get(str(self.workspace.root), "")).partition(" ")
        return text == self.text_digest and whole == self.digest

    def trust(self) -> Path:
        """Trust the workspace as it was read. Returns the file, in the user's configuration folder, that remembers it.

        Raises SettingError and OSError for a file that cannot be read or written.
        """
        path = _trust_file()
        known = _trusted()
        known[str(self.workspace.root)] = f"{self.text_digest} {self.digest}"
        path.parent.mkdir(parents=True, exist_ok=True)
        files.write(path, json.dumps(known, indent=1, sort_keys=True).encode())
        return path

    @property
    def templates(self) -> tuple[str, ...]:
        """The names of the workspace's own prompt templates, sorted; only those that could be read."""
        return tuple(name for name, data in self.prompts.items() if isinstance(data, bytes))

    @property
    def own_templates(self) -> tuple[str, ...]:
        """The names of the workspace's templates that differ from the packaged ones."""
        return tuple(name for name in self.templates if not _is_packaged(name, self.prompts[name]))

    def template(self, name: str) -> str:
        """The text of a template: the workspace's own if it is trusted, else the packaged one.

        Raises SettingError for one that could not be read, FileNotFoundError for a name that does not exist.
        """
        if not self.is_trusted:
            return packaged_prompt(name)
        path = self.workspace.prompts
        if self.problem:
            raise SettingError(f"the prompt templates in {path} cannot be read: {self.problem.strerror}")
        data = self.prompts.get(name)
        if data is None:
            return packaged_prompt(name)
        if isinstance(data, OSError):
            raise SettingError(f"the prompt template {path / name} cannot be read: {data.strerror}")
        try:
            return data.decode("utf-8").replace("\r\n", "\n")
        except UnicodeDecodeError:
            raise SettingError(f"the prompt template {path / name} is not UTF-8") from None


def _read_config(workspace: Workspace) -> bytes | None:
    """The bytes of `qa.toml`, never through a link; None without one. Raises SettingError."""
    if workspace.config is None:
        return None
    try:
        return files.read(workspace.config, files.SMALL, below=workspace.config.parent)
    except OSError as error:
        raise SettingError(f"{workspace.config} cannot be read: {error.strerror}") from None


def _parsed(text: bytes, workspace: Workspace) -> dict[str, Any]:
    """What a `qa.toml` says. Raises SettingError for invalid TOML, an unknown setting or a text that is too long."""
    try:
        config = tomltext.loads(text.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise SettingError(f"{workspace.config} is not valid TOML: {error}") from None
    except tomltext.TomlError as error:
        raise SettingError(f"{workspace.config} {error}") from None
    for key, value in config.items():
        if key not in SETTINGS:
            unknown = shortened(key, 80)
            near = get_close_matches(unknown, SETTINGS, 1, 0.0)
            raise SettingError(
                f"{workspace.config}: unknown setting {unknown!r}; did you mean {near[0]!r}? qa status lists them all"
            )
        if isinstance(value, str) and len(value) > LONGEST:
            raise SettingError(f"{workspace.config}: {key}: must not have over {LONGEST:,} characters")
    return config


def _read_prompts(workspace: Workspace) -> dict[str, bytes | OSError]:
    """The templates in `prompts/` by name, sorted; for one that cannot be read, why. Raises OSError."""
    try:
        with files.Folder.open(workspace.prompts) as folder:
            names = [name for name in folder.names() if name.endswith(".j2")]
            if len(names) > MOST_TEMPLATES:
                raise OSError(0, f"there are over {MOST_TEMPLATES} templates; keep those that qa uses")
            return {name: _template(folder, name) for name in names}
    except FileNotFoundError:
        return {}


def _template(folder: files.Folder, name: str) -> bytes | OSError:
    try:
        return folder.read(name, files.SMALL)
    except OSError as error:
        return error


def _is_packaged(name: str, data: object) -> bool:
    try:
        return data == packaged_prompt(name).encode()
    except OSError:
        return False


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
        why = error.strerror if isinstance(error, OSError) else "it is not valid JSON"
        raise SettingError(
            f"{path}, which remembers trusted workspaces, cannot be read ({why}); repair or delete it"
        ) from None
    return dict(known) if isinstance(known, dict) else {}


def packaged_prompt(name: str) -> str:
    """The text of a template that ships with qa. Raises FileNotFoundError for an unknown name."""
    packaged = resources.files("qa") / "_data" / "prompts" / name
    if packaged.is_file():
        return packaged.read_text(encoding="utf-8")
    checkout = Path(__file__).resolve().parent.parent / "prompts" / name  # an editable installation
    return checkout.read_text(encoding="utf-8")
