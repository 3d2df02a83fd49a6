"""Text that is deep, long, or made for the worst case of a pattern."""

from attacks.cases import FACT, Attack, Outcome, table

__all__ = ["ATTACKS"]

LONG = 1_000_000


def _long(suffix: str, before: str, unit: str, after: str = "", outcome: Outcome = "either") -> Attack:
    data = before + unit * (LONG // len(unit)) + after
    return Attack("lines of a megabyte", f"{unit!r} in {suffix}", data, suffix, outcome=outcome)


_NESTING = (
    *table(
        "deep nesting",
        ".md",
        quotes=f"{FACT}\n\n{'>' * 20_000} deep\n",
        lists=f"{FACT}\n\n" + "".join(f"{'  ' * n}- x\n" for n in range(400)),
        brackets=f"{FACT}\n\n{'[' * 20_000}x{']' * 20_000}\n",
        emphasis=f"{FACT}\n\n{'*_' * 20_000}x\n",
        html=f"{FACT}\n\n{'<div>' * 20_000}\n",
        parentheses=f"{FACT}\n\n[x]({'(' * 20_000}\n",
        ticks=f"{FACT}\n\n" + "".join("`" * n + " " for n in range(300)) + "\n",
    ),
    *table(
        "deep nesting",
        ".html",
        elements=f"<p>{FACT}</p>{'<div>' * 50_000}x",
        tables=f"<p>{FACT}</p>{'<table><tr><td>' * 2_000}x",
        lists=f"<p>{FACT}</p>{'<ul><li>' * 5_000}x",
        inline=f"<p>{FACT}</p>{'<b><i>' * 20_000}x",
        formulas=f"<p>{FACT}</p><math>{'<msup><mi>x</mi>' * 5_000}",
        attributes=f"<p>{FACT}</p><p {' '.join(f'a{n}=x' for n in range(100_000))}>x",
    ),
    *table(
        "deep nesting",
        ".txt",
        brackets=f"{FACT}\n\n{'(' * 50_000}\n",
        quotes=f"{FACT}\n\n{'“' * 50_000}\n",
        indents=f"{FACT}\n\n" + "".join(" " * n + "x\n" for n in range(1_000)),
    ),
    *(
        Attack("deep nesting", name, data, ".rst", outcome="either")
        for name, data in (
            ("quotes in rst", FACT + "\n\n" + "\n\n".join(" " * n + "x" for n in range(1, 600))),
            ("lists in rst", FACT + "\n\n" + "\n\n".join("  " * n + "- x" for n in range(300))),
        )
    ),
)

_LONG = (
    *(
        _long(".txt", f"{FACT}\n\n", unit)
        for unit in (
            "a",
            "a ",
            " ",
            "A. ",
            "1",
            "1,",
            "“",
            '"a ',
            "...",
            "- ",
            "|a",
            "http://a.",
            "Mr. ",
            "é",
            "日",
            "?! ",
            "\t",
            "(a",
            "x=1 ",
        )
    ),
    *(
        _long(".md", f"{FACT}\n\n", unit)
        for unit in ("a", "*a", "_a_ ", "[a](", "![", "|a", "<a ", "`a", "&amp;", "\\", "~~a", "<!--")
    ),
    *(
        _long(".html", f"<p>{FACT}</p><p>", unit)
        for unit in ("a ", "<b>", "&", "<p ", "</", "&#0;", "<!", "<td>", "a=")
    ),
    *(_long(".csv", f"{FACT}\n", unit) for unit in ("a", '"', "a;", '""')),
    *(_long(".srt", f"1\n00:00:01,000 --> 00:00:02,000\n{FACT}\n", unit) for unit in ("a ", "<i>", "0:")),
    *(_long(".eml", "Subject: x\n\n" + FACT + "\n", unit) for unit in ("> ", "a", "=")),
    *(_long(".log", f"{FACT}\n", unit) for unit in ("1", "[", "12:")),
    *(_long(".rst", f"{FACT}\n\n", unit) for unit in ("a", "= ", "| ", ":a")),
    _long(".json", f'{{"text": "{FACT}", "more": "', "a", '"}'),
    _long(".json", f'{{"text": "{FACT}", "more": "', "\\u0041", '"}'),
)


def _lines(name: str, suffix: str, unit: str, count: int = 30_000) -> Attack:
    return Attack(
        "patterns at their worst", f"{name} in {suffix}", f"{FACT}\n\n" + unit * count, suffix, outcome="either"
    )


_PATTERNS = (
    *(
        _lines(name, suffix, unit)
        for suffix in (".txt", ".md", ".rst")
        for name, unit in {
            "blank lines": "\n",
            "lines of blanks": "   \n",
            "list items": "1. \n",
            "rules": "---\n",
            "headings": "#\n",
            "labels": "a:\n",
            "table rows": "| a |\n",
            "underlined": "a\n=\n",
            "questions": "Q: a?\n",
            "speakers": "A: b\n",
        }.items()
    ),
    _lines("carriage returns", ".txt", "\r"),
    _lines("tabs", ".txt", "a\tb\t\n"),
    _lines("dates", ".txt", "1 January 1999 "),
    _lines("numbers", ".txt", "one hundred and "),
    _lines("names", ".txt", "Ann B. C. D. "),
    _lines("footnotes", ".md", "[^1]: a\n"),
    _lines("references", ".md", "[a]: b\n"),
    _lines("fences", ".md", "```\n"),
    _lines("cues", ".vtt", "00:01 --> 00:02\n"),
    _lines("directives", ".rst", ".. a::\n", 5_000),
)

ATTACKS = (*_NESTING, *_LONG, *_PATTERNS)
