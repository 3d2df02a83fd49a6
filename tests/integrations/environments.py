"""Run the tests of this folder where the frameworks are installed: once with their newest versions, once with the
lowest that pyproject.toml supports.

Run by `make integrations`. Each environment lies in build/integrations/ and sees the packages of the one that runs
this, so it holds little more than the frameworks, and that one stays without them. `make clean` removes them.
"""

import hashlib
import os
import subprocess
import sys
import sysconfig
import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build" / "integrations"
EXTRAS = ("langchain", "llamaindex", "haystack")
ASYNC = ("-o", "asyncio_mode=auto", "-o", "asyncio_default_fixture_loop_scope=function")  # langchain-tests needs it


def requirements(lowest: bool) -> list[str]:
    """What to install. lowest: pins the frameworks to the lower end of their range."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    frameworks = [line for extra in EXTRAS for line in extras[extra]]
    if lowest:
        frameworks = [line.partition(",")[0].replace(">=", "==") for line in frameworks]
    return frameworks + [line for line in extras["integrations"] if not line.startswith("quoteqa")]


def environment(name: str, wanted: list[str]) -> str:
    """The interpreter of an environment that has what is wanted. It is made anew when that changes."""
    folder = FOLDER / name
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp = folder / "installed"
    key = hashlib.sha256("\n".join([sys.version, *wanted]).encode()).hexdigest()
    if stamp.is_file() and stamp.read_text() == key:
        return str(python)
    print(f"  installing {', '.join(wanted)}", flush=True)
    venv.create(folder, clear=True)
    packages = sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)})
    shared = f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n"
    (Path(packages) / "shared.pth").write_text(shared, encoding="utf-8")
    pip = [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check", "install", "--quiet"]
    run([*pip, "-c", str(ROOT / "constraints.txt"), *wanted])
    stamp.write_text(key)
    return str(python)


def run(command: list[str]) -> None:
    """Run in the root of the repository; a failure ends this program with its exit code."""
    code = subprocess.run(command, cwd=ROOT).returncode
    if code:
        sys.exit(code)


def main() -> None:
    for name, lowest in (("newest", False), ("lowest", True)):
        print(f"The {name} supported versions of the frameworks", flush=True)
        python = environment(name, requirements(lowest))
        run([python, "-m", "pytest", *ASYNC, "-n", "0", "tests/integrations"])
    python = environment("newest", requirements(lowest=False))
    print("mypy --strict, with the frameworks", flush=True)
    run([python, "-m", "mypy", "--cache-dir", str(FOLDER / "mypy"), "qa/integrations"])


if __name__ == "__main__":
    main()
