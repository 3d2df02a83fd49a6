"""The retriever through its public names, without a model."""

import threading

import numpy as np
import pytest

import qa
from qa.errors import IndexForeignError, IndexMissingError, QuestionError, WhereError
from qa.index import candidates
from qa.retrieve import rank
from qa.testing import HashEncoder

TEXTS = {
    "fox.txt": "Foxes\n\nThe red fox ran over the hill. It was quick. Nobody saw it.",
    "whale.md": "---\npublisher: Sea Times\npublished: 2024-05-01\n---\n"
    "# Whales\n\nThe blue whale sang. It weighs 150 tonnes.",
    "sub/kite.txt": "Kites\r\n\r\nA kite flew. “It was red,” Ann said.\r\nThe wind 🙂 rose.\r\n",
}


@pytest.fixture
def seeds(tmp_path):
    for name, text in TEXTS.items():
        path = tmp_path / "seeds" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return tmp_path / "seeds"


@pytest.fixture
def opened(seeds, tmp_path):
    with qa.Retriever.build(seeds, tmp_path / "index", encoder=HashEncoder()) as made:
        yield made


def test_hits_and_quotes_are_the_characters_of_their_source(opened):
    for question in ("Who saw the red fox?", "How heavy is the blue whale?", "What did Ann say?", "zzz"):
        hits, evidence = opened.retrieve(question)
        assert hits
        for hit in hits:
            text = opened.document(hit.passage.doc_id).text
            assert hit.text == text[hit.passage.start : hit.passage.end]
        for quote in evidence.quotes:
            document = opened.document(quote.doc_id)
            assert quote.text == document.text[quote.start : quote.end]
            assert quote.line == document.text.count("\n", 0, quote.start) + 1
            assert quote.sha256 == document.sha256
            assert all(quote.start <= span.start <= span.end <= quote.end for span in quote.focus)


def test_the_text_of_a_document_is_the_decoded_file(opened):
    assert {info.id: opened.document(info.id).text for info in opened.documents} == TEXTS
    with pytest.raises(KeyError):
        opened.document("nothing.txt")


def test_sentences_of_a_document_become_quotes_of_its_characters(opened):
    sentences = opened.sentences("sub/kite.txt")
    assert [sentence.number for sentence in sentences] == list(range(len(sentences)))
    quotes = [opened.quote(sentence) for sentence in sentences]
    assert [quote.text for quote in quotes] == ["Kites", "A kite flew.", "“It was red,” Ann said.", "The wind 🙂 rose."]
    assert [quote.line for quote in quotes] == [1, 3, 3, 4]
    assert opened.info("sub/kite.txt").title == "Kites"
    assert [opened.text(sentence) for sentence in sentences] == [quote.text for quote in quotes]
    for first in range(-2, 6):
        for last in (*range(-2, 6), None):
            wanted = [s for s in sentences if first <= s.number and (last is None or s.number <= last)]
            assert opened.sentences("sub/kite.txt", first, last) == wanted
    for start in range(0, sentences[-1].end, 3):
        for end in range(start + 1, sentences[-1].end + 1, 5):
            inside = [s.number for s in sentences if s.start < end and start < s.end]
            assert list(opened.sentences_in("sub/kite.txt", start, end)) == inside
    with pytest.raises(KeyError):
        opened.sentences("nothing.txt")


def test_ranks_count_from_one_and_scores_fall(opened):
    hits = opened.search("the red fox", k=3)
    assert [hit.rank for hit in hits] == [1, 2, 3]
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert hits[0].passage.doc_id == "fox.txt"
    assert hits[0].lexical > 0
    assert -1 <= hits[0].dense <= 1


def test_search_many_gives_what_search_gives(opened):
    queries = ["red fox", "blue whale", "kite"]
    assert opened.search_many(queries, k=2) == [opened.search(query, k=2) for query in queries]


def test_search_encodes_the_query_once_and_not_its_parts(opened, monkeypatch):
    encoded = []
    encode = HashEncoder.encode
    monkeypatch.setattr(HashEncoder, "encode", lambda self, texts, *args: encoded.append(texts) or encode(self, texts))
    query = "Who saw the fox, and when did the kite fly?"
    opened.search(query)
    assert encoded.pop() == [query]
    opened.evidence(query)
    assert len(encoded.pop()) == 3


def test_where_filters_before_ranking(opened):
    hits = opened.search("the red fox", k=5, where=["publisher=sea times"])
    assert {hit.passage.doc_id for hit in hits} == {"whale.md"}
    assert opened.search("whale", where=["published>2025-01-01"]) == []
    evidence = opened.evidence("whale", where=["published>2025-01-01"])
    assert (evidence.quotes, evidence.answerability) == ((), 0.0)
    with pytest.raises(WhereError):
        opened.search("whale", where=["nonsense=1"])


def test_an_empty_or_endless_question_is_refused(opened):
    with pytest.raises(QuestionError, match="is empty"):
        opened.search("  \n")
    with pytest.raises(QuestionError, match="10,000 words"):
        opened.evidence("word " * 10_000)


