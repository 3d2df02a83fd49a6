"""Does a quote say what a statement says? `check` is the only door."""

from qa.gate.checks import Finding, check
from qa.gate.claims import SupportQuote

__all__ = ["Finding", "SupportQuote", "check"]
