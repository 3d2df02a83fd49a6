"""What `qa.integrations` costs: CPU seconds, memory and modules of an import, and packages and MB of an extra.

    build/integrations/newest/bin/python bench/import_weight.py

Prints the rows of the table in docs/embed.md. Each import runs in a fresh interpreter; the best of five counts.
"""

import json
import re
import subprocess
import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution

MODULES = (
    ("qa.integrations.langchain", "langchain-core"),
    ("qa.integrations.llamaindex", "llama-index-core"),
    ("qa.integrations.haystack", "haystack-ai"),
    ("qa.integrations.anthropic", ""),
    ("qa.integrations.openai", ""),
)
CODE = """
import json, resource, sys, time
start, known = time.process_time(), len(sys.modules)
import {module}
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(json.dumps([time.process_time() - start, memory, len(sys.modules) - known]))
"""
TRIES = 5


def imported(module: str) -> tuple[float, int, int]:
    """CPU seconds, MB of memory and modules of an import."""
    runs = [subprocess.check_output([sys.executable, "-c", CODE.format(module=module)]) for _ in range(TRIES)]
    seconds, memory, modules = min(json.loads(run) for run in runs)
    return seconds, memory, modules


def closure(name: str, found: dict[str, Distribution]) -> dict[str, Distribution]:
    """A distribution and all that it needs, extras apart."""
    key = re.sub(r"[-_.]+", "-", name).lower()
    if key not in found:
        try:
            found[key] = distribution(name)
        except PackageNotFoundError:  # for another platform or version of Python
            return found
        for line in found[key].requires or ():
            if "extra ==" not in line:
                match = re.match(r"[\w.-]+", line)
                assert match
                closure(match[0], found)
    return found


def megabytes(packages: dict[str, Distribution]) -> float:
    files = (d.locate_file(f) for d in packages.values() for f in d.files or () if f.suffix != ".pyc")
    return sum(path.stat().st_size for path in files if path.is_file()) / 1e6  # type: ignore[attr-defined]


def main() -> None:
    own = closure("quoteqa", {})
    print("| module | version | packages | MB | CPU s | MB of memory | modules |\n|---|---|---|---|---|---|---|")
    for module, package in (("qa.retrieve.retriever", ""), *MODULES):
        more = {k: v for k, v in closure(package, {}).items() if k not in own} if package else {}
        seconds, memory, modules = imported(module)
        version = f"{package} {distribution(package).version}" if package else ""
        size = f"{len(more)} | {megabytes(more):.0f}" if package else " | "
        print(f"| `{module}` | {version} | {size} | {seconds:.2f} | {memory} | {modules} |")


if __name__ == "__main__":
    main()
