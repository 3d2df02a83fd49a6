"""The commands of `qa`, and their help."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from qa.cli.command import CommandGroup, ManualCommand, as_command

__all__ = ["app"]

SYNOPSIS = """\
qa - ask your own documents, and get answers proven by verbatim quotes

Usage: qa [--root DIR] COMMAND [ARGUMENTS]
       qa help COMMAND

A workspace is a folder with your documents in seeds/, or with a qa.toml that
names another folder. qa indexes the documents into index/ and answers with
quotes that are exact characters of a source. With a language model, it checks
every statement against its quotes. When the sources do not say, it says so.
Nothing leaves this machine unless you name a model, a Milvus server or a Ray
cluster that runs elsewhere.
"""

AFTER_COMMANDS = """\
Options:
  --root DIR            use this workspace; default: the nearest parent folder
                        with a qa.toml, else the current folder
  --version             print the version
  -h, --help            print help, after a command for that command
  --install-completion  install completion for your shell
  --show-completion     print the completion script

Examples:
  qa init news
      make a workspace; then put documents in news/seeds/
  qa init notes --sources ~/Documents/notes
      make a workspace for documents that stay where they are
  qa ask "Which aircraft fires JASSMs?"
      answer with quotes; the index is built or updated first
  qa ask --json --where 'published>=2025' - < question.txt
      the question from standard input, JSON to standard output
  qa chat
      ask on: follow-up questions may lean on the ones before
  qa search long-range missiles -k 3
      the three closest passages and the best quotes
  qa show seeds/article.txt:16
      the source around line 16
  qa ask --model gpt-5-mini "Who signed the letter?"
      an answer in words; OPENAI_API_KEY is the key, --base-url another endpoint
  qa ask --model gguf:model.gguf "Who signed the letter?"
      the same with a model file, on this machine
  qa ask --json "Who signed the letter?" > answer.json
  qa verify answer.json
      check the quotes of a stored answer
  qa serve --watch
      a page at http://127.0.0.1:8765/ that answers, and an API
  qa gold run gold.yaml --baseline base.json
      ask questions with known answers; did anything get worse?

Exit codes:
  0  success           3  no answer (ask, chat in a pipe), a quote that is not
  1  failure              in the documents (verify, gold check), a sentence
  2  wrong usage          contradicted or without a source (cite --check)
                       4  regression (gold run, gold compare), or an answer
                          changed (gold changes --check)
                       5  not measured, or inconclusive (gold run, compare)
                     130  interrupted

Flags override environment variables (QA_K, ...), which override qa.toml;
qa status shows every setting and its origin. NO_COLOR gives plain output.
QA_DEBUG=1 shows the traceback of an error. QA_INDEX_KEY is the path of a key
file that marks indexes as yours, for machines that share them.
"""

# The commands in the order of the help, each with its line there. `trust` shares the module of `init`.
GROUPS: dict[str, dict[str, str]] = {
    "Ask": {
        "ask": "Answer a question with verbatim quotes.",
        "chat": "Ask questions that follow each other.",
        "search": "Show the closest passages and the best quotes.",
        "show": "Show a source with line numbers and the quote highlighted.",
        "verify": "Check the quotes of an answer or a text against the documents.",
        "cite": "Find the quotes that prove or contradict each sentence of a draft.",
    },
    "Index": {
        "index": "Build or update the index.",
        "status": "Show the state of the index and the effective settings.",
    },
    "Check": {"gold": "Run and maintain questions with known answers."},
    "Serve": {
        "serve": "Answer in a browser and over HTTP, until Ctrl-C.",
        "mcp": "Serve the documents to an agent, by the Model Context Protocol.",
    },
    "Set up": {
        "init": "Make a workspace: qa.toml, and seeds/ for your documents.",
        "trust": "Trust a workspace's settings and templates, or its index.",
        "models": "List, download and delete models that run on this machine.",
        "doctor": "Check the installation, the models in use and the language model.",
    },
}
MODULES = {name: f"qa.cli.{name}" for group in GROUPS.values() for name in group} | {"trust": "qa.cli.init"}


class _Commands(Mapping[str, Any]):
    """By name. A command is imported when it is asked for: `qa ask` needs none of the others, and `qa --help` none."""

    def __getitem__(self, name: str) -> Any:
        found = getattr(import_module(MODULES[name]), name)
        if isinstance(found, typer.Typer):
            return typer.main.get_command(found)
        alone = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
        alone.command(name, cls=ManualCommand)(as_command(found))
        return typer.main.get_command(alone)

    def __iter__(self) -> Iterator[str]:
        return iter(MODULES)

    def __len__(self) -> int:
        return len(MODULES)


class _ManualGroup(CommandGroup):
    """Prints `qa --help` as a manual page."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.commands = _Commands()  # type: ignore[assignment]  # nobody adds to it

    def format_help(self, ctx: Any, formatter: Any) -> None:
        lines = []
        for title, names in GROUPS.items():
            lines += [f"{title}:", *(f"  {name:<8}{line}" for name, line in names.items()), ""]
        formatter.write(SYNOPSIS + "\n" + "\n".join(lines) + "\n" + AFTER_COMMANDS)


def _version(value: bool) -> None:
    if value:
        from importlib.metadata import version

        typer.echo(f"qa {version('quoteqa')}")
        raise typer.Exit


app = typer.Typer(
    name="qa",
    cls=_ManualGroup,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["--help", "-h"]},
)


@app.callback()
def _globals(
    context: typer.Context,
    root: Annotated[Path | None, typer.Option("--root", metavar="DIR")] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Ask your own documents, and get answers proven by verbatim quotes."""
    context.obj = root
