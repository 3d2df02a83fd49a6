"""Load a model with its own libraries from a private copy of its folder, so that what was checked is what is loaded."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa.embed import modelcheck
from qa.embed.modelfolder import copied
from qa.embed.models import OtherWeightsError
from qa.errors import ModelError

__all__ = ["LOCAL", "SAFE", "Original", "check_weights", "original"]

LOCAL: dict[str, Any] = {"trust_remote_code": False, "local_files_only": True}
"""Options for everything that is loaded from a folder."""
SAFE: dict[str, Any] = {"use_safetensors": True, "weights_only": True}
"""Options for loading weights."""


@dataclass(frozen=True, slots=True)
class Original:
    """A copied model.

    folder: only this user may enter it. sha256: of the model as it was copied; see `weights_sha256`.
    """

    folder: Path
    sha256: str


@contextmanager
def original(what: str, folder: Path) -> Iterator[Original]:
    """A checked copy of a model's folder to load from, deleted at the end of the block.

    what: the model in messages. Raises ModelError if the model is refused or there is no room for the copy.
    """
    with _quiet(), tempfile.TemporaryDirectory(prefix="qa-model-", ignore_cleanup_errors=True) as place:
        copy = Path(place).resolve() / "model"
        copy.mkdir()
        try:
            sha256 = copied(what, folder, copy)
        except OSError as error:
            raise ModelError(f"{what} cannot be copied to {place}: {error.strerror or error}; set TMPDIR") from None
        modelcheck.check(what, copy)
        _check_reads_text(what, copy)
        yield Original(copy, sha256)


def check_weights(what: str, found: str, wanted: str) -> None:
    """Raise OtherWeightsError if a model's hash is not the wanted one. wanted: empty for any."""
    if wanted and found != wanted:
        raise OtherWeightsError(
            f"{what}: the files of the model have changed; if you changed them, run the command again"
        )


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the libraries from connecting, drawing progress bars and asking on the terminal whether to run code."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    from transformers import dynamic_module_utils as asking
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    seconds = asking.TIME_OUT_REMOTE_CODE
    asking.TIME_OUT_REMOTE_CODE = 0  # at 0 they do not ask, and refuse code
    try:
        yield
    finally:
        asking.TIME_OUT_REMOTE_CODE = seconds


def _check_reads_text(what: str, folder: Path) -> None:
    """Raise ModelError for a model that reads more than text: its processors for images and audio load more files."""
    from transformers.models import auto

    modules = {
        "feature_extraction": "FEATURE_EXTRACTOR",
        "image_processing": "IMAGE_PROCESSOR",
        "processing": "PROCESSOR",
    }
    others: set[str] = set()
    for module, name in modules.items():
        others.update(getattr(getattr(auto, f"{module}_auto"), f"{name}_MAPPING_NAMES"))
    for kind in modelcheck.kinds(what, folder):
        if kind in others:
            raise ModelError(f"{what}: a {kind} model reads more than text; use a text-only model")
