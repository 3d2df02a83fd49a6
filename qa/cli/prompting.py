"""Questions from standard input, a line each: at a prompt with line editing on a terminal, else as they come."""

import sys
from collections.abc import Callable, Iterator, Sequence

from qa.cli import interrupt

__all__ = ["is_interactive", "lines"]

PROMPT = "> "


def is_interactive() -> bool:
    """Whether somebody types the questions."""
    return sys.stdin.isatty()


def lines(commands: Sequence[str], refuse: Callable[[str], None]) -> Iterator[str]:
    """The lines, without white space around them, until the input ends. commands: completed by the tab key. refuse:
    told of each line that is not UTF-8, which is left out.

    Ctrl-C at the prompt gives up the line.
    """
    yield from _typed(commands) if is_interactive() else _piped(refuse)


def _piped(refuse: Callable[[str], None]) -> Iterator[str]:
    for number, line in enumerate(sys.stdin.buffer, 1):
        try:
            text = line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError:
            refuse(f"line {number} of standard input is not UTF-8 and is left out")
            continue
        yield text.strip()


def _typed(commands: Sequence[str]) -> Iterator[str]:
    _edit_lines(commands)
    while True:
        try:
            yield input(PROMPT).strip()
        except EOFError:
            print()  # the shell's prompt begins on a line of its own
            return
        except KeyboardInterrupt:
            interrupt.forget()
            print()


def _edit_lines(commands: Sequence[str]) -> None:
    """Arrow keys, history and completion, where Python has readline. What was typed is not kept in a file."""
    try:
        import readline
    except ImportError:  # Windows, whose console edits lines itself
        return

    def complete(typed: str, state: int) -> str | None:
        found = [command for command in commands if typed.startswith("/") and command.startswith(typed)]
        return found[state] if state < len(found) else None

    readline.set_completer(complete)
    readline.set_completer_delims(" ")
    backend = getattr(readline, "backend", "readline")  # from Python 3.13 on
    readline.parse_and_bind("bind ^I rl_complete" if backend == "editline" else "tab: complete")
