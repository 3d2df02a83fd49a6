"""The test set of the support gate: statements with quotes, and whether the quotes support them.

Written before the gate. The gate and this package share no word lists: neither may import or copy from the other.

- `sources.py` reads the two seed articles and four corpora and cuts them into sentences with offsets.
- `seen.yaml`, `opened.yaml`, `unseen.yaml` hold pairs written by hand; `written.py` reads them.
- `edits.py` changes the meaning of a supported statement, `paraphrases.py` keeps it; `words.py`, `names.py` feed them.
- `build.py` puts everything together up to a quota a kind and split, the same on every run.

The split is by document, so that rules cannot be fitted to the unseen items:
seen: 000_6f2a8e452271332e.txt, state_of_the_union, the first 7 of 15 pubmed articles, the first half of finance;
opened (unseen until the first rules were measured, then read): 004_df59d898a00b8803.txt, wikitexts, the other 8 pubmed
articles, the second half of finance;
unseen: chatlogs, and what the other two left of wikitexts, pubmed and finance: sentences that neither quotes, nor their
neighbours. Its hand-written pairs were written before the rules were changed for the opened half.
"""
