"""One module a format: bytes to text and blocks."""
