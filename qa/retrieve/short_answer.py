"""The words of a quote that answer a question, where there is hardly a doubt which ones they are."""

import re

from qa.english.answers import CASED
from qa.english.words import stems, words
from qa.records import Quote, Span
from qa.retrieve.expected import KINDS, expect, spans
from qa.text import one_line

__all__ = ["short_answer"]

VALUES = frozenset(KINDS) - CASED - {"other", "yesno", "reason", "said"}
"""Kinds of which a quote seldom holds a wrong one beside the right one: numbers, dates, amounts, durations."""

ADDRESS = re.compile(r"\S+://\S+")


def short_answer(quote: Quote, question: str) -> str:
    """The only value of the expected kind in the quote, if it is marked, new, and at most two thirds of the quote; else
    nothing. Which of several values answers, or which name, is guessed too often to print it as the answer.
    """
    kind = expect(question)
    if kind.kind not in VALUES or len(quote.focus) != 1:
        return ""
    addresses = [match.span() for match in ADDRESS.finditer(quote.text)]
    values = [s for s in spans(kind, quote.text) if not any(a < s.end and s.start < b for a, b in addresses)]
    marked = Span(quote.focus[0].start - quote.start, quote.focus[0].end - quote.start)
    if values != [marked]:
        return ""
    text = quote.text[marked.start : marked.end]
    new = {*stems(words(text))} - {*stems(words(question))}
    vague = text.lower() in ("one", "1")  # "one of them", the number of a list item
    return one_line(text) if new and not vague and 3 * len(text) <= 2 * len(quote.text) else ""
