"""qa mcp: the documents as tools for agents."""

from qa.cli.options import ModelOptions, WorkspaceOptions
from qa.errors import SettingError

__all__ = ["mcp"]


def mcp(workspace: WorkspaceOptions, model: ModelOptions) -> int:
    """Serve the documents to an agent, by the Model Context Protocol.

    An agent starts this command and talks to it over standard input and output. It gets tools to search, read, ask and
    verify quotes; every one only reads. Uses the index as it is; to build or update it, run: qa index
    """
    try:
        from qa.mcp.server import serve_stdio
    except ModuleNotFoundError as error:
        if error.name not in ("mcp", "mcp_types"):
            raise
        raise SettingError(
            "qa mcp needs the MCP SDK, which is not installed. Run: pip install 'quoteqa[mcp]'"
        ) from None
    from qa.cli.console import note
    from qa.llm.announcing import AnnouncingChat
    from qa.mcp import Tools

    with workspace.open(model.flags) as session:
        chat = AnnouncingChat(session.chat(), note) if session.settings["model"] else None
        serve_stdio(Tools(session, chat))
    return 0
