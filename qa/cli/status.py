"""qa status: what is indexed."""

from qa.cli.common import RootOption

__all__ = ["status"]


def status(root: RootOption = None) -> int:
    """Show."""
    return 0
