"""Write docs/quality.md from the committed baselines of the sample gold set. With --check, only say whether it is so.

make quality                       run the gold set in both modes, save the baselines, write docs/quality.md
python bench/quality.py --check    exit code 1 if docs/quality.md is not what the baselines give
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from qa.gold.files.cases import Case, load, matches
from qa.gold.results import Result, Run
from qa.gold.results import load as load_run
from qa.gold.verdict.measures import NAMES, Summary, by_tag, summary

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "quality.md"
GOLD = ROOT / "tests" / "gold" / "seeds.yaml"
BASELINES = ROOT / "tests" / "gold" / "baselines"

HEAD = """\
# Quality on the sample gold set

Written by `make quality` from the committed baselines, not by hand. {cases} questions over the two articles of
`seeds/`: {answerable} that the articles answer, {silent} that they do not. What each measure means is said in
[gold.md](gold.md).

"""


def page(quotes: Run, model: Run, cases: Sequence[Case]) -> str:
    """The whole of docs/quality.md."""
    asked = [case for case in cases if case.expect == "answer"]
    text = HEAD.format(cases=len(cases), answerable=len(asked), silent=len(cases) - len(asked))
    text += f"Quotes only: k = {quotes.settings['k']}, threshold {quotes.settings['threshold']}. "
    text += f"With a model: `{model.model}`, replayed, k = {model.settings['k']}; "
    text += "it\nhas 1.5 billion parameters, so this is a floor and not what a large model does.\n\n"
    text += measures(summary(quotes.results), summary(model.results))
    text += "\n## Passed, by tag\n\n" + tags(by_tag(quotes.results), by_tag(model.results))
    text += "\n## What the model said, and what became of it\n\n" + statements(model.results, cases)
    return text + "\n## Not passed\n\n" + failures(quotes, model)


def measures(quotes: dict[str, Summary], model: dict[str, Summary]) -> str:
    """A line a measure."""
    lines = ["| measure | quotes only | cases | with the model | cases |", "|---|---|---|---|---|"]
    for name in sorted({*quotes, *model}, key=lambda name: (NAMES.index(name.partition("@")[0]), name)):
        cells = [cell for figures in (quotes, model) for cell in cells_of(name, figures.get(name))]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def cells_of(name: str, figure: Summary | None) -> tuple[str, str]:
    """Value and number of cases."""
    if figure is None:
        return "", ""
    share = f"{figure.value:.1%}" if figure.value <= 1 and not name.endswith(("tokens", "cost", "ms")) else ""
    return share or f"{figure.value:,.0f}", str(figure.n)


def tags(quotes: dict[str, dict[str, Summary]], model: dict[str, dict[str, Summary]]) -> str:
    """A line a tag."""
    lines = ["| tag | cases | quotes only | with the model |", "|---|---|---|---|"]
    for tag in sorted(quotes):
        one, other = quotes[tag]["pass"], model[tag]["pass"]
        lines.append(f"| {tag} | {one.n} | {one.value:.0%} | {other.value:.0%} |")
    return "\n".join(lines) + "\n"


def statements(results: Sequence[Result], cases: Sequence[Case]) -> str:
    """The model's statements: shown or stopped by the support check, and whether the case's expectation agrees."""
    by_id = {case.id: case for case in cases}
    rows = {"shown as supported": (0, 0), "shown, marked unsupported": (0, 0), "left out, unsupported": (0, 0)}

    def add(row: str, result: Result, text: str) -> None:
        case = by_id[result.id]
        right = case.expect == "answer" and not matches(text, case)
        rows[row] = (rows[row][0] + right, rows[row][1] + (not right))

    for result in results:
        if result.observed.mode == "llm":
            for statement in result.observed.statements:
                shown = "shown as supported" if statement.verdict == "supported" else "shown, marked unsupported"
                add(shown, result, statement.text)
        for statement in result.observed.rejected:
            add("left out, unsupported", result, statement.text)
    lines = ["| statements | say by themselves what the case expects | do not |", "|---|---|---|"]
    lines += [f"| {name} | {right} | {wrong} |" for name, (right, wrong) in rows.items()]
    return "\n".join(lines) + "\n"


def failures(quotes: Run, model: Run) -> str:
    """A line a case that did not pass in one of the modes, and why."""
    by_id = {result.id: result for result in model.results}
    lines = ["| case | question | quotes only | with the model |", "|---|---|---|---|"]
    for result in quotes.results:
        other = by_id[result.id]
        if result.outcome == other.outcome == "pass":
            continue
        cells = [result.id, result.question, why(result), why(other)]
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def why(result: Result) -> str:
    """Why the case did not pass; nothing if it did."""
    return "" if result.outcome == "pass" else f"{result.outcome}: {'; '.join(result.problems)}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit code 1 if the page is out of date")
    options = parser.parse_args()
    text = page(load_run(BASELINES / "quotes.json"), load_run(BASELINES / "replay.json"), load(GOLD))
    if options.check:
        if PAGE.read_text(encoding="utf-8") == text:
            return 0
        print("docs/quality.md is not what the baselines give; run: make quality", file=sys.stderr)
        return 1
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
