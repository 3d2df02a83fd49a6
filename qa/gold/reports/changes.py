"""Changed answers as Markdown and as one HTML page. Texts of documents are escaped: nothing in them is markup."""

import base64
import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape

from qa.gold.changes import Changed, KeptQuote, Pair
from qa.ingest.suffixes import line_place
from qa.text import counted, in_markdown, label, visible

__all__ = ["as_html", "as_markdown", "headline", "pair_title", "place"]

_TITLES = {
    "edited": "The sentence was edited.",
    "gone": "The sentence is gone.",
    "replaced": "The sentence still stands, but another is quoted.",
    "new": "A new quote.",
}
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}"
    "table{border-collapse:collapse;width:100%;margin:.5rem 0 1.5rem}td,th{border:1px solid #8888;padding:.5rem;"
    "vertical-align:top;text-align:left;width:50%}del{background:#f002}ins{background:#0a02;text-decoration:none}"
    "small{opacity:.7}.kind{font-weight:600}"
)


def headline(found: Sequence[Changed], asked: int, first: int) -> str:
    """`12 questions: 1 appeared, 2 changed.` first: how many were asked for the first time."""
    counts = Counter(changed.kind for changed in found)
    parts = [f"{counts[kind]:,} {kind}" for kind in ("appeared", "changed", "lost") if counts[kind]]
    parts += [f"{first:,} asked for the first time"] if first else []
    return f"{counted(asked, 'question')}: {', '.join(parts) or 'no answer changed'}."


def pair_title(pair: Pair) -> str:
    """What has become of the old quote, in a sentence."""
    return _TITLES[pair.state]


def place(quote: KeptQuote) -> str:
    """`travel/ferry.md:12, 2024-05-01`."""
    return label(quote.source) + line_place(quote.source, quote.line) + (f", {label(quote.date)}" if quote.date else "")


def as_markdown(found: Sequence[Changed], asked: int, first: int) -> str:
    """The report; old and new quotes stand side by side in tables."""
    parts = [f"# Answers that changed\n\n{headline(found, asked, first)}"]
    for changed in found:
        parts.append(f"## {in_markdown(changed.new.question)}\n\n**{changed.kind}**")
        if changed.pairs:
            rows = [f"| {_cell(pair.old)} | {_cell(pair.new)} | {pair_title(pair)} |" for pair in changed.pairs]
            parts.append("\n".join(("| before | now | |", "| --- | --- | --- |", *rows)))
    return "\n\n".join(parts) + "\n"


def _cell(quote: KeptQuote | None) -> str:
    return f"{in_markdown(quote.text)}<br>{in_markdown(place(quote))}" if quote else "–"


def as_html(found: Sequence[Changed], asked: int, first: int) -> str:
    """The report as a page that needs nothing else and runs nothing. The same findings give the same bytes."""
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode("ascii")
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    body = "\n".join(_section(changed) for changed in found)
    return (
        '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">\n'
        '<meta name="viewport" content="width=device-width">\n<title>Answers that changed</title>\n'
        f"<style>{_STYLE}</style>\n<h1>Answers that changed</h1>\n<p>{escape(headline(found, asked, first))}</p>\n"
        f"{body}\n</html>\n"
    )


def _section(changed: Changed) -> str:
    rows = "".join(
        f"<tr><td>{_side(pair, old=True)}</td><td>{_side(pair, old=False)}</td></tr>\n" for pair in changed.pairs
    )
    table = f"<table><tr><th>before</th><th>now</th></tr>\n{rows}</table>" if rows else ""
    return f'<h2>{_html(changed.new.question)}</h2>\n<p class="kind">{changed.kind}</p>\n{table}'


def _side(pair: Pair, old: bool) -> str:
    quote = pair.old if old else pair.new
    if quote is None:
        return "–"
    text = "".join(_steps(pair, old)) if pair.diff else _html(quote.text)
    note = f"<br><small>{pair_title(pair)}</small>" if old or pair.old is None else ""
    return f"{text}<br><small>{_html(quote.title)}, {_html(place(quote))}</small>{note}"


def _steps(pair: Pair, old: bool) -> Iterator[str]:
    for step in pair.diff:
        text = _html(step.old if old else step.new)
        tag = "del" if old else "ins"
        yield text if step.kind == "same" or not text else f"<{tag}>{text}</{tag}>"


def _html(text: str) -> str:
    return escape(visible(text))
