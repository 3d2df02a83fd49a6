"""Load on loopback: 200 questions by 16 clients, with a rebuild in the middle. Fails for any error, any answer of mixed
generations, or a process that grows by more than 500 MB.

    .venv/bin/python bench/serve_load.py [QUESTIONS] [CLIENTS]
"""

import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[0] = str(ROOT / "tests")  # what the tests share; bench/ has a support.py of its own

from support.load import load  # noqa: E402

from qa.serve.engine import Engine  # noqa: E402
from qa.session import Session  # noqa: E402

MOST_GROWN = 500  # megabytes


def main() -> int:
    questions, clients = (int(argument) for argument in (sys.argv[1:] + ["200", "16"][len(sys.argv) - 1 :]))
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        shutil.copytree(ROOT / "seeds", root / "seeds")
        with Session.open(root) as session:
            made = Engine(session)
            made.start()

            def rebuild() -> None:
                (root / "seeds" / "moon.txt").write_text("The moon is made of basalt, said Otto Plume.\n")
                session.build()

            found = load(made, clients, questions, rebuild)
    print(f"{questions} questions by {clients} clients: {len(found.errors)} errors, {found.mixed} mixed answers,")
    print(f"{len(found.generations)} generations, {found.grown:.0f} MB more at the peak,")
    print(f"p50 {found.percentile(0.5):.2f} s, p99 {found.percentile(0.99):.2f} s")
    good = not found.errors and not found.mixed and len(found.generations) == 2 and found.grown < MOST_GROWN
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
