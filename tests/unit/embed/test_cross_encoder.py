"""Rerankers, readers and entailment models: the same scores as with the libraries they come from, without torch."""

import json
import subprocess
import sys

import numpy as np
import pytest
from support.tiny_models import NLI, make

from qa.embed import encoder, pair_export, recommended
from qa.embed.cross_encoder import CrossEncoder, EntailmentModel, SpanReader
from qa.errors import ModelError
from qa.records import Span

pytestmark = pytest.mark.xdist_group("torch")  # one worker imports it
QUESTION = "Which aircraft fires JASSMs?"
TEXTS = ["The F-16 does.", "", "Nobody knows; the ferry leaves at 9:40.", "word " * 50, "東京"]


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """A tiny model of each kind."""
    root = tmp_path_factory.mktemp("models")
    return {
        "reranker": make(root / "reranker", "classifier"),
        "reader": make(root / "reader", "reader"),
        "entailment": make(root / "entailment", "classifier", NLI),
        "encoder": make(root / "encoder", "encoder"),
    }


def test_a_reranker_gives_the_scores_of_sentence_transformers(folders, cache):
    import torch
    from sentence_transformers import CrossEncoder as Original

    said = []
    ours = CrossEncoder(str(folders["reranker"]), cache, said.append).rerank(QUESTION, TEXTS)
    original = Original(str(folders["reranker"]), device="cpu")
    theirs = original.predict([(QUESTION, text) for text in TEXTS], activation_fn=torch.nn.Sigmoid())
    np.testing.assert_allclose(ours, theirs, atol=1e-5)
    assert len(set(np.round(ours, 3))) > 2
    assert len(said) == 1


def test_a_reader_finds_the_span_that_trying_all_finds(folders, cache):
    import torch
    from transformers import AutoModelForQuestionAnswering, AutoTokenizer

    folder = str(folders["reader"])
    model, tokenizer = AutoModelForQuestionAnswering.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
    ours = SpanReader(folder, cache).read(QUESTION, TEXTS)
    assert ours[1] == (Span(0, 0), 0.0)
    for text, (span, score) in zip(TEXTS, ours, strict=True):
        if not text:
            continue
        tokens = tokenizer(QUESTION, text, truncation=True, max_length=62, return_tensors="pt")
        with torch.no_grad():
            found = model(**tokens)
        start, end = found.start_logits[0].tolist(), found.end_logits[0].tolist()
        inside = [i for i, part in enumerate(tokens.sequence_ids(0)) if part == 1]
        sums = {(a, b): start[a] + end[b] for a in inside for b in inside if a <= b < a + 30}
        (first, last), best = max(sums.items(), key=lambda item: item[1])
        places = [tokens.token_to_chars(0, i) for i in (first, last)]
        assert span == Span(places[0].start, places[1].end)
        assert score == pytest.approx(1 / (1 + np.exp(start[0] + end[0] - best)), abs=1e-5)


def test_an_entailment_model_gives_the_probabilities_of_transformers(folders, cache):
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    folder = str(folders["entailment"])
    model, tokenizer = AutoModelForSequenceClassification.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
    pairs = [("The ferry leaves at 9:40.", "It leaves before ten."), ("a", "b"), ("word " * 50, "a claim")]
    ours = EntailmentModel(folder, cache).entails(pairs)
    for pair, probability in zip(pairs, ours, strict=True):
        tokens = tokenizer(*pair, truncation=True, max_length=62, return_tensors="pt")
        with torch.no_grad():
            logits = model(**tokens).logits
        assert probability == pytest.approx(float(logits.softmax(-1)[0, 1]), abs=1e-5)


def test_a_text_has_the_same_score_in_whatever_company_it_is_read(folders, cache):
    model = CrossEncoder(str(folders["reranker"]), cache)
    together = model.rerank(QUESTION, TEXTS)
    assert [model.rerank(QUESTION, [text])[0] for text in TEXTS] == pytest.approx(together, abs=1e-5)
    assert model.rerank(QUESTION, []) == []


