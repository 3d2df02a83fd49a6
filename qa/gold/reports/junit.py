"""A run as JUnit XML, for what collects test reports: a suite a gold file, a test case a case.

Valid against the schema that Jenkins uses (junit-10.xsd). It does not say when or where it was made: the same run gives
the same bytes.
"""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from qa.gold.reports.overview import Overview, expected_and_got, problem_of
from qa.gold.results import Result, Run
from qa.text import label, visible

if TYPE_CHECKING:
    from qa.gold.verdict.blame import Blamed
    from qa.gold.verdict.compare import Comparison

__all__ = ["junit"]

# What XML 1.0 has no way to write (the complement of its production 2, Char).
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(run: Run, comparison: "Comparison | None" = None) -> str:
    """The document. What failed is a failure, what could not be measured an error, and stale gold is skipped."""
    overview = Overview(run, comparison)
    blamed = {b.result.id: b for b in overview.failures}
    root = _element(None, "testsuites", name="qa gold", **_counts(run.results))
    for file in dict.fromkeys(result.file for result in run.results):
        results = [result for result in run.results if result.file == file]
        skipped = str(sum(result.outcome == "stale" for result in results))
        suite = _element(root, "testsuite", name=label(file), **_counts(results), skipped=skipped)
        for result in results:
            case = _element(suite, "testcase", classname=label(file), name=label(result.id), time=_seconds([result]))
            if result.id in blamed:
                _failure(case, blamed[result.id], overview)
            elif result.outcome == "error":
                _element(case, "error", type="not measured", message=problem_of(result))
            elif result.outcome == "stale":
                _element(case, "skipped", type="stale gold", message=problem_of(result))
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'


def _failure(case: Element, blamed: "Blamed", overview: Overview) -> None:
    message = f"{overview.standing(blamed.result)}, {blamed.layer}: {blamed.why}"
    failure = _element(case, "failure", type=blamed.layer, message=message)
    failure.text = _clean("\n".join(f"{field}: {text}" for field, text in expected_and_got(blamed)))


def _counts(results: Sequence[Result]) -> dict[str, str]:
    numbers = {
        "tests": len(results),
        "failures": sum(result.outcome == "fail" for result in results),
        "errors": sum(result.outcome == "error" for result in results),
    }
    return {**{name: str(number) for name, number in numbers.items()}, "time": _seconds(results)}


def _seconds(results: Sequence[Result]) -> str:
    """The time that the questions took, one after the other; 0 when replayed."""
    return f"{sum(result.observed.timings_ms.get('total', 0.0) for result in results) / 1000:.3f}"


def _element(parent: Element | None, tag: str, /, **attributes: str) -> Element:
    clean = {key: _clean(value) for key, value in attributes.items()}
    return Element(tag, clean) if parent is None else SubElement(parent, tag, clean)


def _clean(text: str) -> str:
    return NOT_XML.sub("\ufffd", visible(text))
