"""Calls of PDFium that are made often, with plain addresses instead of typed pointers, which is faster."""

import ctypes
from typing import Any

__all__ = ["address", "untyped"]


def untyped(function: Any, result: Any, *arguments: Any) -> Any:
    """One of PDFium's functions under other types."""
    return ctypes.CFUNCTYPE(result, *arguments)(ctypes.cast(function, ctypes.c_void_p).value or 0)


def address(handle: Any) -> int:
    """Where a typed pointer points to."""
    return ctypes.cast(handle, ctypes.c_void_p).value or 0
