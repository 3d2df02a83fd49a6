"""Which runtime encodes fastest on this machine? Measured once, and remembered in the user's cache folder.

Machines differ: where the processor multiplies bfloat16 matrices in hardware (AMX), PyTorch in that precision is twice
as fast as anything in float32, elsewhere it is slower. Only a test can tell. It runs in a child process, because all
runtimes together take more memory than a build should, and a crash ends only the child.
"""

import hashlib
import json
import os
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qa.embed.exported import ExportedEncoder
from qa.embed.models import read_json, write_atomically
from qa.embed.runtimes import RuntimeName, available, threads
from qa.embed.torch_encoder import load_torch
from qa.worker import Frame, Stopped, Worker

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

__all__ = ["MIN_COSINE", "choose", "handle", "machine"]

MIN_COSINE = 0.9995  # of each sample with its float32 vector; a runtime below that is not used
CLEARLY = 0.9  # of the seconds of ONNX Runtime
MEMORY = 2**37  # bytes of address space for the child; the libraries reserve much more than they use
SECONDS = 600.0  # for the whole test
ROUNDS = 3  # the best of them counts: other processes can only make a runtime look slower
WORDS = (
    "The committee reviewed the annual report and asked the office to publish figures for each region, because "
    "several members had noticed that the totals of the second quarter did not match those printed in March. "
)
HOPELESS = 8  # times the seconds of ONNX Runtime for one sample; bfloat16 that has to be emulated takes 20 times
SAMPLES = tuple((WORDS * 4)[start : start + 800 - 40 * start] for start in range(12))  # 360 to 800 characters


def choose(
    ready: ExportedEncoder, original: Callable[[], Any], cache: Path, notify: Callable[[str], None] | None = None
) -> ExportedEncoder:
    """The encoder that runs as `ready` does, or by a faster runtime.

    original: loads the sentence-transformers model. cache: where the result is remembered. notify: called before the
    test. A runtime that fails or whose vectors differ is left out; where none is left, ONNX Runtime remains, whatever
    the precision.
    """
    names = available(ready.precision)
    memory = cache / f"fastest-{ready.weights[:16]}-{ready.precision}.json"
    known = read_json(memory)
    here = machine()
    if not known or known.get("machine") != here or known.get("fastest") not in ("onnx", *names):
        if notify:
            notify("Finding the fastest way to run the embedding model here (once, some seconds)")
        seconds = _in_child(ready, names)
        known = {"machine": here, "seconds": seconds, "fastest": _best(seconds)}
        write_atomically(memory, json.dumps(known).encode())
    return ready.run_by(known["fastest"], original)


def _in_child(ready: ExportedEncoder, names: Sequence[RuntimeName]) -> Mapping[RuntimeName, float]:
    """The result of `_measure`; ONNX Runtime alone if the child crashes or exceeds its limits."""
    about = {"name": ready.name, "weights": ready.weights, "folder": str(ready.folder), "meta": dict(ready.meta)}
    with Worker(__name__, MEMORY) as child:
        child.send({**about, "precision": ready.precision, "names": list(names), "seconds": SECONDS}, b"", 0)
        try:
            seconds: Mapping[RuntimeName, float] = child.receive(SECONDS).head["seconds"]
        except Stopped:
            return {"onnx": 0.0}
    return seconds


def handle(head: Mapping[str, Any], _: bytes) -> Frame:
    """In the child: the seconds of each runtime that works."""
    name, weights = head["name"], head["weights"]
    ready = ExportedEncoder(name, weights, Path(head["folder"]), head["meta"], head["precision"])
    return Frame({"seconds": _measure(ready, head["names"], lambda: load_torch(name, weights=weights).model)})


def _measure(
    ready: ExportedEncoder, names: Sequence[RuntimeName], original: Callable[[], Any]
) -> dict[RuntimeName, float]:
    """Seconds for the samples by each runtime that works, the best of interleaved rounds."""
    exact = ready.encode(SAMPLES)
    loaded: dict[str, Any] = {}

    def once() -> Any:
        return loaded.setdefault("model", loaded.get("model") or original())

    rivals = {name: ready.run_by(name, once) for name in names}
    right = {name: rival for name, rival in rivals.items() if _keeps_up(rival, ready) and _agrees(rival, exact)}
    seconds: dict[RuntimeName, float] = {}
    for _ in range(ROUNDS):
        for name, rival in right.items():
            started = time.perf_counter()
            rival.encode(SAMPLES)
            seconds[name] = min(seconds.get(name, float("inf")), time.perf_counter() - started)
    return seconds or {"onnx": 0.0}


def _best(seconds: Mapping[RuntimeName, float]) -> RuntimeName:
    """ONNX Runtime unless another is clearly faster: it starts fastest, and it is loaded for queries anyway."""
    return min(seconds, key=lambda name: seconds[name] * (CLEARLY if name == "onnx" else 1))


def _keeps_up(rival: ExportedEncoder, exact: ExportedEncoder) -> bool:
    """Whether it works, and is not so slow that the test would take minutes. Other processes may disturb a try."""
    try:
        _probe(rival)  # loads the model
        return any(_probe(rival) < HOPELESS * _probe(exact) for _ in range(ROUNDS))
    except Exception:  # a library that is there but does not work here fails in any way
        return False


def _probe(encoder: ExportedEncoder) -> float:
    """Seconds for the shortest sample."""
    started = time.perf_counter()
    encoder.encode(SAMPLES[-1:])
    return time.perf_counter() - started


def _agrees(rival: ExportedEncoder, exact: "Vectors") -> bool:
    try:
        return bool((rival.encode(SAMPLES) * exact).sum(axis=1).min() >= MIN_COSINE)
    except Exception:  # as above
        return False


def machine() -> str:
    """A hash of what the speed depends on: the processor, how many cores we may use, the versions of libraries."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    libraries = [_version(name) for name in ("onnxruntime", "torch", "openvino", "sentence-transformers")]
    about = [platform.machine(), _processor(), threads() or cores, *libraries]
    return hashlib.sha256(json.dumps(about).encode()).hexdigest()


def _version(package: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _processor() -> list[str]:
    """Its name and its instruction sets, as far as the system tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return [platform.processor()]
    return sorted({line for line in lines if line.startswith(("model name", "flags", "Features", "CPU part"))})
