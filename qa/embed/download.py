"""Fetch a model from a hub, completely or not at all: the only code of qa that downloads anything.

Files go into a hidden folder beside the installed models, are compared with their hashes, and the folder is renamed
when all are there. A download that was interrupted goes on where it stopped.
"""

import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from qa.addresses import problem, without_user
from qa.embed import installed, modelcheck
from qa.embed.modelfolder import KEPT
from qa.embed.recommended import Recommended, canonical, table
from qa.errors import ModelError

__all__ = ["Planned", "RemoteFile", "fetch", "hub", "plan"]

OTHER_RUNTIMES = frozenset(("onnx", "openvino", "coreml", "tf", "flax"))
MOST_FILES = 1_000
LARGEST = 2**50  # bytes
ATTEMPTS = 5
WAIT = 1.0  # seconds before the second attempt; each further one waits twice as long
CHUNK = 1 << 20
BEGUN = "begun"  # in the folder of an unfinished download: what it is one of

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file on the hub. size: in bytes. sha256, or the id of a git blob: as `recommended.json` or else the hub states
    it.
    """

    path: str
    size: int
    sha256: str = ""
    blob: str = ""


@dataclass(frozen=True, slots=True)
class Planned:
    """What a download would fetch. source: the hub's address; pinned: whether qa names this revision itself."""

    name: str
    source: str
    revision: str
    licence: str
    pinned: bool
    files: tuple[RemoteFile, ...]

    @property
    def bytes(self) -> int:
        return sum(file.size for file in self.files)


def hub() -> str:
    """The address of the hub, as it is shown and recorded: without a user name and a password.

    Raises ModelError for what is no address.
    """
    return without_user(_endpoint())


def _endpoint() -> str:
    """The address of the hub as it is asked: `HF_ENDPOINT`, else the Hugging Face hub. Raises as `hub`."""
    import httpx2
    from huggingface_hub import constants

    named = (os.environ.get("HF_ENDPOINT") or constants.ENDPOINT).rstrip("/")
    try:
        url = httpx2.URL(named)
    except httpx2.InvalidURL:
        url = httpx2.URL("")
    if url.scheme not in ("http", "https") or not url.host or problem(named):
        raise ModelError(
            f"HF_ENDPOINT: {without_user(named)!r} is not the address of a hub, such as https://huggingface.co"
        )
    return named


def plan(name: str) -> Planned:
    """Ask the hub what a model consists of.

    Raises ModelError for a name that the hub does not have, a model that has no .safetensors weights, and a hub that
    does not answer.
    """
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HFValidationError

    name = canonical(name)
    installed.check_name(name)
    known = table().get(name)
    source = hub()
    revision = (known.revision or None) if known else None
    with _explained(name, source):
        try:
            info = HfApi(endpoint=_endpoint()).model_info(name, revision=revision, files_metadata=True, timeout=30)
            files = tuple(sorted(_files(name, info.siblings or (), known), key=lambda file: (file.size, file.path)))
            sha, stated = _text(info.sha), (info.card_data.get("license") if info.card_data else "")
        except (HFValidationError, UnicodeEncodeError):
            raise
        except (ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError):
            # the client reads the answer unchecked
            raise ModelError(f"{source} does not answer as a hub does; check HF_ENDPOINT") from None
    if not any(file.path.endswith(".safetensors") for file in files):
        raise ModelError(f"{name} on {source} has no .safetensors weights; pickled weights are never loaded")
    licence = (known.licence if known else "") or (stated if isinstance(stated, str) else "")
    return Planned(name, source, sha, licence, bool(known and known.revision), files)


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError("not a text")
    return value


