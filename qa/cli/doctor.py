"""qa doctor: does everything that is installed and configured work, down to one question to the language model?"""

import platform
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from qa.cli.common import BaseUrlOption, ModelOption, RootOption, note, workspace_and_settings
from qa.cli.render import DIM, WARNING, Page, label
from qa.errors import (
    ChatError,
    DeadlineError,
    EndpointError,
    KeyRefusedError,
    LocalModelError,
    NoSuchModelError,
    SettingError,
    WorkspaceError,
)

if TYPE_CHECKING:
    from qa.answer.probe import Probe
    from qa.workspace import Settings, Workspace

__all__ = ["doctor"]

State = Literal["ok", "failed", "skipped"]
PACKAGES = ("faiss-cpu", "bm25s", "onnxruntime", "sentence-transformers", "torch", "openai")
EXTRAS = {
    "formats": (("lxml", "pypdfium2", "python-docx"), "HTML, PDF and DOCX files are not read"),
    "local": (("xllamacpp",), "models of GGUF files cannot be run"),
}
MODES = {"schema": "JSON that keeps to a schema", "json": "JSON without a schema", "text": "plain text with markers"}
CHAIN = ("endpoint", "key", "model", "output", "question")  # each needs those before it
NO_MODEL = "no model is named; --model NAME or QA_MODEL names one"

DoctorJsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


@dataclass(frozen=True, slots=True)
class Check:
    """One line: what was looked at, how it is, and what to do or what it is."""

    name: str
    state: State
    detail: str


def doctor(
    root: RootOption = None,
    model: ModelOption = None,
    base_url: BaseUrlOption = None,
    json: DoctorJsonOption = False,
) -> int:
    """Check the installation, the embedding model and the language model.

    If a model is named, it is asked one question about a made-up sentence; nothing of your documents is sent, and the
    key is not shown. Exit code 1 when something does not work.
    """
    workspace, settings = _workspace(root, model=model, base_url=base_url)
    checks: list[Check] = []
    page = Page()
    for check in _checks(workspace, settings):
        checks.append(check)
        if not json:
            _print(page, check)
    healthy = all(check.state != "failed" for check in checks)
    if json:
        from qa.cli import jsonio

        jsonio.write({"schema": 1, "healthy": healthy, "checks": [asdict(check) for check in checks]}, sys.stdout)
    return 0 if healthy else 1


def _workspace(root: Path | None, **flags: object) -> "tuple[Workspace, Settings]":
    """The workspace, or where there is none, this folder with the settings of flags and environment."""
    try:
        return workspace_and_settings(root, **flags)
    except WorkspaceError:
        if root is not None:
            raise
    from qa.workspace import Workspace, resolve

    here = Workspace(Path.cwd(), None)
    return here, resolve(here, flags)


def _checks(workspace: "Workspace", settings: "Settings") -> Iterator[Check]:
    yield Check("python", "ok", f"{platform.python_version()} on {platform.system()} {platform.machine()}")
    yield _packages()
    for name, (packages, loss) in EXTRAS.items():
        yield _extra(name, packages, loss)
    yield _embedder(settings)
    prompts = _templates(workspace)
    yield prompts
    if not settings["model"]:
        yield Check("model", "skipped", NO_MODEL)
    elif prompts.state == "failed":
        yield Check("model", "skipped", "needs the prompts")
    else:
        yield from _chat(workspace, settings)


def _packages() -> Check:
    found = {name: _version(name) for name in PACKAGES}
    missing = [name for name, version in found.items() if version is None]
    if missing:
        return Check("packages", "failed", f"{', '.join(missing)} missing; install quoteqa again")
    return Check("packages", "ok", ", ".join(f"{name} {version}" for name, version in found.items()))


def _extra(name: str, packages: Sequence[str], loss: str) -> Check:
    found = {package: _version(package) for package in packages}
    if None in found.values():
        return Check(name, "skipped", f"not installed, so {loss}; pip install 'quoteqa[{name}]'")
    return Check(name, "ok", ", ".join(f"{package} {version}" for package, version in found.items()))


