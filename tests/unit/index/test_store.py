"""What is written is what is read, for any text."""

import shutil

import numpy as np
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from qa.errors import SourceError
from qa.index import searched, signature, store
from qa.index import write as writer
from qa.index.store import Generation, Source
from qa.ingest.pipeline import prepare

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn", "Co"]), min_size=1, max_size=300)
WORDY = st.lists(
    st.sampled_from(["Größe.", "It ran.", "東京。", "🙂 yes!", "\r\n\r\n", "“Quoted,” he said.", " "]), min_size=1
)
ABOUT = {
    "fingerprint": "none",
    "built_ns": 1,
    "recipe": {"weights": "none"},
    "settings": {"precision": "auto"},
    "model": {"name": "none", "weights": "none", "dim": 8},
}
TEXTS = st.lists(st.one_of(TEXT, WORDY.map(" ".join)).map(lambda text: "Start. " + text), min_size=1, max_size=5)


@settings(deadline=None, max_examples=60)
@given(TEXTS, st.integers(0, 2**31))
def test_a_generation_round_trips(tmp_path_factory, texts, seed):
    index = tmp_path_factory.mktemp("index")
    try:
        prepared = [prepare(f"{n}.md", text.encode(), {"publisher": f"P{n}"}) for n, text in enumerate(texts)]
    except SourceError:
        reject()  # what a reader refuses is never written
    sources = [Source(p.document.id, "indexed", 1, n, p.document.sha256) for n, p in enumerate(prepared)]
    rng = np.random.default_rng(seed)
    counts = {"passages": sum(len(p.passages) for p in prepared), "sentences": sum(len(p.sentences) for p in prepared)}
    divided = [passage for p in prepared for passage in searched.divided(p)]
    vectors = [rng.standard_normal((1 + len(passage.parts), 8)).astype(np.float32) for passage in divided]
    keys = [rng.bytes(16) for _ in divided]
    with writer.GenerationWriter(index / "made") as out:
        for p in prepared:
            out.add_document(p)
        for at in range(0, len(divided), 3):
            out.add_passages(divided[at : at + 3], keys[at : at + 3], vectors[at : at + 3])
        sha256 = out.finish(sources, ABOUT, signature.key())
    writer.publish(index, index / "made", "gen-1-000000000000", sha256)

    opened = Generation.open(index)
    assert [opened.prepared(n) for n in range(len(prepared))] == prepared
    assert opened.sources() == tuple(sources)
    whole, parts = np.stack([rows[0] for rows in vectors]), np.concatenate([rows[1:] for rows in vectors])
    np.testing.assert_array_equal(opened.passage_vectors.rows(np.arange(counts["passages"])), whole)
    np.testing.assert_array_equal(opened.sentence_vectors.rows(np.arange(counts["sentences"])), parts)
    assert opened.keys() == keys
    assert [opened.documents.number(p.document.id) for p in prepared] == list(range(len(prepared)))
    with pytest.raises(KeyError):
        opened.documents.number("0.mdx")
    for number, p in enumerate(prepared):
        for sentence in p.sentences:
            assert opened.text(number, sentence.start, sentence.end) == p.document.text[sentence.start : sentence.end]
    assert store.verify(index) == []
    opened.close()
    shutil.rmtree(index)


def test_every_sentence_is_a_part_of_its_passage_as_it_is_embedded():
    text = "# A *bold* head\n\nThe **red** fox ran. It was quick.\n\n- one item\n- another [one](x.html)\n"
    prepared = prepare("a.md", text.encode())
    found = [passage.text[start:end].strip() for passage in searched.divided(prepared) for start, end in passage.parts]
    assert found == ["A bold head", "The red fox ran.", "It was quick.", "one item", "another one"]