def _files(name: str, siblings: Any, known: Recommended | None) -> Iterator[RemoteFile]:
    """The files to fetch.

    Raises ModelError for a path that leads out of the model's folder, and one of Python's own errors for what a hub
    does not say.
    """
    if len(siblings) > MOST_FILES:
        raise ModelError(f"{name} has over {MOST_FILES:,} files, more than a model has; it is not fetched")
    for sibling in siblings:
        path = PurePosixPath(_text(sibling.rfilename))
        if path.is_absolute() or ".." in path.parts or "\\" in str(path) or ":" in str(path) or "\0" in str(path):
            raise ModelError(f"{name}: the hub lists a file {str(path)!r} outside of the model's folder; not fetched")
        if path.suffix not in KEPT or OTHER_RUNTIMES.intersection(path.parts[:-1]):
            continue
        if sibling.size is None:
            raise ModelError(f"{name}: the hub does not state the size of {path}; it cannot be checked, so not fetched")
        if type(sibling.size) is not int or not 0 <= sibling.size <= LARGEST:
            raise TypeError("not a size")
        stated = _text(sibling.lfs.sha256) if sibling.lfs else ""
        pinned = known.hashes.get(str(path), "") if known else ""
        yield RemoteFile(str(path), sibling.size, pinned or stated, _text(sibling.blob_id) if sibling.blob_id else "")


def fetch(planned: Planned, progress: Progress | None = None) -> Path:
    """Download, verify and install what was planned; return the model's folder.

    progress: called with a file's name and its bytes so far and in all. Interrupted, it leaves no model, and the next
    call goes on. Raises ModelError for a model that needs code of its own, for a file that is not what the hub states,
    for a full disk, and for a hub that does not answer.
    """
    from filelock import FileLock, Timeout

    target, partial = installed.place(planned.name), installed.partial_folder(planned.name)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{partial}.lock", timeout=0):
            _fill(planned, partial, progress)
            _install(planned, partial, target)
    except Timeout:
        raise ModelError(f"{planned.name} is being fetched by another process; wait until it is done") from None
    except OSError as error:
        raise ModelError(f"{planned.name} cannot be kept in {target.parent}: {error.strerror or error}") from None
    Path(f"{partial}.lock").unlink(missing_ok=True)
    return target / installed.FILES


def _fill(planned: Planned, partial: Path, progress: Progress | None) -> None:
    folder = partial / installed.FILES
    begun = partial / BEGUN
    what_for = json.dumps([planned.source, planned.revision, [asdict(file) for file in planned.files]]).encode()
    if partial.exists() and not (begun.is_file() and begun.read_bytes() == what_for):
        shutil.rmtree(partial)  # of another hub, another revision, or an older version of qa
    folder.mkdir(parents=True, exist_ok=True)
    begun.write_bytes(what_for)
    for file in planned.files:
        whole = folder / file.path
        if whole.is_file() and not (whole.stat().st_size == file.size and _matches(file, whole)):
            whole.unlink()
    free, missing = shutil.disk_usage(partial).free, planned.bytes - sum(_have(file, folder) for file in planned.files)
    if free < missing:
        raise ModelError(
            f"{planned.name} needs {missing / 1e6:,.0f} MB more, and {partial.parent} has {free / 1e6:,.0f} MB"
        )
    what = f"model {planned.name!r}"
    settings = [file for file in planned.files if modelcheck.is_settings(Path(file.path))]
    for file in settings:
        _fetch_file(planned, file, folder, progress)
    modelcheck.check_settings(what, folder)  # before the weights, which take long
    for file in planned.files:
        _fetch_file(planned, file, folder, progress)
    modelcheck.check(what, folder)


def _install(planned: Planned, partial: Path, target: Path) -> None:
    about = {
        "name": planned.name,
        "revision": planned.revision,
        "source": planned.source,
        "licence": planned.licence,
        "files": {file.path: file.size for file in planned.files},
    }
    (partial / installed.ABOUT).write_text(json.dumps(about, indent=1), encoding="utf-8")
    (partial / BEGUN).unlink()
    if target.exists():
        shutil.rmtree(target)
    partial.rename(target)


def _fetch_file(planned: Planned, file: RemoteFile, folder: Path, progress: Progress | None) -> None:
    """One file, by as many requests as it takes; a part of it is kept for the next call."""
    whole = folder / file.path
    if whole.is_file():  # verified in this call
        return
    part = _part(whole)
    whole.parent.mkdir(parents=True, exist_ok=True)
    for attempt in range(ATTEMPTS):
        before = _size(part)
        try:
            with _explained(planned.name, planned.source):
                _receive(planned, file, part, progress)
            break
        except _BrokenOffError:
            if attempt + 1 == ATTEMPTS:
                raise
            if _size(part) == before:
                time.sleep(WAIT * 2**attempt)
    _verify(planned, file, part)
    part.rename(whole)


