"""What runs an exported model: ONNX Runtime, PyTorch in either precision, and OpenVINO with the extra `fast`."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from qa.errors import ModelError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Fields = Mapping[str, NDArray[np.int64]]

__all__ = [
    "BUDGET",
    "STEP",
    "Run",
    "Runtime",
    "RuntimeName",
    "available",
    "loading",
    "onnx_session",
    "open_runtime",
    "silent_onnxruntime",
    "torch_runtime",
]

RuntimeName = Literal["onnx", "torch", "torch-bf16", "openvino", "openvino-bf16"]
BUDGET: Mapping[RuntimeName, int] = {
    "onnx": 800, "torch": 1600, "torch-bf16": 3200, "openvino": 3200, "openvino-bf16": 3200,
}  # fmt: skip
"""Most tokens of a batch, padding included: the fastest on two cores (bench/encoding.py)."""
STEP: Mapping[RuntimeName, int] = {
    "onnx": 1, "torch": 16, "torch-bf16": 16, "openvino": 16, "openvino-bf16": 16,
}  # fmt: skip
"""Batches are padded to a multiple of this many tokens. All runtimes but ONNX Runtime use oneDNN, which compiles and
keeps kernels for each shape; arrays of many sizes also fragment memory. This saves about 0.4 GB in a large build and
adds about 4% of padding.
"""

Run = Callable[["Fields"], "tuple[Floats | None, Floats]"]


@dataclass(frozen=True, slots=True)
class Runtime:
    """A model, ready to run. run: the inputs by name to the vectors of the tokens, shape (rows, tokens, dim), or None
    if the model does not give them, and the vectors of the texts, shape (rows, dim).
    """

    name: RuntimeName
    run: Run


def available(precision: str) -> tuple[RuntimeName, ...]:
    """The runtimes that are installed and keep this precision. "auto": all of them."""
    names: tuple[RuntimeName, ...] = ("onnx", "torch", "torch-bf16")
    if find_spec("openvino"):
        names += ("openvino", "openvino-bf16")
    wanted = {"float32": False, "bfloat16": True}.get(precision)
    return tuple(name for name in names if wanted is None or name.endswith("bf16") == wanted)


def open_runtime(name: RuntimeName, folder: Path, inputs: Sequence[str], original: Callable[[], Any]) -> Runtime:
    """Load the model exported into `folder`. original: loads the sentence-transformers model, for PyTorch.

    Raises whatever the libraries raise.
    """
    if name == "onnx":
        return Runtime(name, _onnx(folder / "model.onnx"))
    if name in ("openvino", "openvino-bf16"):
        return Runtime(name, _openvino(folder / "model.onnx", "bf16" if name.endswith("bf16") else "f32"))
    return torch_runtime(name, original())


@contextmanager
def loading(folder: Path) -> Iterator[None]:
    """Turn whatever fails while the model exported into `folder` is loaded into ModelError."""
    try:
        yield
    except ModelError:
        raise
    except Exception as error:  # onnxruntime and tokenizers have no common base class
        raise ModelError(
            f"the exported model in {folder} cannot be loaded ({error}); delete that folder and try again"
        ) from None


def onnx_session(path: Path) -> Any:
    """An exported model, opened by ONNX Runtime, which logs nothing below an error. Raises Exception."""
    onnxruntime = silent_onnxruntime()
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = threads()
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def threads() -> int:
    """How many threads a model may use, 0 for all processors. PyTorch reads this variable itself; the others do not.

    Ray sets it to the processors that a task was given.
    """
    value = os.environ.get("OMP_NUM_THREADS", "")
    return int(value) if value.isdecimal() else 0


def _onnx(path: Path) -> Run:
    session = onnx_session(path)
    names = [output.name for output in session.get_outputs()]

    def run(fields: "Fields") -> "tuple[Floats | None, Floats]":
        found = dict(zip(names, session.run(None, dict(fields)), strict=True))
        return found.get("token_vectors"), found["unit_vector"]

    return run


def torch_runtime(name: RuntimeName, model: Any) -> Runtime:
    """A sentence-transformers model, run by PyTorch."""
    import torch

    model.eval()

    def run(fields: "Fields") -> "tuple[Floats | None, Floats]":
        tensors = {key: torch.from_numpy(value) for key, value in fields.items()}
        with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=name == "torch-bf16"):
            found = model(tensors)
        tokens = found.get("token_embeddings")
        return None if tokens is None else tokens.float().numpy(), found["sentence_embedding"].float().numpy()

    return Runtime(name, run)


def _openvino(path: Path, precision: str) -> Run:
    openvino = _silent_openvino()
    options = {"INFERENCE_PRECISION_HINT": precision, "INFERENCE_NUM_THREADS": threads()}
    model = openvino.Core().compile_model(str(path), "CPU", options)
    names = [output.get_any_name() for output in model.outputs]

    def run(fields: "Fields") -> "tuple[Floats | None, Floats]":
        results = model(dict(fields))
        found = {name: results[number] for number, name in enumerate(names)}
        return found.get("token_vectors"), found["unit_vector"]

    return run


def _silent_openvino() -> Any:
    """Import OpenVINO without its telemetry package, which reports to Google Analytics as soon as it is imported.

    OpenVINO does without: it has a stub for when that package is not installed.
    """
    sys.modules.setdefault("openvino_telemetry", cast(Any, None))  # makes `import openvino_telemetry` fail
    import openvino

    return openvino


def silent_onnxruntime() -> Any:
    """Import ONNX Runtime with its telemetry off.

    Its newer wheels for Linux and macOS report to Microsoft and keep a device id in the user's cache unless one of
    these variables (the name changed between versions) is set before the library is loaded.
    """
    for name in ("ORT_DISABLE_TELEMETRY", "ORT_TELEMETRY_DISABLED"):
        os.environ[name] = "1"
    import onnxruntime

    onnxruntime.disable_telemetry_events()  # for Windows, and in case the library was already loaded
    return onnxruntime
