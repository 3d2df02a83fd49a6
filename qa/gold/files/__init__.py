"""Gold files: reading, checking, rewriting and proposing cases."""
