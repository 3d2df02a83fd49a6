"""What one does on the page of `qa serve` in a browser: ask, wait, read."""

import time
from typing import Any

from support.serving import QUESTION

__all__ = ["WIDTHS", "ask", "start", "text", "until"]

WIDTHS = (360, 768, 1280)
PATIENCE = 120  # seconds, on however busy a machine


def until(page: Any, condition: str) -> None:
    """Wait for a JavaScript expression to hold."""
    end = time.monotonic() + PATIENCE
    while not page.run(f"Boolean({condition})"):
        assert time.monotonic() < end, (condition, page.log, page.run("document.body.innerText"))
        time.sleep(0.05)


def start(page: Any, question: str = QUESTION) -> None:
    page.run(f"document.querySelector('#question').value = {question!r}")
    page.run("document.querySelector('#ask button').click()")


def ask(page: Any, question: str = QUESTION) -> None:
    start(page, question)
    until(page, "document.querySelector('#answer .actions')")


def text(page: Any, selector: str) -> str:
    return str(page.run(f"document.querySelector({selector!r})?.innerText ?? ''"))
