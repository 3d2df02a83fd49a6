"""A run and its verdict as text, Markdown, HTML, JSON, JUnit XML and annotations."""
