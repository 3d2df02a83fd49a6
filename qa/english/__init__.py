"""Everything that is about English. A second language is a second package of the same shape."""