def _part(whole: Path) -> Path:
    return whole.with_name(f"{whole.name}.part")


def _have(file: RemoteFile, folder: Path) -> int:
    """The bytes of a file that are here already."""
    whole = folder / file.path
    return file.size if whole.is_file() else min(_size(_part(whole)), file.size)


def _size(part: Path) -> int:
    return part.stat().st_size if part.is_file() else 0


class _BrokenOffError(ModelError):
    """The connection failed; another attempt may succeed."""


def _receive(planned: Planned, file: RemoteFile, part: Path, progress: Progress | None) -> None:
    """Ask for what is missing of a file and append it."""
    from huggingface_hub import get_session, hf_hub_url
    from huggingface_hub.utils import build_hf_headers, hf_raise_for_status  # type: ignore[attr-defined]

    have = _size(part)
    if have == file.size and part.is_file():
        return
    headers = build_hf_headers() | {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    url = hf_hub_url(planned.name, file.path, revision=planned.revision, endpoint=_endpoint())
    with get_session().stream("GET", url, headers=headers, timeout=30) as response:
        if response.status_code == 416:  # the part is longer than the file
            part.unlink()
            raise _BrokenOffError(
                f"{file.path} of {planned.name} has changed on {planned.source}; run the command again"
            )
        hf_raise_for_status(response)
        have = have if response.status_code == 206 else 0
        with part.open("ab" if have else "wb") as stream:
            for chunk in response.iter_bytes():  # as they come: what came before a break is kept
                stream.write(chunk)
                have += len(chunk)
                if have > file.size:
                    break
                if progress:
                    progress(file.path, have, file.size)
    if have < file.size:
        raise _BrokenOffError(_broken(planned.name, planned.source))


def _broken(name: str, source: str) -> str:
    return f"the connection to {source} broke off; go on with: qa models add {name}"


def _verify(planned: Planned, file: RemoteFile, part: Path) -> None:
    """Raise ModelError, and delete the part, if it is not what `recommended.json` or the hub states."""
    size = part.stat().st_size
    if size == file.size and _matches(file, part):
        return
    part.unlink()
    raise ModelError(
        f"{file.path} of {planned.name}, as {planned.source} sent it, is not the file that its hash names; it was "
        f"deleted. Try again with: qa models add {planned.name}"
    )


def _matches(file: RemoteFile, part: Path) -> bool:
    if not file.sha256 and not file.blob:
        return False
    digest = hashlib.sha256() if file.sha256 else hashlib.sha1(f"blob {file.size}\0".encode(), usedforsecurity=False)
    with part.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest() == (file.sha256 or file.blob)


@contextmanager
def _explained(name: str, source: str) -> Iterator[None]:
    """Errors of the hub's client, as ours."""
    import httpx2
    from huggingface_hub.errors import (
        GatedRepoError,
        HfHubHTTPError,
        HFValidationError,
        OfflineModeIsEnabled,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    try:
        yield
    except OfflineModeIsEnabled:
        raise ModelError("HF_HUB_OFFLINE is set, so nothing is downloaded; unset it for qa models add") from None
    except GatedRepoError:
        raise ModelError(
            f"{source} gives {name} only to people who accepted its terms; do so there, then set HF_TOKEN"
        ) from None
    except (RepositoryNotFoundError, RevisionNotFoundError, HFValidationError):
        raise ModelError(f"{source} has no model {name}; check the name (qa models list has some)") from None
    except UnicodeEncodeError:
        raise ModelError("HF_TOKEN is not a token: it has letters that are not ASCII; set it again") from None
    except HfHubHTTPError as error:
        status = error.response.status_code if error.response is not None else 0
        kind = _BrokenOffError if status >= 500 or status == 429 else ModelError
        raise kind(f"{source} answered {status} for {name}; try again later with: qa models add {name}") from None
    except httpx2.HTTPError as error:
        reason = _broken(name, source) if isinstance(error, httpx2.ReadError | httpx2.RemoteProtocolError) else ""
        raise _BrokenOffError(
            reason or f"{source} cannot be reached ({type(error).__name__}); try again later"
        ) from None
