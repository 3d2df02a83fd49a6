"""Calls of PDFium that are made for each object or character, with plain addresses instead of typed pointers: faster."""

import ctypes
from typing import Any

__all__ = ["address", "untyped"]


def untyped(function: Any, result: Any, *arguments: Any) -> Any:
    """One of PDFium's functions under other types."""
    return ctypes.CFUNCTYPE(result, *arguments)(ctypes.cast(function, ctypes.c_void_p).value or 0)


def address(handle: Any) -> int:
    """Where a typed pointer points to."""
    return ctypes.cast(handle, ctypes.c_void_p).value or 0
