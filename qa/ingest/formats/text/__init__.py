"""Plain text, whose structure is read off its layout."""
