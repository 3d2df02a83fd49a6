"""Build the wheel, install it in a fresh virtual environment outside the checkout, and use it there.

Run by `make smoke`. It finds what an editable installation hides: files missing from the wheel, undeclared
dependencies, paths that only exist in a checkout.
"""

import json
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = (
    "Sea marks\n\n"
    "The lighthouse of Marrow Point was built in 1871 by Edith Lanning. "
    "Its lamp burns whale oil and can be seen from nineteen miles away.\n"
)
QUESTION = "Who built the lighthouse of Marrow Point?"
GOLD = f"""\
- id: builder
  question: {QUESTION}
  expect: answer
  quotes:
    - source: lighthouse.txt
      text: was built in 1871 by Edith Lanning
"""
QUOTE = "The lighthouse of Marrow Point was built in 1871 by Edith Lanning."


def run(*command: str, cwd: Path, expect: int = 0) -> str:
    """Standard output of a command that must end with the expected code."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, encoding="utf-8", env=environment())
    if done.returncode != expect:
        sys.exit(f"{' '.join(command)}\nended with {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def environment() -> dict[str, str]:
    """This environment without anything that would lead Python back to the checkout."""
    return {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")}


def install(folder: Path) -> Path:
    """A fresh environment with the wheel in it; its folder of commands."""
    print("  building the wheel", flush=True)
    run(sys.executable, "-m", "build", "--wheel", "--outdir", str(folder), str(ROOT), cwd=folder)
    (wheel,) = folder.glob("*.whl")
    print(f"  installing {wheel.name} in a fresh environment", flush=True)
    venv.create(folder / "venv", with_pip=True)
    commands = folder / "venv" / ("Scripts" if os.name == "nt" else "bin")
    constraints = str(ROOT / "constraints.txt")
    run(
        str(commands / "python"),
        "-m",
        "pip",
        "install",
        "--quiet",
        "-c",
        constraints,
        str(wheel),
        cwd=folder,
    )
    return commands


def use(commands: Path, folder: Path) -> None:
    """The commands and the packaged data, as a user of the wheel finds them."""
    qa, python = str(commands / "qa"), str(commands / "python")
    print("  using it", flush=True)
    where = run(python, "-c", "import qa; print(qa.__file__)", cwd=folder).strip()
    assert str(folder) in where, where
    assert "Usage: qa" in run(qa, "--help", cwd=folder)
    prompts = sorted(path.name for path in (ROOT / "prompts").glob("*.j2"))
    assert prompts, "prompts/ holds no template"
    code = "import sys; from qa import trust; [trust.packaged_prompt(name) for name in sys.argv[1:]]"
    run(python, "-c", code, *prompts, cwd=folder)
    run(qa, "init", "news", cwd=folder)
    (folder / "news" / "seeds" / "lighthouse.txt").write_text(DOCUMENT, encoding="utf-8")
    assert "1 document" in run(qa, "index", cwd=folder / "news")
    answer = json.loads(run(qa, "ask", "--json", QUESTION, cwd=folder / "news"))
    assert QUOTE in [quote["text"] for quote in answer["quotes"]], answer
    run(qa, "ask", "Who won the football match?", cwd=folder / "news", expect=3)
    (folder / "news" / "gold.yaml").write_text(GOLD, encoding="utf-8")
    assert "1 of 1" in run(qa, "gold", "run", "gold.yaml", "--html", "page.html", cwd=folder / "news")
    assert QUOTE in (folder / "news" / "page.html").read_text(encoding="utf-8")
    code = "from qa.english.tables import word_set; assert 'accept' in word_set('common_words.txt')"
    run(python, "-c", code, cwd=folder)  # tables are data files


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="qa-smoke-") as name:
        folder = Path(name).resolve()
        os.environ |= {"XDG_DATA_HOME": str(folder / "data"), "XDG_CONFIG_HOME": str(folder / "config")}
        use(install(folder), folder)
    print("  the wheel works")


if __name__ == "__main__":
    main()
