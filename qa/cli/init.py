"""qa init and qa trust: make a workspace, trust one."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qa.cli.render import Output, label
from qa.errors import UsageError
from qa.files import Folder
from qa.text import counted

if TYPE_CHECKING:
    from qa.settings import SettingKind, Workspace
    from qa.trust import Snapshot

__all__ = ["init", "settings_file", "trust"]

DirArgument = Annotated[
    Path,
    typer.Argument(metavar="[DIR]", help="The folder to make it in. Default: the current folder.", show_default=False),
]
TrustDirArgument = Annotated[
    Path | None,
    typer.Argument(
        metavar="[DIR]", help="The workspace. Default: the one that contains the current folder.", show_default=False
    ),
]

IndexOption = Annotated[
    bool,
    typer.Option("--index", help="Trust only the index, which somebody else built, until it changes."),
]

InitSourcesOption = Annotated[
    Path | None,
    typer.Option("--sources", metavar="DIR", help="Use the documents in this existing folder instead of seeds/."),
]

LONGEST = 200  # characters of a value that is shown, so that no value scrolls the others away

SEEDS_README = """\
# seeds/

Put your documents here, in any folders you like. qa index --help lists the formats that are read.
README files, hidden files and metadata.toml are not indexed.

To add a title, a date and the like to a document, write them in seeds/metadata.toml:

    ["folder/article.txt"]
    title = "..."
    published = "2025-07-15"
    publisher = "..."
    author = "..."
    url = "..."
