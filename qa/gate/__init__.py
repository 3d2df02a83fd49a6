"""Does a quote say what a statement says? `check` is what code can tell, `judge` asks about meaning."""

from qa.gate.checks import Finding, SupportQuote, check

__all__ = ["Finding", "SupportQuote", "check"]
