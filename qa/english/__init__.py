"""Everything that is about English: words, tables and forms. The logic that uses them is elsewhere.

`tables.py` reads the files of `data/`, each when it is first needed. A second language is a second package of the same
modules.
"""
