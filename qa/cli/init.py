"""qa init and qa trust: make a workspace, trust one."""

import json
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qa.cli.render import Page, label

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
    (directory / "seeds").mkdir(parents=True, exist_ok=True)
    for path, content in ((directory / "qa.toml", settings_file()), (directory / "seeds" / "README.md", SEEDS_README)):
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(content)
            page.line(f"made {label(str(path))}")
        except FileExistsError:
            page.line(f"kept {label(str(path))}, which was there already")
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


def trust(directory: TrustDirArgument = None) -> int:
    """Trust a workspace's own endpoint, key, model and templates.

    Shows what is trusted. Any later change of qa.toml or of a template needs a new trust.
    """
    from qa import workspace as workspaces

    workspace = workspaces.find(directory)
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


def _asks_for_trust(workspace: "Workspace") -> list[str]:
    """The settings and templates of this workspace that count only once it is trusted."""
    from qa.workspace import SETTINGS, prompt_files, resolve

    resolve(workspace, {})  # a wrong qa.toml is an error here too
    config = tomllib.loads(workspace.config.read_text(encoding="utf-8")) if workspace.config else {}
    kinds = [SETTINGS[name] for name in config]
    settings = [_asked(kind, config[kind.name]) for kind in kinds if kind.needs_trust and config[kind.name]]
    return settings + [f"template {path.relative_to(workspace.root).as_posix()}" for path in prompt_files(workspace)]


def _asked(kind: "SettingKind", value: Any) -> str:
    from qa.workspace import Setting

    return f"{kind.name} (not shown)" if kind.secret else f"{kind.name} = {_toml(Setting(kind.name, value, '').shown)}"
