"""Export a model to ONNX, and keep the export in the cache, whole or not at all."""

import json
import logging
import os
import shutil
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

__all__ = ["Make", "keep", "write_onnx"]

Make = Callable[[Path], tuple[dict[str, Any], str | None]]
"""Writes `model.onnx` and `tokenizer.json` into a folder; gives the metadata, and how the export differs from the
original, None if it does not."""


def keep(target: Path, make: Make) -> dict[str, Any]:
    """Put an export and its `meta.json` under target; return the metadata.

    If the export fails or differs from the original, only `meta.json` is written. Its `problem` gives the reason, so
    that the export is not tried again at every start. A cache that cannot be written to is a problem that nothing
    remembers.
    """
    partial = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        meta = _made(make, partial)
        (partial / "meta.json").write_text(json.dumps(meta), encoding="utf-8")
    except OSError as error:
        shutil.rmtree(partial, ignore_errors=True)
        return {"problem": f"its ONNX export cannot be kept in {target.parent}: {error.strerror or error}"}
    except BaseException:  # Ctrl-C
        shutil.rmtree(partial, ignore_errors=True)
        raise
    try:
        partial.rename(target)
    except OSError:  # another process was faster; its export is just as good
        shutil.rmtree(partial, ignore_errors=True)
    return meta


def _made(make: Make, folder: Path) -> dict[str, Any]:
    try:
        meta, problem = make(folder)
    except OSError as error:
        if error.errno is not None:  # of the disk
            raise
        meta, problem = {}, str(error)  # transformers reports what a folder lacks as an OSError
    except Exception as error:  # exporters and libraries raise all kinds of errors
        reason = (str(error).splitlines() or [""])[0]
        meta, problem = {}, f"not exportable: {type(error).__name__}: {reason}"
    if not problem:
        return meta
    for path in folder.iterdir():
        path.unlink()
    return {"problem": problem}


def write_onnx(
    folder: Path,
    module: Any,
    run: Callable[[dict[str, Any]], Any],
    example: Mapping[str, Any],
    inputs: Sequence[str],
    outputs: Sequence[str] | None = None,
) -> None:
    """Write `model.onnx`. run: the inputs by name to the outputs, computed by `module`. example: a batch of inputs.
    outputs: their names.
    """
    import torch

    class Traced(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.module = module

        def forward(self, *tensors: Any) -> Any:
            return run(dict(zip(inputs, tensors, strict=True)))

    rows, tokens = torch.export.Dim("rows"), torch.export.Dim("tokens")
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Traced(),
            tuple(example[name] for name in inputs),
            str(folder / "model.onnx"),
            input_names=list(inputs),
            output_names=outputs,
            dynamic_shapes=(tuple({0: rows, 1: tokens} for _ in inputs),),
            dynamo=True,
            external_data=True,  # beside it, so that the weights are mapped into memory and not read
            verbose=False,
        )