def _version(package: str) -> str | None:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _embedder(settings: "Settings") -> Check:
    from qa.cli.status import embedder_state

    about = embedder_state(settings["embedder"])
    state: State = "failed" if about["weights"] is None else "ok" if about["backend"] else "skipped"
    runs = f"run by {about['backend']}, " if about["backend"] else ""
    return Check("embedder", state, f"{about['name']}: {runs}{about['why']}")


def _templates(workspace: "Workspace") -> Check:
    from qa.answer import probe
    from qa.workspace import is_trusted, own_templates, templates

    own = ", ".join(f"prompts/{name}" for name in own_templates(workspace))
    if own and not is_trusted(workspace):
        return Check("prompts", "skipped", f"{own} ignored: not trusted. Look at what stands there, then run: qa trust")
    try:
        probe.question(templates(workspace))
    except SettingError as error:
        return Check("prompts", "failed", str(error))
    return Check("prompts", "ok", own or "as they ship with qa")


def _chat(workspace: "Workspace", settings: "Settings") -> Iterator[Check]:
    """Ask the model, and tell from what comes back how far the question got."""
    from qa.answer import probe
    from qa.cli.chat import open_chat
    from qa.llm.chat import OpenAIChat
    from qa.workspace import templates

    asked = False
    try:
        with open_chat(workspace, settings) as chat:
            host = chat.host if isinstance(chat, OpenAIChat) else ""
            if host:
                note(f"sending a test question, and nothing of your documents, to {host}")
            else:
                note(f"loading {chat.model} and asking it a test question, on this machine")
            asked = True
            found = probe.probe(chat, probe.question(templates(workspace)))
            yield from _succeeded(host, settings, found)
    except (ChatError, SettingError) as error:
        yield from _failed(settings, error, asked)


def _succeeded(host: str, settings: "Settings", found: "Probe") -> Iterator[Check]:
    """host: empty for a model in this process."""
    if host:
        yield Check("endpoint", "ok", f"{host} (base_url: {settings.origin('base_url')})")
        yield Check("key", "ok", _key(settings, "accepted"))
    yield Check("model", "ok", f"{found.model} (model: {settings.origin('model')})")
    yield Check("output", "ok", MODES[found.mode])
    if found.right:
        yield Check("question", "ok", f"answered in {found.seconds:.1f} s: {found.text}")
        return
    said = f"it said: {found.text}" if found.text else "it found no answer"
    advice = "the sentence stands in the prompt, so a better model is needed for good answers"
    yield Check("question", "ok", f"answered in {found.seconds:.1f} s, but not rightly; {said}; {advice}")


def _failed(settings: "Settings", error: ChatError | SettingError, asked: bool) -> Iterator[Check]:
    """The line that failed; those before it work if the model was asked at all, those behind it were not reached."""
    kinds: tuple[tuple[tuple[type[Exception], ...], str], ...] = (
        ((EndpointError, DeadlineError, SettingError), "endpoint"),
        ((KeyRefusedError,), "key"),
        ((NoSuchModelError, LocalModelError), "model"),
    )
    broken = next((name for types, name in kinds if isinstance(error, types)), "question")
    if broken == "endpoint" and settings["model"].startswith("gguf:") and not asked:
        broken = "model"
    details = {"endpoint": "answers", "key": _key(settings, "accepted"), "model": settings["model"], "output": "tried"}
    for name in CHAIN[: CHAIN.index(broken)]:
        if not settings["model"].startswith("gguf:") or name not in ("endpoint", "key"):
            yield Check(name, "ok", details[name]) if asked else Check(name, "skipped", "nothing was sent")
    yield Check(broken, "failed", _key(settings, str(error)) if broken == "key" else str(error))
    for name in CHAIN[CHAIN.index(broken) + 1 :]:
        yield Check(name, "skipped", f"needs the {broken}")


def _key(settings: "Settings", verdict: str) -> str:
    """What is to be said about the key, without any of it."""
    if not settings["api_key"]:
        return "none is set, and none is asked for" if verdict == "accepted" else verdict
    return f"{verdict} (api_key: {settings.origin('api_key')})"


def _print(page: Page, check: Check) -> None:
    style = {"ok": "", "failed": WARNING, "skipped": DIM}[check.state]
    page.line(label(check.detail), style=style, first=f"{check.state:<8} {check.name:<9} ")
