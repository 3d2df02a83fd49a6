"""`qa` inside other frameworks: one module for each, imported only by who uses it.

langchain, llamaindex and haystack need the extra of the same name. anthropic and openai give plain dictionaries and
need nothing.
"""

__all__: list[str] = []
