"""Vectors of sentences out of their passage's pass through the model, batches, and the choice of a runtime."""

import json
import subprocess
import sys
from dataclasses import dataclass, field

import numpy as np
import pytest

from qa.embed import encoder, fastest, parts
from qa.embed.parts import Divided
from qa.embed.tokens import Tokens, means
from qa.testing import HashEncoder


@dataclass
class Encoded:
    ids: list[int]
    offsets: list[tuple[int, int]] = field(default_factory=list)
    overflowing: tuple[int, ...] = ()

    @property
    def attention_mask(self):
        return [1] * len(self.ids)

    @property
    def type_ids(self):
        return [0] * len(self.ids)

    @property
    def special_tokens_mask(self):
        return [1, *([0] * (len(self.ids) - 2)), 1]


class Words:
    """A tokenizer of words apart by single spaces, between two marks, at most eight tokens."""

    def encode_batch(self, texts):
        made = []
        for text in texts:
            places, at = [], 0
            for word in text.split(" "):
                places.append((at, at + len(word)))
                at += len(word) + 1
            kept = places[:6]
            ids = [101, *(at + 1 for at, _ in kept), 102]
            made.append(Encoded(ids, [(0, 0), *kept, (0, 0)], () if kept == places else (1,)))
        return made


def test_batches_hold_every_text_once_and_little_padding():
    texts = ["a " * n + "b" for n in (5, 0, 1, 4, 0, 2, 1, 3)]
    tokens = Tokens(Words(), texts)
    found = list(tokens.batches(12, ["input_ids", "attention_mask"], 999))
    assert sorted(row for batch in found for row in batch.rows) == list(range(8))
    for batch in found:
        ids, mask = batch.fields["input_ids"], batch.fields["attention_mask"]
        assert ids.size <= 12
        assert ((ids == 999) == (mask == 0)).all()
        assert (mask.sum(axis=1) == [len(texts[row].split(" ")) + 2 for row in batch.rows]).all()


def test_lengths_are_multiples_of_a_step_so_that_few_shapes_occur():
    tokens = Tokens(Words(), ["a " * (n % 6) + "b" for n in range(40)])
    inputs = ["input_ids", "attention_mask"]
    batches = list(tokens.batches(48, inputs, 999, step=4))
    assert {batch.fields["input_ids"].shape for batch in batches} == {(12, 4), (6, 8), (4, 8)}
    for batch in batches:
        assert ((batch.fields["input_ids"] == 999) == (batch.fields["attention_mask"] == 0)).all()
        assert (batch.fields["attention_mask"].sum(axis=1) == [row % 6 + 3 for row in batch.rows]).all()


def test_a_text_longer_than_a_batch_is_a_batch_alone():
    (only,) = Tokens(Words(), ["a b c d"]).batches(3, ["input_ids"], 0)
    assert only.fields["input_ids"].shape == (1, 6)


def test_a_part_gets_the_mean_of_its_own_tokens_behind_a_prefix():
    tokens = Tokens(Words(), ["aa bb cc dd"], prefix="query ")
    vectors = np.arange(7, dtype=np.float32)[:, None]  # of: mark, query, aa, bb, cc, dd, mark
    found = tokens.means(0, vectors, [(0, 5), (6, 11)])
    assert [float(mean[0]) for mean in found] == [2.5, 4.5]


def test_a_part_that_was_cut_off_or_has_no_token_has_no_vector():
    tokens = Tokens(Words(), ["a b c d e f g h"])
    vectors = np.arange(8, dtype=np.float32)[:, None]
    found = tokens.means(0, vectors, [(0, 3), (8, 13), (13, 15)])
    assert [None if mean is None else float(mean[0]) for mean in found] == [1.5, None, None]
    places = np.array([[0, 1], [2, 3]])
    assert means(places, vectors[:2], [(1, 2)], None) == [None]


def test_an_encoder_without_parts_encodes_sentences_by_themselves():
    passages = [
        Divided("the otter swam. it slept.", ((0, 15), (16, 25)), ("the otter swam.", "it slept.")),
        Divided("a", (), ()),
    ]
    first, second = parts.encode(HashEncoder(), passages)
    expected = HashEncoder().encode(["the otter swam. it slept.", "the otter swam.", "it slept."])
    np.testing.assert_array_equal(first, expected)
    assert second.shape == (1, 256)


@pytest.mark.xdist_group("torch")
def test_the_default_model_gives_parts_in_context_and_encodes_alone_what_it_could_not_see():
    model = encoder.load()
    assert model.pools
    fox, quick = "The red fox ran.", "It was quick."
    short = Divided(f"Title\n{fox} {quick}", ((6, 22), (23, 36)), (fox, quick))
    long = Divided("so " * 400 + fox, ((0, 10), (1200, 1216)), ("so so so", fox))
    found = parts.encode(model, [short, long])
    np.testing.assert_allclose(found[0][0], model.encode([short.text])[0], atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(found[0], axis=1), 1, atol=1e-5)
    alone = model.encode([fox, quick])
    assert found[0][1] @ alone[0] > found[0][1] @ alone[1]  # it is about the fox
    assert found[0][1] @ alone[0] < 0.99  # but read in its place
    np.testing.assert_allclose(found[1][2], alone[0], atol=1e-5)