def test_the_second_use_exports_nothing_and_imports_no_torch(folders, cache):
    CrossEncoder(str(folders["reranker"]), cache).rerank(QUESTION, TEXTS)
    script = (
        "import socket, sys; socket.socket.connect = lambda *a: sys.exit('the network was used'); "
        "from pathlib import Path; from qa.embed.cross_encoder import CrossEncoder; "
        f"CrossEncoder({str(folders['reranker'])!r}, Path({str(cache)!r}), lambda text: sys.exit('exported again'))"
        ".rerank('a', ['b']); print({'torch', 'transformers', 'sentence_transformers'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "set()", "")


@pytest.mark.parametrize(
    ("role", "use"),
    [
        ("reranker", lambda name: CrossEncoder(name).rerank("a", ["b"])),
        ("reader", lambda name: SpanReader(name).read("a", ["b"])),
        ("entailment", lambda name: EntailmentModel(name).entails([("a", "b")])),
    ],
)
def test_a_model_that_is_not_here_says_how_to_fetch_it(role, use, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    message = f"{role} 'nobody/nothing' is not on this machine; fetch it with: qa models add nobody/nothing"
    with pytest.raises(ModelError, match=message):
        use("nobody/nothing")


def test_a_classifier_of_several_labels_is_no_reranker(folders, tmp_path):
    with pytest.raises(ModelError, match="it gives 3 scores for a pair, and a reranker gives one"):
        CrossEncoder(str(folders["entailment"]), tmp_path).rerank("a", ["b"])


def test_a_classifier_without_entailment_is_no_judge(tmp_path):
    folder = make(tmp_path / "mood", "classifier", ("happy", "sad"))
    with pytest.raises(ModelError, match="has the labels happy, sad, of which none is entailment"):
        EntailmentModel(str(folder), tmp_path / "cache").entails([("a", "b")])


def test_an_export_that_differs_is_not_used_and_is_remembered(folders, tmp_path, monkeypatch):
    monkeypatch.setattr(pair_export, "MOST_DIFFERENCE", -1.0)
    for _ in range(2):
        with pytest.raises(ModelError, match="its ONNX export differs from the original by"):
            CrossEncoder(str(folders["reranker"]), tmp_path).rerank("a", ["b"])
    (meta,) = tmp_path.glob("reranker-*/meta.json")
    assert list(json.loads(meta.read_text())) == ["problem"]


def test_code_of_a_model_is_refused(folders, tmp_path):
    (tmp_path / "m").mkdir()
    for path in folders["reader"].iterdir():
        (tmp_path / "m" / path.name).write_bytes(path.read_bytes())
    config = json.loads((tmp_path / "m" / "config.json").read_text()) | {"auto_map": {"AutoModel": "code.Model"}}
    (tmp_path / "m" / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelError, match="names code of its own"):
        SpanReader(str(tmp_path / "m"), tmp_path / "cache").read("a", ["b"])


def test_an_embedder_gets_the_prefixes_that_the_table_names(folders, tmp_path, monkeypatch):
    name = str(folders["encoder"])
    plain = encoder.load(name, cache=tmp_path)
    prefixes = {"query": "query: ", "document": "passage: "}
    entry = recommended.Recommended(name, "embedder", "", "mit", prefixes=prefixes)
    monkeypatch.setitem(recommended.table(), name, entry)
    loaded = encoder.load(name, cache=tmp_path)
    assert loaded.backend == "onnx"
    assert loaded.weights != plain.weights  # so that an index made without them is made anew
    for kind, prefix in prefixes.items():
        expected = plain.encode([prefix + text for text in TEXTS], kind)
        np.testing.assert_allclose(loaded.encode(TEXTS, kind), expected, atol=1e-5)
        np.testing.assert_allclose(encoder.load_torch(name).encode(TEXTS, kind), expected, atol=1e-4)
