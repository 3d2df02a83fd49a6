"""qa serve: a web page and an HTTP API that answer."""

import os
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qa.cli.console import note, progress
from qa.cli.options import ModelOptions, NoBuildOption, WorkspaceOptions
from qa.errors import UsageError

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from qa.serve.engine import Engine
    from qa.session import Session

__all__ = ["serve"]


@dataclass(frozen=True, slots=True)
class AddressOptions:
    """Where the server listens, and who may ask."""

    host: Annotated[
        str,
        typer.Option(
            "--host",
            metavar="ADDRESS",
            help="Listen on this address. An address that other machines can reach needs a token.",
        ),
    ] = "127.0.0.1"
    port: Annotated[int, typer.Option("--port", metavar="N", min=0, max=65535, help="Listen on this port.")] = 8765
    token_file: Annotated[
        Path | None,
        typer.Option(
            "--token-file", metavar="FILE", help="Require the token in this file. QA_SERVE_TOKEN sets it too."
        ),
    ] = None
    allow_origin: Annotated[
        list[str] | None,
        typer.Option("--allow-origin", metavar="ORIGIN", help="Let web pages of this origin call the API. Repeatable."),
    ] = None
    allow_host: Annotated[
        list[str] | None,
        typer.Option(
            "--allow-host",
            metavar="NAME",
            help="Also accept this name in the Host header, for example behind a proxy. Repeatable.",
        ),
    ] = None


@dataclass(frozen=True, slots=True)
class IndexOptions:
    """How the index is kept up to date."""

    no_build: NoBuildOption = False
    watch: Annotated[bool, typer.Option("--watch", help="Update the index whenever the documents change.")] = False


def serve(workspace: WorkspaceOptions, model: ModelOptions, address: AddressOptions, index: IndexOptions) -> int:
    """Answer in a browser and over HTTP, until Ctrl-C.

    The page is at http://127.0.0.1:8765/, the API at /api/ and, for OpenAI clients, at /v1. Only this machine reaches
    it unless --host names another address, which needs a token.
    """
    try:
        from qa.serve import access, engine, server
    except ImportError as error:
        raise UsageError(
            f"qa serve needs the package {error.name}: pip install 'quoteqa[serve]', "
            "or in a clone: pip install '.[serve]'"
        ) from None

    token = access.read_token(address.token_file, os.environ.pop(access.VARIABLE, ""))  # no child inherits it
    who = access.Access(address.host, token, tuple(address.allow_origin or ()), tuple(address.allow_host or ()))
    with ExitStack() as opened:
        session = opened.enter_context(workspace.open(model.flags))
        if index.watch:
            from qa import watch

            watch.check()
        listening = opened.enter_context(server.listen(who, address.port))  # a port that is taken is known at once
        answering = engine.Engine(session, session.chat() if session.settings["model"] else None)
        _announce(answering)
        with progress() as report:
            answering.start(build=not index.no_build, progress=report)
        server.run(answering, who, listening, watch=_watcher(session) if index.watch else None)
    return 0


def _announce(answering: "Engine") -> None:
    """Say where questions and text go before they go there."""
    if answering.chat is None:
        note("quotes only; --model or QA_MODEL names a model")
        return
    from qa.llm.announcing import destination

    note(destination(answering.chat))


def _watcher(session: "Session") -> "Callable[[threading.Event], None]":
    from qa import watch

    return lambda stop: watch.watch(session, stop)
