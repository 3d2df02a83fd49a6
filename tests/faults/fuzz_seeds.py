"""Small inputs to start fuzzing from, where there are no files for it in tests/data."""

__all__ = ["CONFIGS", "FRONTS", "GOLDS", "QUOTES", "REPLIES", "SIDECARS", "STORED", "WHERES"]

STORED = {
    "schema": 1,
    "question": "Who?",
    "status": "answered",
    "reason": None,
    "mode": "quotes",
    "model": None,
    "answer": "Edith.",
    "answerability": 0.9,
    "statements": [{"text": "Edith.", "quotes": [1], "verdict": "supported", "problems": []}],
    "rejected": [],
    "quotes": [
        {"n": 1, "text": "Edith.", "source": "a.txt", "title": "A", "start": 0, "end": 6, "line": 1, "page": None}
        | {"focus": [[0, 5]], "sha256": "0" * 64, "context": [{"kind": "heading", "start": 0, "end": 2, "text": "Ed"}]}
    ],
    "closest": [],
    "hits": [{"source": "a.txt", "start": 0, "end": 6, "text": "Edith.", "score": 1.0, "rank": 1, "dense": 1.0}],
    "index": {"generation": "gen-1-0", "model": "hash"},
    "usage": {"prompt_tokens": 1, "completion_tokens": 1, "cost": 0.1},
    "timings_ms": {"open": 1.0, "retrieve": 1, "llm": 0, "total": 2},
    "unread": {"files": 0, "parts": 0},
}
REPLIES = (
    b'{"statements": [{"evidence": ["a.txt:s1"], "text": "It is tall."}]}',
    b'```json\n[{"ids": ["b.md:s7", "zzz"], "claim": "A ticket costs 14."}, {"text": "No.", "ids": "a.txt:s2"}]\n```',
    b"<think>well [a.txt:s1]</think>- It is tall [a.txt:s1][b.md:s1].\n2) So (b.md:s7)\nThe sources do not say.",
    b'{"statements": []}',
    b"I'm sorry, but I cannot help with that.",
)
QUOTES = (
    b"\xe2\x80\x9cthe fog \xe2\x80\xa6 lifted\xe2\x80\x9d\xffWe never slept before the fog, at last, lifted.",
    b"10,000 co-operate\xffSome 10 000 co\xe2\x80\x93operate\xc2\xa0here. [T]he end. 10,000 co-operate",
    b"...\xff...",
)
GOLDS = (
    b"- id: builder\n  question: Who?\n  expect: answer\n  all: [Edith, {number: 1871, unit: m}]\n"
    b'  any:\n    - regex: "E.*h"\n    - date: 2024-05-01\n  none: [{words: no}]\n  quotes:\n'
    b"    - source: a.txt\n      text: built in 1871\n      before: was\n  tags: [x]\n  severity: critical\n",
    b"- {id: a, question: q, expect: abstain, fact: f, note: n}\n- &x {id: b, question: *x}\n",
)
WHERES = (b"path=*.md", b"published>=2024-05", b"price<-12.5", b"author != Edith", b"path!=[!a-z]*", b"a=\xc4\xb0")
CONFIGS = (
    b'k = 4\ninclude = ["*.md"]\nthreshold = 0.5\nocr = true\n',
    b'sources = "../x"\nembedder = "~/m"\nmodel = "gguf:m.gguf"\nbase_url = "http://h/v1"\nmax_mb = 9' + b"9" * 30,
)
SIDECARS = (
    b'["a.txt"]\ntitle = "A"\ndate = 2024-05-01T10:00:00Z\nauthors = ["x", {name = "y"}]\n["b.md"]\nurl = ""\n',
)
FRONTS = (
    b"---\ntitle: A\ndate: 2024-05-01\nauthors: [x, {name: y}]\ntags: &t [1, *t]\n---\nText.\n",
    b"---\n? [a, b]\n: !!python/object x\n'k': >-\n  folded\n...\nText\n",
)
