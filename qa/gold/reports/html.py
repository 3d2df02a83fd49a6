"""A run as one HTML page that needs nothing else: no network, no other file, and without its script all can be read.

Text of documents and of models is escaped by the template engine, after `visible`; a policy in the page lets the
browser run and apply nothing but the page's own script and style, known by their hashes.
"""

import base64
import hashlib
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from qa.gold.reports.overview import (
    Overview,
    change_text,
    counted,
    headline,
    interval_text,
    journey,
    problem_of,
    silence,
    value_text,
    worse,
)
from qa.gold.results import GoldFound, Result, Run
from qa.text import label, visible

if TYPE_CHECKING:
    from jinja2 import Environment

    from qa.gold.verdict.blame import Blamed
    from qa.gold.verdict.compare import Comparison

__all__ = ["html"]

CONTEXT_CHARS = 120  # shown on each side of a quote

KINDS = {
    "newly-failing": "newly failing",
    "failing": "failing",
    "not-measured": "not measured",
    "stale": "stale gold",
    "flickering": "flickering",
    "newly-passing": "newly passing",
    "passing": "passing",
}
"""The kinds of cases that can be filtered, in the order in which they stand on the page."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A case of the page. kinds: keys of KINDS, the worst first. blamed: if it failed. urgent: if that decides."""

    result: Result
    kinds: tuple[str, ...]
    standing: str
    blamed: "Blamed | None"
    urgent: bool

    @property
    def anchor(self) -> str:
        """Its `id` in the page."""
        return f"case-{quote(self.result.id)}"


def html(run: Run, comparison: "Comparison | None" = None) -> str:
    """The page. The same run gives the same bytes."""
    overview = Overview(run, comparison)
    entries = _entries(overview)
    style, script = _packaged("page.css"), _packaged("page.js")
    kinds = {key: sum(key in entry.kinds for entry in entries) for key in KINDS}
    page = _environment().from_string(_packaged("page.html.j2"))
    return page.render(
        overview=overview,
        run=run,
        comparison=comparison,
        entries=entries,
        kinds=[(key, KINDS[key], number) for key, number in kinds.items() if number],
        measures=headline(overview.tags, [figure.name for figure in overview.figures]),
        style=_raw(style),
        script=_raw(script),
        policy="; ".join(
            [
                "default-src 'none'",
                f"style-src '{_hash(style)}'",
                f"script-src '{_hash(script)}'",
                "base-uri 'none'",
                "form-action 'none'",
            ]
        ),
    )


def _entries(overview: Overview) -> tuple[Entry, ...]:
    """The cases, the worst first; of one kind critical ones first, then in the order of the gold files."""
    blamed = {b.result.id: b for b in overview.failures}
    urgent = {b.result.id for b in overview.urgent}
    order = list(KINDS)
    entries = [
        Entry(result, _kinds(result, overview), overview.standing(result), blamed.get(result.id), result.id in urgent)
        for result in overview.run.results
    ]

    def rank(entry: Entry) -> tuple[bool, int, bool]:
        return not entry.urgent, order.index(entry.kinds[0]), entry.result.severity != "critical"

    return tuple(sorted(entries, key=rank))


def _kinds(result: Result, overview: Overview) -> tuple[str, ...]:
    kinds = {"pass": ["passing"], "fail": ["failing"], "stale": ["stale"], "error": ["not-measured"]}[result.outcome]
    standing = overview.standing(result).replace(" ", "-")
    kinds += [standing] if standing in ("newly-failing", "newly-passing") else []
    kinds += ["flickering"] if 0 < result.passes < result.runs else []
    return tuple(sorted(kinds, key=list(KINDS).index))


def _environment() -> "Environment":
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined, finalize=_finalize
    )
    environment.filters |= {
        "label": label,
        "before": lambda text: _clipped(text, last=True),
        "after": lambda text: _clipped(text, last=False),
        "value": lambda value, name: value_text(name, value),
        "change": lambda value, name: change_text(name, value),
        "percent": lambda share: f"{100 * share:.1f}%",
    }
    environment.globals |= {
        "counted": counted, "interval": interval_text, "journey": journey, "part": _part, "problem_of": problem_of,
        "silence": silence, "worse": worse,
    }  # fmt: skip
    return environment


def _part(gold: GoldFound, result: Result) -> str:
    """Which part of the case a gold quote belongs to, if it has several, and whether others would do as well."""
    parts = [other.part for other in result.gold]
    note = f" · part {gold.part + 1}" if len(set(parts)) > 1 else ""
    return f"{note} · one of {parts.count(gold.part)} alternatives" if parts.count(gold.part) > 1 else note


def _finalize(value: Any) -> Any:
    """All text that the page shows passes through `visible`, but for what is markup already."""
    return visible(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


def _clipped(text: str, last: bool) -> str:
    """The end (last) or the beginning of what stands around a quote, cut between words."""
    if len(text) <= CONTEXT_CHARS:
        return text
    return "…" + text[-CONTEXT_CHARS:].partition(" ")[2] if last else text[:CONTEXT_CHARS].rpartition(" ")[0] + " …"


def _packaged(name: str) -> str:
    return (resources.files("qa.gold.reports") / "page" / name).read_text(encoding="utf-8")


def _raw(text: str) -> Any:
    from markupsafe import Markup

    return Markup(text)


def _hash(text: str) -> str:
    """As a content security policy names it."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode('utf-8')).digest()).decode('ascii')}"
