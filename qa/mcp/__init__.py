"""The MCP server: what agents call. The only package that imports the `mcp` SDK, and only in `qa.mcp.server`."""

from qa.mcp.tools import Tools

__all__ = ["Tools"]