def test_one_sentence_is_enough_for_an_index(tmp_path):
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "one.txt").write_text("The only sentence.")
    with qa.Retriever.build(tmp_path / "seeds", tmp_path / "index", encoder=HashEncoder()) as made:
        (hit,) = made.search("sentence")
        assert (hit.text, hit.rank) == ("The only sentence.", 1)


def test_candidates_of_a_large_index_give_the_ranking_of_the_whole(tmp_path, monkeypatch):
    rng = np.random.default_rng(7)
    words = [f"w{n}" for n in range(300)]
    (tmp_path / "seeds").mkdir()
    for n in range(40):
        sentences = [" ".join(rng.choice(words, 9)).capitalize() + "." for _ in range(60)]
        (tmp_path / "seeds" / f"{n:02}.txt").write_text(" ".join(sentences))
    with qa.Retriever.build(tmp_path / "seeds", tmp_path / "index", encoder=HashEncoder()) as made:
        queries = [" ".join(rng.choice(words, 6)) for _ in range(20)]
        limited = made.search_many(queries, k=1, where=["path=*"]), made.search_many(queries, k=1)
        monkeypatch.setattr(candidates, "SMALL", 10**9)
        whole = made.search_many(queries, k=1)
    assert limited[0] == limited[1]
    same = [a[0].passage == b[0].passage for a, b in zip(limited[1], whole, strict=True)]
    assert sum(same) >= 0.9 * len(same)


def test_candidates_hold_the_best_of_both_searches(tmp_path, monkeypatch):
    monkeypatch.setattr(candidates, "SMALL", 0)
    monkeypatch.setattr(rank, "CANDIDATES", 3)
    (tmp_path / "seeds").mkdir()
    for n in range(30):
        (tmp_path / "seeds" / f"{n:02}.txt").write_text(
            f"Filler number {n} stands here. " + ("The needle is sharp." if n == 17 else "")
        )
    with qa.Retriever.build(tmp_path / "seeds", tmp_path / "index", encoder=HashEncoder()) as made:
        assert made.search("needle", k=1)[0].passage.doc_id == "17.txt"
        assert "needle" in made.evidence("Is the needle sharp?").quotes[0].text


def test_refresh_moves_to_the_newest_generation(seeds, tmp_path, opened):
    assert not opened.refresh()
    (seeds / "new.txt").write_text("A zebra appeared.")
    qa.Retriever.build(seeds, tmp_path / "index", encoder=HashEncoder()).close()
    assert "new.txt" not in {info.id for info in opened.documents}
    assert opened.refresh()
    assert opened.search("zebra")[0].passage.doc_id == "new.txt"


def test_a_snapshot_loads_the_model_only_when_it_is_used_and_for_all(seeds, tmp_path, monkeypatch):
    loaded = []
    monkeypatch.setattr("qa.embed.encoder.load", lambda *given, **options: loaded.append(given) or HashEncoder())
    qa.Retriever.build(seeds, tmp_path / "index", encoder=HashEncoder()).close()
    with qa.Retriever.open(tmp_path / "index") as retriever:
        first, second = retriever.snapshot(), retriever.snapshot()
        assert first.documents
        assert loaded == []
        assert first.search("fox") == second.search("fox") == retriever.search("fox")
        assert len(loaded) == 1


def test_threads_share_a_retriever_while_it_is_refreshed(seeds, tmp_path, opened):
    wrong = []

    def ask():
        for _ in range(30):
            hits, evidence = opened.retrieve("Who saw the red fox?")
            texts = {hit.text for hit in hits} | {quote.text for quote in evidence.quotes}
            wrong.extend(
                text for text in texts if not any(text in source for source in [*TEXTS.values(), "A zebra appeared."])
            )

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    (seeds / "new.txt").write_text("A zebra appeared.")
    qa.Retriever.build(seeds, tmp_path / "index", encoder=HashEncoder()).close()
    opened.refresh()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_an_index_is_not_opened_with_another_model(seeds, tmp_path, opened):
    with pytest.raises(IndexForeignError, match="whose weights are not those of hash-64"):
        qa.Retriever.open(tmp_path / "index", encoder=HashEncoder(64))


def test_no_index_is_an_error_not_an_empty_result(tmp_path):
    with pytest.raises(IndexMissingError, match="run: qa index"):
        qa.Retriever.open(tmp_path / "index")


def test_assistant_gives_quotes_or_abstains_by_the_threshold(opened):
    question = "Who saw the red fox?"
    answered = qa.Assistant(opened, threshold=0.0).ask(question)
    assert (answered.status, answered.reason, answered.mode) == ("answered", None, "quotes")
    assert [statement.text for statement in answered.statements] == [quote.text for quote in answered.quotes]
    assert answered.text.endswith(f"[{len(answered.quotes)}]")
    near = qa.Assistant(opened, threshold=1.01, uncertain=0.0).ask(question)
    assert (near.status, near.reason, near.text) == ("abstained", "uncertain", "")
    assert near.closest == answered.quotes
    abstained = qa.Assistant(opened, threshold=1.01, uncertain=1.01).ask(question)
    assert (abstained.status, abstained.reason, abstained.text) == ("abstained", "not_in_sources", "")
    assert abstained.statements == abstained.quotes == ()
    assert abstained.hits == answered.hits
    assert abstained.index == {"generation": opened.generation, "model": "hash-256"}
