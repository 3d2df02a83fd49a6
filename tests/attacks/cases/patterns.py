"""Text that is deep, long, or made for the worst case of a pattern."""

from attacks.cases import FACT, Attack, table

__all__ = ["ATTACKS"]

OPENINGS = {  # what a file of each format begins with
    ".txt": f"{FACT}\n\n",
    ".md": f"{FACT}\n\n",
    ".rst": f"{FACT}\n\n",
    ".html": f"<p>{FACT}</p><p>",
    ".csv": f"{FACT}\n",
    ".log": f"{FACT}\n",
    ".eml": f"Subject: x\n\n{FACT}\n",
    ".srt": f"1\n00:00:01,000 --> 00:00:02,000\n{FACT}\n",
    ".json": f'{{"text": "{FACT}", "more": "',
}
UNITS = {  # each the worst case of some pattern or parser
    ".txt": (
        "a ",
        " ",
        "1",
        "1,",
        "“",
        '"a ',
        "...",
        "- ",
        "|a",
        "http://a.",
        "Mr. ",
        "?! ",
        "\t",
        "(a",
        "x=1 ",
        "a.b@",
    ),
    ".md": ("*a", "_a_ ", "[a](", "![", "|a", "<a ", "`a", "&amp;", "\\", "~~a", "<!--", "[^a]", "$a"),
    ".rst": ("= ", "| ", ":a: ", "`a", "a_ "),
    ".html": ("&", "<p ", "</", "&#0;", "<!", "<td>", "a="),
    ".csv": ('"', "a;", '""'),
    ".log": ("1", "[", "12:"),
    ".eml": ("> ", "=", "=?a?q?"),
    ".srt": ("<i>", "0:", "{a}"),
    ".json": ("\\u0041", "\\\\"),
}


def _long(mechanism: str, suffix: str, unit: str, length: int) -> Attack:
    data = OPENINGS[suffix] + unit * (length // len(unit)) + ('"}' if suffix == ".json" else "")
    return Attack(mechanism, f"{unit!r} in {suffix}", data, suffix, outcome="either")


_NESTING = (
    *table(
        "deep nesting",
        ".md",
        quotes=f"{FACT}\n\n{'>' * 20_000} deep\n",
        lists=f"{FACT}\n\n" + "".join(f"{'  ' * n}- x\n" for n in range(400)),
        brackets=f"{FACT}\n\n{'[' * 20_000}x{']' * 20_000}\n",
        emphasis=f"{FACT}\n\n{'*_' * 8_000}x\n",
        html=f"{FACT}\n\n{'<div>' * 20_000}\n",
        parentheses=f"{FACT}\n\n[x]({'(' * 20_000}\n",
        ticks=f"{FACT}\n\n" + "".join("`" * n + " " for n in range(300)) + "\n",
    ),
    *table(
        "deep nesting",
        ".html",
        elements=f"<p>{FACT}</p>{'<div>' * 10_000}x",
        tables=f"<p>{FACT}</p>{'<table><tr><td>' * 2_000}x",
        lists=f"<p>{FACT}</p>{'<ul><li>' * 5_000}x",
        inline=f"<p>{FACT}</p>{'<b><i>' * 5_000}x",
        formulas=f"<p>{FACT}</p><math>{'<msup><mi>x</mi>' * 2_000}",
        attributes=f"<p>{FACT}</p><p {' '.join(f'a{n}=x' for n in range(20_000))}>x",
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
    *(_long("lines of a megabyte", suffix, "a", 1_000_000) for suffix in OPENINGS),
    *(_long("patterns at their worst", suffix, unit, 8_000) for suffix, units in UNITS.items() for unit in units),
)


def _lines(name: str, suffix: str, unit: str, count: int = 800) -> Attack:
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
            "columns": "a.  b\n",
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
    _lines("directives", ".rst", ".. a::\n"),
)

ATTACKS = (*_NESTING, *_LONG, *_PATTERNS)
