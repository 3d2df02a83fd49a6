"""The language model that the settings name: a GGUF file, or a model behind an endpoint."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from qa.errors import SettingError
from qa.inside import expanded
from qa.settings import CONFIG, Settings

if TYPE_CHECKING:
    from qa.llm.chat import OpenAIChat
    from qa.llm.gguf import GgufChat

__all__ = ["model_file", "open_chat"]

GGUF = "gguf:"  # before the path of a model file
SILENCE = 60.0  # seconds without a byte after which a request is given up, or half of a longer deadline
PATIENCE = 2.0  # seconds; a longer wait before another request is announced


def model_file(settings: Settings, root: Path, cwd: Path) -> Path | None:
    """The GGUF file that the settings name, None for a model behind an endpoint. Raises SettingError.

    root, cwd: what a relative path counts from in `qa.toml`, and elsewhere.
    """
    model, origin = str(settings["model"]), settings.origin("model")
    if not model.startswith(GGUF):
        return None
    if model == GGUF:
        raise SettingError(f"{origin}: gguf: needs the path of a model file, as in gguf:model.gguf")
    try:
        path = expanded(model.removeprefix(GGUF))
    except RuntimeError:
        raise SettingError(f"{origin}: {model}: there is no such home folder") from None
    return (root if origin == CONFIG else cwd) / path


def open_chat(
    settings: Settings, file: Path | None, notify: Callable[[str], None], trusted: Mapping[Path, str] | None = None
) -> "OpenAIChat | GgufChat":
    """A new chat with the model in the file, or with the one behind the endpoint. Nothing is sent yet.

    trusted: the files that trust covers, with the SHA-256 of each, for a file that `qa.toml` names; it must be one of
    them. Raises SettingError, KeyRefusedError and LocalModelError for a model that cannot be asked.
    """
    return _local(settings, file, trusted) if file else _remote(settings, notify)


def _local(settings: Settings, file: Path, trusted: Mapping[Path, str] | None) -> "GgufChat":
    from qa.llm.gguf import GgufChat, check

    check(file)
    if trusted is not None:
        trusted = {file: ""} | {path: sha256 for path, sha256 in trusted.items() if path.parent == file.parent}
    if settings.origin("deadline") == "default":  # a processor needs more time than an endpoint
        return GgufChat(file, trusted=trusted)
    return GgufChat(file, deadline=settings["deadline"], trusted=trusted)


def _remote(settings: Settings, notify: Callable[[str], None]) -> "OpenAIChat":
    from qa.llm.chat import OpenAIChat

    def wait(seconds: float) -> None:
        if seconds >= PATIENCE:
            notify(f"no answer yet; asking again in {seconds:.0f} seconds")
        time.sleep(seconds)

    deadline = settings["deadline"]
    url, key = settings["base_url"] or None, settings["api_key"] or None
    chat = OpenAIChat(settings["model"], url, key, deadline=deadline, silence=max(SILENCE, deadline / 2), sleep=wait)
    chat.check()
    return chat
