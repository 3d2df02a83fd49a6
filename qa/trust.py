"""What a workspace may decide: nothing of consequence until its user has trusted it as it is now.

Trust covers `qa.toml`, the prompt templates, and the model files that `qa.toml` names. It is remembered outside the
workspace, as a hash, so that any change of these needs a new `qa trust`. Indexes are accepted in `qa.index.signature`.
"""

import hashlib
import json
import os
from collections.abc import Callable
from importlib import resources
from pathlib import Path

from qa import files
from qa.errors import SettingError
from qa.modelfiles import content, named
from qa.settings import Workspace, read_config

__all__ = ["is_trusted", "own_templates", "packaged_prompt", "prompt_files", "templates", "trust"]


def _read(path: Path) -> bytes:
    """A small file of the workspace, never through a link. Raises OSError."""
    return files.read(path, files.SMALL, below=path.parent)


def _entries(workspace: Workspace) -> dict[str, str | None]:
    """The templates in `prompts/` by name, and what kind of entry each is. Raises OSError."""
    try:
        with files.Folder.open(workspace.prompts) as folder:
            return {name: folder.kind(name) for name in folder.names() if name.endswith(".j2")}
    except FileNotFoundError:
        return {}


def prompt_files(workspace: Workspace) -> tuple[Path, ...]:
    """The workspace's own prompt templates, sorted by name. Regular files only: `templates` refuses anything else."""
    try:
        found = _entries(workspace)
    except OSError:
        return ()
    return tuple(workspace.prompts / name for name, kind in found.items() if kind == "file")


def own_templates(workspace: Workspace) -> tuple[str, ...]:
    """The names of the workspace's templates that differ from the packaged ones."""
    return tuple(path.name for path in prompt_files(workspace) if not _is_packaged(path))


def _is_packaged(path: Path) -> bool:
    try:
        return _read(path) == packaged_prompt(path.name).encode()
    except OSError:
        return False


def templates(workspace: Workspace) -> Callable[[str], str]:
    """A function from a template's file name to its text: the workspace's own if it is trusted, else the packaged one.

    Both raise SettingError for a template that cannot be read.
    """
    if not is_trusted(workspace):
        return packaged_prompt
    try:
        own = _entries(workspace)
    except OSError as error:
        raise SettingError(f"the prompt templates in {workspace.prompts} cannot be read: {error.strerror}") from None

    def template(name: str) -> str:
        if name not in own:
            return packaged_prompt(name)
        path = workspace.prompts / name
        try:
            return _read(path).decode("utf-8").replace("\r\n", "\n")
        except UnicodeDecodeError:
            raise SettingError(f"the prompt template {path} is not UTF-8") from None
        except OSError as error:
            raise SettingError(f"the prompt template {path} cannot be read: {error.strerror}") from None

    return template


def trust(workspace: Workspace) -> Path:
    """Trust this workspace as it is now. Returns the file, in the user's configuration folder, that remembers it."""
    path = _trust_file()
    known = _trusted()
    known[str(workspace.root)] = _digest(workspace)
    path.parent.mkdir(parents=True, exist_ok=True)
    files.write(path, json.dumps(known, indent=1, sort_keys=True).encode())
    return path


def is_trusted(workspace: Workspace) -> bool:
    """Whether the workspace was trusted, and nothing that trust covers has changed since."""
    known = _trusted().get(str(workspace.root))
    try:
        return known is not None and known == _digest(workspace)
    except OSError:
        return False


def _digest(workspace: Workspace) -> str:
    """SHA-256 of the name and content of everything that trust covers."""
    digest = hashlib.sha256()
    for path in (*((workspace.config,) if workspace.config else ()), *prompt_files(workspace)):
        data = _read(path)
        digest.update(f"{path.name}\0{len(data)}\0".encode() + data)
    for path in named(workspace.root, read_config(workspace)):
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
