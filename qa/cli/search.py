"""qa search: passages and the best quotes."""

import sys
from typing import Annotated

import typer

from qa.cli.common import (
    ExplainOption,
    JsonOption,
    KOption,
    RootOption,
    WhereOption,
    check_request,
    documents_of,
    open_index,
    workspace_and_settings,
)
from qa.cli.sources import note_differing

__all__ = ["search"]

WordsArgument = Annotated[list[str], typer.Argument(metavar="QUERY...", help="What to look for: words or a question.")]


def search(
    query: WordsArgument,
    root: RootOption = None,
    json: JsonOption = False,
    k: KOption = None,
    where: WhereOption = None,
    explain: ExplainOption = False,
) -> int:
    """Show the nearest passages and the best quotes.

    Uses the index as it is: qa index builds or updates it.
    """
    text = " ".join(query).strip()
    filters = tuple(where or ())
    check_request(text, filters)
    workspace, settings = workspace_and_settings(root, k=k)
    from qa.cli import jsonio
    from qa.cli.render import Page

    changed: set[str] = set()
    with open_index(workspace, settings, build=False, changed=changed) as retriever:
        hits, evidence = retriever.retrieve(text, settings["k"], filters)
        note_differing(workspace, retriever, [quote.doc_id for quote in evidence.quotes], changed)
        page = Page()
        if json:
            jsonio.write(jsonio.search(text, hits, evidence), sys.stdout)
        elif not hits:
            page.line("Nothing found.")
        else:
            doc_ids = [hit.passage.doc_id for hit in hits] + [quote.doc_id for quote in evidence.quotes]
            documents = documents_of(retriever, doc_ids)
            page.line("Passages", style="bold")
            page.line()
            page.hits(hits, documents)
            page.line()
            page.line("Quotes", style="bold")
            page.line()
            page.quotes(evidence.quotes, documents)
        if explain:
            Page(sys.stderr).explain(evidence, hits)
    return 0
