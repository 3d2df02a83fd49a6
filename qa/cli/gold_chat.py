"""Who answers a gold run: nobody but the quotes, a recording, or a model."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from qa.cli.console import note
from qa.cli.gold_options import AnsweringOptions
from qa.errors import UsageError
from qa.files import within
from qa.text import counted

if TYPE_CHECKING:
    from qa.answer.assistant import Assistant
    from qa.gold.results import Mode, Run
    from qa.llm.protocol import Chat
    from qa.session import Session
    from qa.settings import Settings

__all__ = ["choose_mode", "keep_trust", "open_chat", "prune"]


def choose_mode(settings: "Settings", options: AnsweringOptions) -> "Mode":
    """Who answers. Where CI is set, a model is replayed unless an option says otherwise."""
    if (options.record or options.live) and not settings["model"]:
        option = "--record" if options.record else "--live"
        raise UsageError(f"{option} needs a model; name one with --model or QA_MODEL")
    if options.quotes or not (options.replay or settings["model"]):
        return "quotes"
    in_ci = os.environ.get("CI", "").lower() not in ("", "0", "false")
    return "replay" if options.replay or (in_ci and not (options.record or options.live)) else "live"


def open_chat(session: "Session", mode: "Mode", options: AnsweringOptions, gold: Path, only_new: bool) -> "Chat | None":
    """The chat of a mode. gold: recordings are in replay/ beside this file. only_new: record only what is missing."""
    from qa.gold.portable import PortablePlayer
    from qa.llm.recorded import FOLDER, Player, Recorder, Store
    from qa.llm.redact import redactor

    store = Store(*within(gold.parent / FOLDER, session.workspace.root))
    if mode == "quotes":
        if not options.quotes:
            note("quotes only. --model or QA_MODEL names a model; --quotes hides this line")
        return None
    if mode == "replay":
        store.check()
        model = session.model or store.only_model()
        opinions = "; its second opinions count as recorded, without an exam" if store.trust(model).judges else ""
        note(f"{model} as recorded in {store.folder}; nothing is sent{opinions}")
        hide = redactor(session.settings["api_key"]).hide
        return PortablePlayer(model, store, hide) if options.portable else Player(model, store, hide)
    from qa.llm.announcing import destination

    chat = session.chat()
    note(destination(chat))
    return Recorder(chat, chat.model, store, only_new) if options.record else chat


def keep_trust(chat: "Chat | None", assistant: "Assistant") -> None:
    """Record whether the model judges, and whether its silence is final: a replay asks and shows the same."""
    from qa.gate.judge import ChatJudge
    from qa.llm.recorded import Recorder, Trust

    if isinstance(chat, Recorder):
        chat.keep_trust(Trust(isinstance(assistant.judge, ChatJudge), assistant.final_silence))


def prune(chat: "Chat | None", run: "Run") -> None:
    """Delete the recorded answers that this run did not use, unless a case could not be measured."""
    from qa.llm.recorded import Player, Recorder

    unmeasured = sum(result.outcome == "error" for result in run.results)
    if unmeasured:
        note(f"no recorded answer is deleted: {counted(unmeasured, 'case')} could not be measured")
        return
    assert isinstance(chat, Player | Recorder)
    note(f"{counted(chat.prune(), 'unused recorded answer')} deleted")
