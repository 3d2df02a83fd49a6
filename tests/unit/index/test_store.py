"""What is written is what is read, for any text."""

import shutil

import numpy as np
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from qa.errors import SourceError
from qa.index import searched, signature, store
from qa.index import write as writer
from qa.index.store import Generation, Source
from qa.ingest import prepare

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn", "Co"]), min_size=1, max_size=300)
WORDY = st.lists(
    st.sampled_from(["Größe.", "It ran.", "東京。", "🙂 yes!", "\r\n\r\n", "“Quoted,” he said.", " "]), min_size=1
)
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
    vectors = {name: rng.standard_normal((count, 8)).astype(np.float32) for name, count in counts.items()}
    keys = {name: [rng.bytes(16) for _ in range(count)] for name, count in counts.items()}
    rows, about = (vectors["passages"], vectors["sentences"]), {"model": {"name": "none"}}
    words = searched.texts(prepared)
    sha256 = writer.write(index / "made", prepared, sources, *rows, words, keys, about, signature.key())
    writer.publish(index, index / "made", "gen-1-000000000000", sha256)

    opened = Generation.open(index)
    assert [opened.prepared(n) for n in range(len(prepared))] == prepared
    assert opened.sources() == tuple(sources)
    for name, index_of in (("passages", opened.passage_vectors), ("sentences", opened.sentence_vectors)):
        np.testing.assert_array_equal(index_of.rows(np.arange(counts[name])), vectors[name])
        assert opened.keys(name) == keys[name]
    for number, p in enumerate(prepared):
        for sentence in p.sentences:
            assert opened.text(number, sentence.start, sentence.end) == p.document.text[sentence.start : sentence.end]
    assert store.verify(index) == []
    opened.close()
    shutil.rmtree(index)
