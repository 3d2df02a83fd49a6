"""The index on disk: planning, building, writing, opening and searching one generation."""
