"""Does a quote say what a statement says? `check` is the only door."""

from qa.gate.checks import Finding, SupportQuote, check, off_question

__all__ = ["Finding", "SupportQuote", "check", "off_question"]
