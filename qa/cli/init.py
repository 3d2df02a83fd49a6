"""qa init and qa trust: make a workspace, trust one."""

import json
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qa.cli.common import counted
from qa.cli.render import Page, label
from qa.files import SMALL, Folder, read

if TYPE_CHECKING:
    from qa.workspace import SettingKind, Workspace

__all__ = ["init", "settings_file", "trust"]

DirArgument = Annotated[
    Path, typer.Argument(metavar="[DIR]", help="The folder; by default this one.", show_default=False)
]
TrustDirArgument = Annotated[
    Path | None,
    typer.Argument(metavar="[DIR]", help="The workspace; by default the one you are in.", show_default=False),
]

IndexOption = Annotated[
    bool,
    typer.Option("--index", help="Accept the index that is there, though somebody else built it, until it changes."),
]

SEEDS_README = """\
# seeds/

Put the documents to ask about here: .txt, .md, .html, .pdf and .docx files, in folders as you like.
README files, hidden files and metadata.toml are not indexed.

What a document does not say about itself can be told in seeds/metadata.toml:

    ["folder/article.txt"]
    title = "..."
    published = "2025-07-15"
    publisher = "..."
    author = "..."
    url = "..."
"""


def init(directory: DirArgument = Path()) -> int:
    """Make a workspace: qa.toml and seeds/.

    Nothing that is there already is changed.
    """
    page = Page()
    directory.mkdir(parents=True, exist_ok=True)
    with Folder.named(directory) as root, root.folder("seeds", create=True) as seeds:
        for folder, name, content in ((root, "qa.toml", settings_file()), (seeds, "README.md", SEEDS_README)):
            shown = label(str(folder.path / name))
            try:
                with folder.create(name) as file:
                    file.write(content.encode())
                page.line(f"made {shown}")
            except FileExistsError:
                page.line(f"kept {shown}, which was there already")
    page.line(f"Now put documents in {label(str(directory / 'seeds'))}, then: {_ask_from(directory)}")
    return 0


def _ask_from(directory: Path) -> str:
    import shlex

    here = directory.samefile(Path())
    return 'qa ask "..."' if here else f'qa --root {label(shlex.quote(str(directory)))} ask "..."'


def settings_file() -> str:
    """A qa.toml with every setting, its help and its default, all commented out."""
    from qa.workspace import SETTINGS

    head = (
        "# Settings of this workspace. Take the # away before a line to change it.\n"
        "# A flag or an environment variable goes before what stands here; qa status shows what counts.\n"
    )
    return head + "".join(f"\n# {_help(kind)}\n# {kind.name} = {_toml(kind.default)}\n" for kind in SETTINGS.values())


def _help(kind: "SettingKind") -> str:
    limits = f" ({kind.lowest:g} to {kind.highest:g})" if kind.lowest is not None and kind.highest is not None else ""
    choices = f" ({' or '.join(kind.choices)})" if kind.choices else ""
    return f"{kind.help}{limits}{choices}; environment {kind.env}"


def _toml(value: Any) -> str:
    return json.dumps(list(value) if isinstance(value, tuple) else value)


def trust(directory: TrustDirArgument = None, index: IndexOption = False) -> int:
    """Trust a workspace's endpoint, key, models, templates, or its index.

    Shows what is trusted. Any later change of qa.toml, of a template, or of a model file that qa.toml names needs a new
    trust. With --index, only the index is trusted, as it is now: quotes are then whatever it says they are, so accept
    only what you could have built.
    """
    from qa import workspace as workspaces

    workspace = workspaces.find(directory)
    if index:
        return _trust_index(workspace)
    page = Page()
    asked = _asks_for_trust(workspace)
    if not asked:
        root = label(str(workspace.root))
        page.line(f"Nothing in {root} needs trust: no such setting in qa.toml, no template in prompts/.")
        return 0
    known = workspaces.is_trusted(workspace)
    path = workspaces.trust(workspace)
    page.line(f"{'Trusted already' if known else 'Trusted now'} in {label(str(workspace.root))}:")
    for line in asked:
        page.line(label(line), first="  ")
    page.line(f"Remembered in {label(str(path))}. A change of any of it needs a new qa trust.")
    return 0


def _trust_index(workspace: "Workspace") -> int:
    """Accept the manifest of today's index; nothing is written to the index."""
    from qa.index import signature, store

    digest, manifest, ours = store.offered(workspace.index)
    model, documents = str(manifest["model"]["name"]), int(manifest["counts"]["documents"])
    page = Page()
    what = f"{counted(documents, 'document')}, model {label(model)}"
    where = label(str(workspace.index))
    if ours:
        page.line(f"You built the index in {where} yourself ({what}); it needs no trust.")
        return 0
    known = signature.is_accepted(digest)
    path = signature.accept(digest, {"index": str(workspace.index), "documents": documents, "model": model})
    page.line(f"{'Trusted already' if known else 'Trusted now'}: the index in {where}")
    page.line(what, first="  ")
    page.line(f"digest {digest}", first="  ")
    page.line(f"Remembered in {label(str(path))}. When the index changes, it needs a new qa trust --index.")
    return 0


def _asks_for_trust(workspace: "Workspace") -> list[str]:
    """The settings and templates of this workspace that count only once it is trusted."""
    from qa.workspace import SETTINGS, needs_trust, prompt_files, resolve

    resolve(workspace, {})  # a wrong qa.toml is an error here too
    config = tomllib.loads(read(workspace.config, SMALL).decode("utf-8")) if workspace.config else {}
    kinds = [SETTINGS[name] for name in config]
    settings = [_asked(kind, config[kind.name]) for kind in kinds if needs_trust(workspace, kind, config[kind.name])]
    return settings + [f"template {path.relative_to(workspace.root).as_posix()}" for path in prompt_files(workspace)]


def _asked(kind: "SettingKind", value: Any) -> str:
    from qa.workspace import Setting

    return f"{kind.name} (not shown)" if kind.secret else f"{kind.name} = {_toml(Setting(kind.name, value, '').shown)}"
