"""Run the tests of this folder where the frameworks are installed: each framework in an environment of its own, once in
its newest version and once in the lowest that pyproject.toml supports.

Run by `make integrations`; names of frameworks as arguments run only these. The environments lie in a temporary folder
and see the packages of the one that runs this, so each holds little more than its framework, and that one stays without
them. A framework that cannot be installed is named, and the others are tested nonetheless. Exits with 1 if a framework
could not be installed or a test failed.
"""

import os
import subprocess
import sys
import sysconfig
import tempfile
import tomllib
import venv
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TESTS = Path("tests/integrations")
# Of each framework: what its tests need beside its extra, and the module of its tests.
FRAMEWORKS = {
    "langchain": ("langchain-tests", "langchain"),
    "llamaindex": ("", "llamaindex"),
    "haystack": ("", "haystack"),
    "anthropic": ("anthropic", "anthropic"),
}
# langchain-tests needs these of pytest-asyncio, which it brings.
ASYNC = {"langchain": ("-o", "asyncio_mode=auto", "-o", "asyncio_default_fixture_loop_scope=function")}


def requirements(framework: str, lowest: bool) -> list[str]:
    """What to install. lowest: pins each requirement to the lower end of its range."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    needed = FRAMEWORKS[framework][0]
    beside = [line for line in extras["integrations"] if needed and line.startswith(needed)]
    own = extras.get(framework, [])
    return [*(pinned(line) if lowest else line for line in own or beside), *(beside if own else [])]


def pinned(line: str) -> str:
    return line.partition(",")[0].replace(">=", "==")


def environment(folder: Path, wanted: Sequence[str]) -> str | None:
    """The interpreter of a new environment that has what is wanted; None if that cannot be installed."""
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    venv.create(folder)
    packages = sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)})
    shared = f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n"
    (Path(packages) / "shared.pth").write_text(shared, encoding="utf-8")
    pip = [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check", "install", "--quiet"]
    return str(python) if passes([*pip, "-c", str(ROOT / "constraints.txt"), *wanted]) else None


def passes(command: Sequence[str], **variables: str) -> bool:
    """Whether a command, run in the root of the repository, succeeds. variables: of its environment."""
    return subprocess.run(command, cwd=ROOT, env=os.environ | variables).returncode == 0


def without_downloads(folder: Path) -> dict[str, str]:
    """What keeps old versions of LlamaIndex from downloading data of NLTK, which no test uses, when imported."""
    for name in ("corpora/stopwords", "tokenizers/punkt_tab"):
        (folder / "nltk" / name).mkdir(parents=True)
    return {"NLTK_DATA": str(folder / "nltk")}


def tested(framework: str, lowest: bool, folder: Path) -> list[str]:
    """What went wrong with a framework; a line each."""
    wanted = requirements(framework, lowest)
    name = f"{framework}, {'lowest' if lowest else 'newest'} supported version"
    print(f"{name}: {', '.join(wanted)}", flush=True)
    python = environment(folder, wanted)
    if python is None:
        return [f"{name}: could not be installed"]
    offline = without_downloads(folder)
    if not passes([python, "-c", f"import qa.integrations.{framework}"], **offline):
        return [f"{name}: installed, but cannot be imported"]
    modules = [str(TESTS / f"test_{FRAMEWORKS[framework][1]}.py"), str(TESTS / "test_embed_page.py")]
    wrong = []
    if not passes([python, "-m", "pytest", *ASYNC.get(framework, ()), "-n", "0", *modules], **offline):
        wrong.append(f"{name}: tests failed")
    if not lowest:
        print("mypy --strict, with the framework", flush=True)
        module = f"qa/integrations/{framework}.py"
        if not passes([python, "-m", "mypy", "--cache-dir", str(folder / "mypy"), module]):
            wrong.append(f"{name}: mypy failed")
    return wrong


def main() -> None:
    chosen = sys.argv[1:] or list(FRAMEWORKS)
    if unknown := set(chosen) - set(FRAMEWORKS):
        sys.exit(f"There is no {', '.join(sorted(unknown))}; there are {', '.join(FRAMEWORKS)}.")
    wrong: list[str] = []
    with tempfile.TemporaryDirectory(prefix="qa-integrations-") as folder:
        for framework in chosen:
            for lowest in (False, True):
                wrong += tested(framework, lowest, Path(folder) / f"{framework}-{'lowest' if lowest else 'newest'}")
    print("\n".join(wrong or ["All frameworks pass."]))
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
