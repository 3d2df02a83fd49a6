"""qa doctor: check the installation and the settings, down to one question to the language model."""

import platform
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

from qa.cli.console import note
from qa.cli.options import JsonOption, ModelOptions, WorkspaceOptions
from qa.cli.render import DIM, WARNING, Output, label
from qa.errors import (
    ChatError,
    DeadlineError,
    EndpointError,
    KeyRefusedError,
    LocalModelError,
    ModelError,
    NoSuchModelError,
    SettingError,
)

if TYPE_CHECKING:
    from qa.answer.probe import Probe
    from qa.llm.protocol import Chat
    from qa.session import Session
    from qa.settings import Settings

__all__ = ["doctor"]

State = Literal["ok", "failed", "skipped"]
PACKAGES = ("faiss-cpu", "onnxruntime", "sentence-transformers", "torch", "openai")
EXTRAS = {
    "formats": (("lxml", "pypdfium2", "python-docx"), "HTML, PDF and DOCX files are not read"),
    "local": (("xllamacpp",), "models of GGUF files cannot be run"),
}
MODES = {"schema": "JSON that follows a schema", "json": "JSON without a schema", "text": "plain text with markers"}
CHAIN = ("endpoint", "key", "model", "output", "question")  # each needs those before it
NO_MODEL = "no model is named; name one with --model NAME or QA_MODEL"


@dataclass(frozen=True, slots=True)
class Check:
    """One line: what was checked, its state, and details or what to do."""

    name: str
    state: State
    detail: str


def doctor(workspace: WorkspaceOptions, model: ModelOptions, json: JsonOption = False) -> int:
    """Check the installation, the models in use and the language model.

    A model that is named gets one question about a made-up sentence. Nothing of your documents is sent, and the key is
    not shown. Exits with 1 when something does not work.
    """
    checks: list[Check] = []
    output = Output()
    with workspace.open(model.flags, required=False) as session:
        for check in _checks(session):
            checks.append(check)
            if not json:
                _print(output, check)
    healthy = all(check.state != "failed" for check in checks)
    if json:
        from qa.cli import jsonio

        jsonio.write({"schema": 1, "healthy": healthy, "checks": [asdict(check) for check in checks]}, sys.stdout)
    return 0 if healthy else 1


def _checks(session: "Session") -> Iterator[Check]:
    yield Check("python", "ok", f"{platform.python_version()} on {platform.system()} {platform.machine()}")
    yield _packages()
    for name, (packages, loss) in EXTRAS.items():
        yield _extra(name, packages, loss)
    yield from _models(session)
    prompts = _templates(session)
    yield prompts
    if not session.settings["model"]:
        yield Check("model", "skipped", NO_MODEL)
    elif prompts.state == "failed":
        yield Check("model", "skipped", "needs the prompts")
    else:
        yield from _chat(session)


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


def _models(session: "Session") -> Iterator[Check]:
    """The models that the settings name; the entailment model also takes the exam."""
    from qa.cli.status import models_state
    from qa.gate.exam import describe

    for role, about in models_state(session).items():
        judge = session.examiner.entailment if role == "entailment" else None
        if judge and about["weights"] is not None:
            try:
                yield Check(role, "ok", describe(judge.name, session.examiner.examine_entailment(judge)))
            except ModelError as error:
                yield Check(role, "failed", str(error))
            continue
        unusable = about["weights"] is None or (
            about["backend"] is None and not about["why"].startswith("not prepared")
        )
        state: State = "failed" if unusable else "ok" if about["backend"] else "skipped"
        runs = f"run by {about['backend']}, " if about["backend"] else ""
        yield Check(role, state, f"{about['name']}: {runs}{about['why']}")


def _templates(session: "Session") -> Check:
    from qa.answer.probe import check_templates

    own = ", ".join(f"prompts/{name}" for name in session.snapshot.own_templates)
    if own and not session.snapshot.is_trusted:
        return Check("prompts", "skipped", f"{own} ignored: not trusted. Review them, then run: qa trust")
    try:
        check_templates(session.template)
    except SettingError as error:
        return Check("prompts", "failed", str(error))
    return Check("prompts", "ok", own or "as they ship with qa")


def _chat(session: "Session") -> Iterator[Check]:
    """Ask the model; how far the question got shows in what comes back."""
    from qa.answer.probe import probe, probe_prompt
    from qa.llm.chat import OpenAIChat

    asked = False
    try:
        chat = session.chat()
        host = chat.host if isinstance(chat, OpenAIChat) else ""
        if host:
            note(f"sending a test question, and nothing of your documents, to {host}")
        else:
            note(f"loading {chat.model} and asking it a test question, on this machine")
        asked = True
        yield from _succeeded(host, session.settings, probe(chat, probe_prompt(session.template)))
        yield _exam(session, chat)
    except (ChatError, SettingError) as error:
        yield from _failed(session.settings, error, asked)


def _succeeded(host: str, settings: "Settings", found: "Probe") -> Iterator[Check]:
    """The checks of a model that answered. host: empty for a local model."""
    if host:
        yield Check("endpoint", "ok", f"{host} (base_url: {settings.origin('base_url')})")
        yield Check("key", "ok", _key(settings, "accepted"))
    yield Check("model", "ok", f"{found.model} (model: {settings.origin('model')})")
    yield Check("output", "ok", MODES[found.mode])
    if found.is_right:
        yield Check("question", "ok", f"answered in {found.seconds:.1f} s: {found.text}")
        return
    reply = f"its answer: {found.text}" if found.text else "it found no answer"
    advice = "the right sentence is in the prompt, so use a better model for good answers"
    yield Check("question", "ok", f"answered incorrectly in {found.seconds:.1f} s; {reply}; {advice}")


def _exam(session: "Session", chat: "Chat") -> Check:
    """How well the model judges statements; failing is no fault of the installation."""
    from qa.gate.exam import describe

    if session.settings["second_opinion"] == "off":
        return Check("judge", "skipped", "second_opinion is off")
    result = session.examiner.examine(chat)
    if result is None:
        return Check("judge", "skipped", "the exam broke off")
    return Check("judge", "ok", describe(chat.model, result))


def _failed(settings: "Settings", error: ChatError | SettingError, asked: bool) -> Iterator[Check]:
    """The check that failed. Those before it passed if the model was asked at all; those after it were not reached."""
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
    """A verdict on the key that shows nothing of it."""
    if not settings["api_key"]:
        return "none is set, and none is needed" if verdict == "accepted" else verdict
    return f"{verdict} (api_key: {settings.origin('api_key')})"


def _print(output: Output, check: Check) -> None:
    style = {"ok": "", "failed": WARNING, "skipped": DIM}[check.state]
    output.line(label(check.detail), style=style, first=f"{check.state:<8} {check.name:<10} ")