@pytest.fixture
def ready(tmp_path):
    """An exported model that is never run."""
    meta = {"dim": 4, "pools": True, "inputs": [], "prefix": {}, "max_tokens": 8, "pad_id": 0}
    return encoder.ExportedEncoder("m", "ab" * 32, tmp_path, meta, "float32")


def test_the_fastest_runtime_is_measured_once_for_each_machine(ready, tmp_path, monkeypatch):
    measured, said = [], []

    def measure(ready, names):
        measured.append(names)
        return {"onnx": 1.0, "torch": 0.5}

    monkeypatch.setattr(fastest, "_in_child", measure)
    monkeypatch.setattr(fastest, "available", lambda precision: ("onnx", "torch"))

    def chosen():
        return fastest.choose(ready, lambda: None, tmp_path, said.append).backend

    assert [chosen(), chosen()] == ["torch", "torch"]
    assert (measured, len(said)) == ([("onnx", "torch")], 1)
    monkeypatch.setattr(fastest, "machine", lambda: "another")
    assert chosen() == "torch"
    assert len(measured) == 2


def test_the_test_of_the_runtimes_leaves_nothing_in_memory(tmp_path):
    script = (
        "import sys; from pathlib import Path; from qa.embed import encoder, fastest; ready = encoder.load(); "
        "chosen = fastest.choose(ready, lambda: None, Path(sys.argv[1])); print(chosen.backend, 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True)
    backend, torch_is_here = done.stdout.split()
    (remembered,) = tmp_path.glob("fastest-*.json")
    known = json.loads(remembered.read_text())
    assert "onnx" in known["seconds"]  # PyTorch may be too slow to be timed on a busy machine
    assert min(known["seconds"].values()) > 0
    assert (backend, torch_is_here) == (known["fastest"], "False")


def test_a_test_that_ends_the_process_leaves_onnx_runtime(ready, tmp_path, monkeypatch):
    monkeypatch.setattr(fastest, "MEMORY", 1_000_000)  # too little to load anything
    assert fastest.choose(ready, lambda: None, tmp_path).backend == "onnx"


def test_a_runtime_must_be_clearly_faster_than_the_one_that_is_loaded_anyway():
    assert fastest._best({"onnx": 1.0, "torch": 0.95}) == "onnx"
    assert fastest._best({"onnx": 1.0, "torch": 0.8, "torch-bf16": 0.7}) == "torch-bf16"


def test_a_runtime_that_fails_or_gives_other_vectors_is_left_out(ready, monkeypatch):
    def encode(self, texts, kind="document", progress=None):
        if self.backend == "torch":
            raise RuntimeError("no such instruction")
        out = np.zeros((len(texts), 4), dtype=np.float32)
        out[:, 1 if self.backend == "torch-bf16" else 0] = 1
        return out

    monkeypatch.setattr(encoder.ExportedEncoder, "encode", encode)
    assert set(fastest._measure(ready, ("onnx", "torch", "torch-bf16"), lambda: None)) == {"onnx"}


def test_a_runtime_that_emulates_its_precision_is_not_timed(ready, monkeypatch):
    encoded = []

    def encode(self, texts, kind="document", progress=None):
        encoded.append((self.backend, len(texts)))
        return np.ones((len(texts), 4), dtype=np.float32)

    monkeypatch.setattr(encoder.ExportedEncoder, "encode", encode)
    monkeypatch.setattr(fastest, "_probe", lambda rival: 9.0 if rival.backend == "torch-bf16" else 1.0)
    assert set(fastest._measure(ready, ("onnx", "torch", "torch-bf16"), lambda: None)) == {"onnx", "torch"}
    assert "torch-bf16" not in {backend for backend, _ in encoded}


def test_a_runtime_that_is_the_only_one_of_its_precision_is_tried_too_and_the_result_is_kept(
    ready, tmp_path, monkeypatch
):
    said, cosines = [], iter([0.9, 1.0])
    monkeypatch.setattr(fastest, "_in_child", lambda ready, names: fastest._measure(ready, names, lambda: None))
    monkeypatch.setattr(fastest, "available", lambda precision: ("torch-bf16",))
    monkeypatch.setattr(fastest, "_agrees", lambda rival, exact: next(cosines) > fastest.MIN_COSINE)
    monkeypatch.setattr(encoder.ExportedEncoder, "encode", lambda self, texts: np.ones((len(texts), 4)))

    def chosen():
        return fastest.choose(ready, lambda: None, tmp_path, said.append).backend

    assert [chosen(), chosen(), len(said)] == ["onnx", "onnx", 1]
    monkeypatch.setattr(fastest, "machine", lambda: "another")
    assert [chosen(), chosen(), len(said)] == ["torch-bf16", "torch-bf16", 2]


def test_openvino_gives_the_same_vectors_and_reports_to_nobody():
    pytest.importorskip("openvino", reason="needs the extra fast")
    script = """
import socket
def refuse(*args, **options): raise SystemExit(f"the network was asked: {args}")
socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse
from qa.embed import encoder
model, texts = encoder.load(), ["Which aircraft carries the missile?", "word " * 300]
for name, least in (("openvino", 0.9999), ("openvino-bf16", 0.9995)):
    cosine = (model.run_by(name, None).encode(texts) * model.encode(texts)).sum(axis=1).min()
    assert cosine > least, (name, cosine)
import sys
assert not sys.modules.get("openvino_telemetry")
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
