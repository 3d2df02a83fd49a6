"""The options that several commands share, as records: `qa.cli.command` turns their fields into options.

A field's name is the name of the parameter; its annotation and default are those of a typer option.
"""

import os
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qa.cli.console import note
from qa.errors import WorkspaceError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qa.retrieve.retriever import Retriever
    from qa.session import Session

__all__ = [
    "CheckContentOption",
    "ExplainOption",
    "JsonOption",
    "KOption",
    "ModelOptions",
    "NoBuildOption",
    "SearchOptions",
    "WorkspaceOptions",
    "check_matches",
    "check_request",
]


def _root(context: typer.Context, value: Path | None) -> Path | None:
    """`qa --root DIR COMMAND` is the same as `qa COMMAND --root DIR`."""
    return context.obj if value is None and isinstance(context.obj, Path) else value


ROOT_HELP = "Use this workspace. Default: the nearest parent folder with a qa.toml, else the current folder."
SOURCES_HELP = (
    "Use the documents in this folder instead of seeds/. They are only read; the index stays in the workspace."
)
STORE_HELP = "Where to search: local, or milvus:URI for a Milvus database (docs/scale.md)."
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
KOption = Annotated[int | None, typer.Option("--k", "-k", metavar="N", help="Retrieve this many passages.")]
ExplainOption = Annotated[
    bool, typer.Option("--explain", help="Print the scores behind the ranking to standard error.")
]
CheckContentOption = Annotated[
    bool,
    typer.Option(
        "--check-content",
        help="Read every document; otherwise one with the same size and modification time counts as unchanged.",
    ),
]
NoBuildOption = Annotated[bool, typer.Option("--no-build", help="Use the index as it is; do not build or update it.")]


@dataclass(frozen=True, slots=True)
class WorkspaceOptions:
    """Which workspace, and which documents."""

    root: Annotated[Path | None, typer.Option("--root", metavar="DIR", callback=_root, help=ROOT_HELP)] = None
    sources: Annotated[Path | None, typer.Option("--sources", metavar="DIR", help=SOURCES_HELP)] = None

    store: Annotated[str | None, typer.Option("--store", metavar="STORE", help=STORE_HELP)] = None

    def open(self, flags: "Mapping[str, object] | None" = None, required: bool = True) -> "Session":
        """The workspace with its settings. flags: settings given as options, None for each that was not."""
        from qa.session import Session

        _warn_of_mistyped()
        sources = None if self.sources is None else str(self.sources)
        given = {"sources": sources, "store": self.store, **(flags or {})}
        try:
            return Session.open(self.root, given, note, required=required)
        except WorkspaceError as error:
            if self.sources is None or self.root is not None:
                raise
            raise WorkspaceError(_needs_workspace(self.sources)) from error


def _warn_of_mistyped() -> None:
    """Print a warning for each environment variable that looks like a misspelt variable of qa."""
    from qa.settings import SETTINGS

    known = {*(kind.env for kind in SETTINGS.values()), "QA_DEBUG", "QA_INDEX_KEY", "QA_SERVE_TOKEN"}
    unknown = sorted(name for name in os.environ if name.startswith("QA_") and name not in known)
    if not unknown:
        return
    from difflib import get_close_matches

    for name in unknown:
        other = name.replace("QA_", "OPENAI_", 1)
        near = [other] if other in known else get_close_matches(name, known, 1, 0.8)
        if near:
            note(f"{name} is not an environment variable of qa and is ignored; did you mean {near[0]}?")


def _needs_workspace(sources: Path) -> str:
    """Why `--sources` alone is not enough. No workspace is made among the documents."""
    here, folder = Path.cwd(), sources.resolve()
    make = f"elsewhere with: qa init DIR --sources {shlex.quote(str(folder))}"
    if not here.is_relative_to(folder):
        make = f"with: qa init --sources {shlex.quote(str(sources))}"
    return f"{here} is no workspace, and --sources needs one for the index; name it with --root, or make one {make}"


@dataclass(frozen=True, slots=True)
class ModelOptions:
    """Which language model."""

    model: Annotated[
        str | None,
        typer.Option("--model", metavar="NAME", help="Answer with this language model; gguf:PATH runs a file locally."),
    ] = None
    base_url: Annotated[
        str | None,
        typer.Option("--base-url", metavar="URL", help="Send requests to this OpenAI-compatible endpoint."),
    ] = None

    @property
    def flags(self) -> dict[str, str | None]:
        """As settings."""
        return {"model": self.model, "base_url": self.base_url}


@dataclass(frozen=True, slots=True)
class SearchOptions:
    """What to search for, and where."""

    k: KOption = None
    where: Annotated[
        list[str] | None,
        typer.Option(
            "--where",
            metavar="FILTER",
            help="Search only sources with KEY=VALUE (also != < <= > >=, for dates and numbers) or path=GLOB. "
            "Repeat to combine with AND.",
        ),
    ] = None

    @property
    def filters(self) -> tuple[str, ...]:
        """The filters, none if there is no `--where`."""
        return tuple(self.where or ())


def check_matches(retriever: "Retriever", where: "Sequence[str]") -> None:
    """Raise WhereError if no document meets the filters: then it is not the sources that do not say."""
    from qa.index import where as filters

    if where:
        documents = (filters.fields(info.id, info.title, info.metadata) for info in retriever.documents)
        filters.require_match(documents, where)


def check_request(question: str, where: "Sequence[str]") -> None:
    """Raise QuestionError or WhereError before anything slow is done."""
    from qa.index import where as filters
    from qa.retrieve.retriever import check_question

    check_question(question)
    filters.parse(where)