"""


def init(directory: DirArgument = Path(), sources: InitSourcesOption = None) -> int:
    """Make a workspace: qa.toml, and seeds/ for your documents.

    Changes nothing that exists already. With --sources, the documents stay where they are, and qa.toml names their
    folder.
    """
    output = Output()
    if sources is not None:
        _init_around(directory, sources, output)
        output.line(f"Next, ask: {_ask_from(directory)}")
        return 0
    directory.mkdir(parents=True, exist_ok=True)
    with Folder.named(directory) as root, root.folder("seeds", create=True) as seeds:
        _make(root, "qa.toml", settings_file(), output)
        _make(seeds, "README.md", SEEDS_README, output)
    output.line(f"Next, put documents in {label(str(directory / 'seeds'))}, then: {_ask_from(directory)}")
    return 0


def _init_around(directory: Path, sources: Path, output: Output) -> None:
    """A workspace for documents that stay where they are.

    It is trusted, because the user has just named the folder, unless there are templates, which nobody has reviewed.
    """
    from qa.session import Session

    real = sources.resolve()
    if not real.is_dir():
        raise UsageError(f"{sources} is not a folder; name the folder that has your documents")
    if (directory / "index").resolve().is_relative_to(real):
        raise UsageError(
            f"{directory} is inside {sources}, and qa writes nothing among your documents; "
            f"make the workspace elsewhere: qa init DIR --sources {sources}"
        )
    directory.mkdir(parents=True, exist_ok=True)
    here = directory.resolve()
    named = real.relative_to(here).as_posix() if real.is_relative_to(here) else str(real)
    text = settings_file(named)
    with Folder.named(directory) as root:
        if not _make(root, "qa.toml", text, output):
            raise UsageError(f"{directory / 'qa.toml'} exists already; set sources = {_toml(named)} in it")
    with Session.open(directory) as session:
        if session.snapshot.templates:
            output.line("There are templates in prompts/. Review them, then run: qa trust")
        elif session.snapshot.text != text.encode():
            output.line("Somebody else has changed qa.toml meanwhile. Review it, then run: qa trust")
        else:
            session.snapshot.trust()


def _make(folder: Folder, name: str, content: str, output: Output) -> bool:
    """Write a new file; whether there was none of that name."""
    shown = label(str(folder.path / name))
    try:
        with folder.create(name) as file:
            file.write(content.encode())
    except FileExistsError:
        output.line(f"kept {shown}, which exists already")
        return False
    output.line(f"made {shown}")
    return True


def _ask_from(directory: Path) -> str:
    import shlex

    here = directory.samefile(Path())
    return 'qa ask "..."' if here else f'qa --root {label(shlex.quote(str(directory)))} ask "..."'


def settings_file(sources: str | None = None) -> str:
    """A qa.toml with every setting, its help and its default, all commented out but `sources` if it is given."""
    from qa.settings import SETTINGS

    head = (
        "# Settings of this workspace. To change one, remove the # before its line.\n"
        "# Flags and environment variables override this file; qa status shows the values in effect.\n"
    )
    return head + "".join(_setting_lines(kind, sources) for kind in SETTINGS.values())


def _setting_lines(kind: "SettingKind", sources: str | None) -> str:
    if kind.name == "sources" and sources is not None:
        return f"\n# {_help(kind)}\n{kind.name} = {_toml(sources)}\n"
    return f"\n# {_help(kind)}\n# {kind.name} = {_toml(kind.default)}\n"


def _help(kind: "SettingKind") -> str:
    limits = f" ({kind.lowest:g} to {kind.highest:g})" if kind.lowest is not None and kind.highest is not None else ""
    choices = f" ({' or '.join(kind.choices)})" if kind.choices else ""
    return f"{kind.help}{limits}{choices}; environment {kind.env}"


def _toml(value: Any) -> str:
    return json.dumps(list(value) if isinstance(value, tuple) else value)


def trust(directory: TrustDirArgument = None, index: IndexOption = False) -> int:
    """Trust a workspace's settings and templates, or its index.

    Shows what is trusted: endpoint, key, models, folder of documents and templates. Any later change of qa.toml, of a
    template, of a model file that qa.toml names, or of the place of documents outside the workspace needs a new trust.
    With --index, quotes are whatever the index says they are, so trust only the index of somebody whom you trust.
    """
    from qa.session import Session

    with Session.open(directory) as session:  # checks qa.toml, too
        snapshot = session.snapshot
    if index:
        return _trust_index(snapshot.workspace)
    output = Output()
    root, asked = label(str(snapshot.workspace.root)), _asks_for_trust(snapshot)
    if not asked:
        output.line(f"Nothing in {root} needs trust: no such setting in qa.toml, no template in prompts/.")
        return 0
    known, path = snapshot.is_trusted, snapshot.trust()
    output.line(f"{'Trusted already' if known else 'Trusted now'} in {root}:")
    for line in asked:
        output.line(label(line), first="  ")
    output.line(f"Remembered in {label(str(path))}. After any change to these, run qa trust again.")
    return 0


def _trust_index(workspace: "Workspace") -> int:
    """Trust the index as it is now. Writes nothing into it."""
    from qa.index import signature, store

    digest, manifest, ours = store.offered(workspace.index)
    model, documents = str(manifest["model"]["name"]), int(manifest["counts"]["documents"])
    output = Output()
    what = f"{counted(documents, 'document')}, model {label(model)}"
    where = label(str(workspace.index))
    if ours:
        output.line(f"You built the index in {where} yourself ({what}); it needs no trust.")
        return 0
    known = signature.is_accepted(digest)
    path = signature.accept(digest, {"index": str(workspace.index), "documents": documents, "model": model})
    output.line(f"{'Trusted already' if known else 'Trusted now'}: the index in {where}")
    output.line(what, first="  ")
    output.line(f"digest {digest}", first="  ")
    output.line(f"Remembered in {label(str(path))}. After any change to the index, run qa trust --index again.")
    return 0


def _asks_for_trust(snapshot: "Snapshot") -> list[str]:
    """The settings and templates of a workspace that count only once it is trusted."""
    from qa.settings import SETTINGS, needs_trust

    workspace, config = snapshot.workspace, snapshot.config
    kinds = [SETTINGS[name] for name in config]
    settings = [_asked(kind, config[kind.name]) for kind in kinds if needs_trust(workspace, kind, config[kind.name])]
    if snapshot.documents and str(snapshot.documents) != config["sources"]:
        settings.append(f"documents in {snapshot.documents}")
    templates = [f"template {workspace.prompts.name}/{name}" for name in snapshot.templates]
    return templates + settings  # last, so that a long list of templates does not scroll the settings away


def _asked(kind: "SettingKind", value: Any) -> str:
    from qa.settings import Setting

    if kind.secret:
        return f"{kind.name} (not shown)"
    written = _toml(Setting(kind.name, value, "").shown)
    if len(written) <= LONGEST:
        return f"{kind.name} = {written}"
    half = LONGEST // 2
    return f"{kind.name} = {written[:half]} [...] {written[-half:]} ({len(written):,} characters)"
