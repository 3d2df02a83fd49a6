"""The libraries that qa is compared with. Each has a virtual environment that shares the packages of this one."""

import hashlib
import json
import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = ROOT / "bench" / "peers"
VERSIONS = (
    "import json, sys; from importlib.metadata import version; "
    "print(json.dumps({name: version(name) for name in sys.argv[1:]}))"
)


class UnavailableError(Exception):
    """A library cannot be installed; the text says why."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A library. script: in bench/peers/. packages: what pip installs; none means this environment. shown: the packages
    whose versions are shown.
    """

    name: str
    script: str
    packages: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()


QA = "qa"
PLAIN = "sentence-transformers, FAISS"
PEERS = (
    Peer(QA, "quoteqa.py", shown=("quoteqa", "onnxruntime")),
    Peer(PLAIN, "plain_faiss.py", shown=("sentence-transformers", "torch", "faiss-cpu")),
    Peer(
        "LangChain, FAISS",
        "langchain_faiss.py",
        ("langchain-community>=0.4", "langchain-huggingface>=1", "langchain-text-splitters>=1"),
        ("langchain-core", "langchain-community", "langchain-huggingface", "sentence-transformers"),
    ),
    Peer(
        "LlamaIndex, FAISS",
        "llamaindex_faiss.py",
        ("llama-index-core>=0.14", "llama-index-embeddings-huggingface>=0.6", "llama-index-vector-stores-faiss>=0.5"),
        ("llama-index-core", "llama-index-embeddings-huggingface", "sentence-transformers"),
    ),
    Peer("Chroma", "chroma.py", ("chromadb>=1",), ("chromadb", "sentence-transformers")),
    Peer("txtai", "txtai_faiss.py", ("txtai>=9",), ("txtai", "sentence-transformers")),
)
NOT_COMPARED = {
    "haiku.rag": "its versions after 0.6.0 need Python 3.12 or newer, and 0.6.0 is too old to compare with 0.101",
}


def interpreter(peer: Peer, folder: Path) -> str:
    """The Python that runs a peer's script. Its environment is made in `folder` unless it is there.

    Raises UnavailableError if pip cannot install it.
    """
    if not peer.packages:
        return sys.executable
    home = folder / Path(peer.script).stem
    python, stamp = home / "bin" / "python", home / "installed"
    key = hashlib.sha256(json.dumps([sys.version, sysconfig.get_path("purelib"), peer.packages]).encode()).hexdigest()
    if not (stamp.is_file() and stamp.read_text() == key):
        print(f"  installing {', '.join(peer.packages)}", file=sys.stderr, flush=True)
        venv.create(home, clear=True)
        _share(home)
        _install(python, peer)
        stamp.write_text(key)
    return str(python)


def _share(home: Path) -> None:
    """Let an environment use the packages of this one, after its own."""
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(home), "platbase": str(home)}))
    shared = f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n"
    (packages / "shared.pth").write_text(shared, encoding="utf-8")


def _install(python: Path, peer: Peer) -> None:
    pip = [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check", "install", "--quiet"]
    done = subprocess.run([*pip, "-c", str(ROOT / "constraints.txt"), *peer.packages], capture_output=True, text=True)
    if done.returncode:
        errors = [line for line in done.stderr.split("\n") if line.startswith("ERROR: ")]
        raise UnavailableError((errors or ["pip failed"])[0].removeprefix("ERROR: ")[:300])


def versions(peer: Peer, python: str) -> dict[str, str]:
    """The versions of its packages."""
    if python == sys.executable:
        return {name: version(name) for name in peer.shown}
    said = subprocess.run([python, "-c", VERSIONS, *peer.shown], capture_output=True, text=True, check=True).stdout
    return dict(json.loads(said))
