"""Strict matching of copied words, and finding stored quotes again."""
