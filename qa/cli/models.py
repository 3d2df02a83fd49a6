"""qa models: list, download and delete models that run on this machine."""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qa.cli.command import CommandGroup, ManualCommand, as_command
from qa.cli.console import note, progress
from qa.cli.options import JsonOption
from qa.cli.render import DIM, Output, label

if TYPE_CHECKING:
    from collections.abc import Collection

    from qa.embed.recommended import Recommended

__all__ = ["models"]

HEADINGS = {
    "embedder": "Embedding: finds passages (setting embedder)",
    "reranker": "Reranking: reorders what was found (setting reranker)",
    "reader": "Reading: chooses the words that answer (setting reader)",
    "entailment": "Entailment: judges statements of a language model (setting entailment)",
}

NameArgument = Annotated[
    str, typer.Argument(metavar="NAME", help="The model's name on the hub, as in qa models list.", show_default=False)
]


def list_models(json: JsonOption = False) -> int:
    """List recommended models and those on this machine.

    Shows size, licence, and figures published by the models' authors or others. A model in the hub's cache was
    downloaded by another program; qa uses it too. Contacts no hub.
    """
    about = _listed()
    if json:
        from qa.cli import jsonio

        jsonio.write({"schema": 1, "models": about}, sys.stdout)
        return 0
    output = Output()
    for role, heading in HEADINGS.items():
        output.line(heading, style="bold")
        for model in about:
            if model["role"] == role:
                _print(output, model)
        output.line()
    others = [model for model in about if model["role"] is None]
    if others:
        output.line("Others on this machine", style="bold")
        for model in others:
            _print(output, model)
    return 0


def _listed() -> list[dict[str, Any]]:
    from qa.embed import installed
    from qa.embed.recommended import table

    here = {one.name: one for one in installed.listed()}
    broken = set(installed.unfinished())
    listed = []
    for name in [*table(), *sorted({*here, *broken} - set(table()))]:
        one = here.get(name)
        about = _about(table().get(name)) | {"name": name, "state": "fetched" if one else _state(name, broken)}
        if one:
            about |= {"revision": one.revision, "bytes": one.bytes, "source": one.source, "licence": one.licence}
        listed.append(about)
    return listed


def _state(name: str, broken: "Collection[str]") -> str:
    """Where a model is that `qa models add` has not fetched."""
    from qa.embed.models import DEFAULT_MODEL, in_hub_cache

    if name == DEFAULT_MODEL:
        return "ships with qa"
    if in_hub_cache(name):
        return "in the hub's cache"
    return "partly fetched" if name in broken else "not fetched"


def _about(known: "Recommended | None") -> dict[str, Any]:
    """What the table says; `None` and empty where it says nothing."""
    if known is None:
        return {"role": None, "about": "", "figures": "", "licence": "", "revision": "", "bytes": None}
    size = known.megabytes * 1_000_000 if known.megabytes else None
    facts = {"role": known.role, "about": known.about, "figures": known.figures, "licence": known.licence}
    return facts | {"revision": known.revision, "bytes": size, "prefixes": dict(known.prefixes)}


def _print(output: Output, model: dict[str, Any]) -> None:
    size = f"{model['bytes'] / 1e6:,.0f} MB" if model["bytes"] else ""
    facts = [model["about"], model["figures"], size, model["licence"]]
    output.line(f"{label(model['name'])} ({model['state']})", first="  ")
    output.line(label("; ".join(fact for fact in facts if fact)), style=DIM, first="      ")


def add(name: NameArgument) -> int:
    """Download a model from the hub. No other command downloads anything.

    Names the hub and the size first. Checks every file against the hash that the hub states. After an interruption,
    the same command resumes the download. HF_ENDPOINT selects another hub; HF_TOKEN is the token for models that
    require one.
    """
    from qa.embed import download, installed
    from qa.embed.models import DEFAULT_MODEL
    from qa.embed.recommended import canonical

    if canonical(name) == DEFAULT_MODEL:
        note(f"{DEFAULT_MODEL} ships with qa; there is nothing to fetch")
        return 0
    note(f"asking {download.hub()} for {canonical(name)}")
    planned = download.plan(name)
    here = next((one for one in installed.listed() if one.name == planned.name), None)
    if here and here.revision == planned.revision:
        note(f"{planned.name} is here already, at revision {planned.revision[:12]}")
        return 0
    why = "pinned by qa" if planned.pinned else "the newest"
    note(
        f"fetching {planned.name} from {planned.source}: {planned.bytes / 1e6:,.1f} MB in {len(planned.files)} files, "
        f"revision {planned.revision[:12]} ({why}), licence {planned.licence or 'not stated'}"
    )
    with progress() as report:
        folder = download.fetch(planned, report)
    note(f"{planned.name} is in {folder}")
    return 0


def remove(name: NameArgument) -> int:
    """Delete a model that qa models add downloaded, and its export."""
    from qa.embed import installed
    from qa.embed.models import forget_exports
    from qa.embed.recommended import canonical

    name = canonical(name)
    if folder := installed.find(name):
        forget_exports(name, folder)
    note(f"deleted {name}, {installed.remove(name) / 1e6:,.1f} MB")
    return 0


models = typer.Typer(
    name="models",
    cls=CommandGroup,
    help="List, download and delete models that run on this machine.",
    rich_markup_mode=None,
    no_args_is_help=True,
    context_settings={"help_option_names": ["--help", "-h"]},
)

for _name, _command in (("list", list_models), ("add", add), ("remove", remove)):
    models.command(_name, cls=ManualCommand)(as_command(_command))
