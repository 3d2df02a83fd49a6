"""qa search: passages and the best quotes."""

import sys
from typing import Annotated

import typer

from qa.cli.options import ExplainOption, JsonOption, SearchOptions, WorkspaceOptions, check_matches, check_request
from qa.cli.render import Output, documents_of

__all__ = ["search"]

WordsArgument = Annotated[list[str], typer.Argument(metavar="QUERY...", help="Words or a question to search for.")]


def search(
    query: WordsArgument,
    workspace: WorkspaceOptions,
    options: SearchOptions,
    json: JsonOption = False,
    explain: ExplainOption = False,
) -> int:
    """Show the closest passages and the best quotes.

    Uses the index as it is. To build or update it, run: qa index
    """
    text = " ".join(query).strip()
    check_request(text, options.filters)
    with workspace.open({"k": options.k}) as session:
        from qa import schema
        from qa.cli import jsonio

        retriever = session.retriever(build=False)
        hits, evidence = retriever.retrieve(text, session.settings["k"], options.filters)
        if not hits:
            check_matches(retriever, options.filters)
        session.note_differing([quote.doc_id for quote in evidence.quotes])
        output = Output(folder=session.folder)
        if json:
            jsonio.write(schema.search(text, hits, evidence), sys.stdout)
        elif not hits:
            output.line("Nothing found.")
        else:
            doc_ids = [hit.passage.doc_id for hit in hits] + [quote.doc_id for quote in evidence.quotes]
            output.search(hits, evidence.quotes, documents_of(retriever, doc_ids))
        if explain:
            Output(sys.stderr).explain(evidence, hits, retriever.text)
    return 0
