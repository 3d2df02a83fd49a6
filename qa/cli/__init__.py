"""The command line: parse, call, print, exit code. No logic of its own."""

__all__: list[str] = []
