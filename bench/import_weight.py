"""What `qa.integrations` costs: CPU seconds, memory and modules of an import, and packages and MB of an extra.

    build/integrations/newest/bin/python bench/import_weight.py

Prints the rows of the table in docs/embed.md. Each import runs in a fresh interpreter; the best of five counts.
"""

import json
import subprocess
import sys
from importlib.metadata import distribution

from distributions import BASE, direct, needed, size

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


def main() -> None:
    own = {one.name for one in needed([BASE])[0]}
    print("| module | version | packages | MB | CPU s | MB of memory | modules |\n|---|---|---|---|---|---|---|")
    for module, package in (("qa.retrieve.retriever", ""), *MODULES):
        groups = {group for one in direct() if one.name == package for group in one.groups} - {"integrations", "dev"}
        more = [one for one in needed([BASE, *groups])[0] if one.name not in own]
        seconds, memory, modules = imported(module)
        version = f"{package} {distribution(package).version}" if package else ""
        cost = f"{len(more)} | {sum(size(one.dist) for one in more) / 1e6:.0f}" if package else " | "
        print(f"| `{module}` | {version} | {cost} | {seconds:.2f} | {memory} | {modules} |")


if __name__ == "__main__":
    main()
