"""Answers of a model: every quote copied by code, every statement judged, whatever the model says."""

import json
import re
from itertools import islice

import pytest

import qa
from qa.answer.assistant import Assistant
from qa.answer.events import Asked, Done, Restarted, Retrieved, Stated
from qa.errors import BadReplyError, ChatError, ContentRefusedError, ContextTooLongError, DeadlineError, EndpointError
from qa.llm.protocol import ChatReply, Delta
from qa.records import Evidence, Part, Quote
from qa.testing import FakeChat, HashEncoder

TEXT = (
    "The harbour letter\n\n"
    "On Monday, 17 former captains signed a letter to Mayor Ann Marlow. "
    "The letter asks her to close the old harbour. "
    "“A closure cannot come soon enough,” captain Joe Brandt wrote. "
    "Marlow said the harbour may be closed in the spring. "
    "The new ferries would not be able to reach Northpoint. "
    "Fishermen oppose the plan.\n"
)


@pytest.fixture(scope="module")
def retriever(tmp_path_factory):
    root = tmp_path_factory.mktemp("letter")
    (root / "seeds").mkdir()
    (root / "seeds" / "letter.txt").write_text(TEXT)
    (root / "seeds" / "other.txt").write_text("Weather\n\nIt rained. The wind was strong on Tuesday.\n")
    with qa.Retriever.build(root / "seeds", root / "index", encoder=HashEncoder()) as made:
        yield made


def says(*statements):
    """A reply that points at the sentences that hold the given words: (words to point at, statement text) each."""

    def reply(request):
        user = request.messages[1].content
        ids = {text: name for name, text in re.findall(r"^\[(s\d+)\] (.*)$", user, re.M)}

        def find(words):
            return next(name for text, name in ids.items() if words in text)

        made = [
            {"evidence": [find(w) for w in (words if isinstance(words, list) else [words])], "text": text}
            for words, text in statements
        ]
        return {"statements": made}

    return reply


def ask(retriever, chat, question="How many captains signed the letter?", threshold=0.0, floor=0.0, **options):
    return qa.Assistant(retriever, chat, threshold=threshold, floor=floor, **options).ask(question)


def events(retriever, chat, question="How many captains signed the letter?", **options):
    """All events of an answer, without `Retrieved` and `Asked`, and the answer."""
    *made, done = qa.Assistant(retriever, chat, threshold=0.0, floor=0.0, **options).stream(question)
    return [event for event in made if isinstance(event, Stated | Restarted)], done.answer


def test_a_supported_statement_is_answered_with_quotes_copied_by_code(retriever):
    answer = ask(retriever, FakeChat(says(("17 former captains", "17 former captains signed the letter."))))
    assert (answer.status, answer.mode, answer.reason) == ("answered", "llm", None)
    (statement,) = answer.statements
    (quote,) = answer.quotes
    assert (statement.verdict, statement.problems, statement.quotes) == ("unconfirmed", (), (1,))
    assert quote.text == "On Monday, 17 former captains signed a letter to Mayor Ann Marlow."
    assert TEXT[quote.start : quote.end] == quote.text
    assert answer.text == "17 former captains signed the letter. [1]"
    assert answer.model == "fake"
    assert len(answer.prompt_sha256) == 64


def test_the_prompt_takes_more_passages_than_the_answer_lists(retriever):
    def numbers(k, passages):
        chat = FakeChat({"statements": []})
        answer = ask(retriever, chat, k=k, prompt_passages=passages)
        return len(answer.hits), "It rained." in chat.requests[0].messages[1].content

    assert numbers(1, 1) == (1, False)
    assert numbers(1, 30) == (1, True)
    assert len(qa.Assistant(retriever, k=1).ask("How many captains signed the letter?").hits) == 1


def test_marks_that_the_prompt_replaces_are_back_in_the_statement(tmp_path):
    (tmp_path / "seeds").mkdir()
    text = "The command `qa [--k N]` prints {a} <b> to the screen."
    (tmp_path / "seeds" / "a.txt").write_text(text + "\n")
    with qa.Retriever.build(tmp_path / "seeds", tmp_path / "index", encoder=HashEncoder()) as retriever:

        def copies(request):
            (shown,) = re.findall(r"^\[s1\] (.*)$", request.messages[1].content, re.M)
            assert shown != text
            return {"statements": [{"evidence": ["s1"], "text": shown}]}

        (statement,) = ask(retriever, FakeChat(copies), "What does the command print?").statements
    assert (statement.text, statement.verdict) == (text, "supported")


@pytest.mark.parametrize("strict", [False, True])
def test_what_a_model_says_again_and_again_is_said_once(retriever, strict):
    good, bad = "On Monday, 17 former captains signed a letter to Mayor Ann Marlow.", "40 sailors burned the letter."
    repeated = says(
        ("17 former", good), ("close the old", bad), ("17 former", bad), ("close the old", good), ("Fisher", bad)
    )
    stated, answer = events(retriever, FakeChat(repeated), strict=strict)
    assert [statement.text for statement in (*answer.statements, *answer.rejected)] == [good, bad]
    assert tuple(event.statement for event in stated) == answer.statements
    assert len(answer.quotes) == (1 if strict else 2)


def test_an_unsupported_statement_beside_one_that_passes_is_marked(retriever):
    replies = says(
        ("17 former", "17 former captains signed the letter."), ("17 former", "40 sailors burned the letter.")
    )
    answer = ask(retriever, FakeChat(replies))
    assert [s.verdict for s in answer.statements] == ["unconfirmed", "unsupported"]
    assert answer.text.startswith("17 former captains signed the letter. [1] NOT SUPPORTED: 40")
    assert any("40" in problem for problem in answer.statements[1].problems)


def test_strict_moves_all_but_supported_ones_to_rejected_and_their_quotes_go_with_them(retriever):
    copied = "On Monday, 17 former captains signed a letter to Mayor Ann Marlow."
    other = "The harbour may close in the spring."
    replies = says(("rained", "It rained 40 days."), ("spring", other), ("17 former", copied))
    answer = ask(retriever, FakeChat(replies), strict=True)
    assert [s.verdict for s in answer.statements] == ["supported"]
    assert [(s.text, s.verdict) for s in answer.rejected] == [
        ("It rained 40 days.", "unsupported"),
        (other, "unconfirmed"),
    ]
    assert [q.n for q in answer.quotes] == [1]
    assert "17" in answer.quotes[0].text


def test_when_nothing_survives_a_high_estimate_gives_the_quotes_and_keeps_what_was_rejected(retriever):
    answer = ask(retriever, FakeChat(says(("17 former", "40 captains signed the letter."))))
    assert (answer.status, answer.mode) == ("answered", "quotes")
    assert [s.text for s in answer.rejected] == ["40 captains signed the letter."]
    assert all(s.text == q.text for s, q in zip(answer.statements, answer.quotes, strict=True))


def test_when_nothing_survives_a_low_estimate_abstains_as_unsupported(retriever):
    answer = ask(retriever, FakeChat(says(("17 former", "40 captains signed the letter."))), threshold=1.01)
    assert (answer.status, answer.reason, answer.text) == ("abstained", "unsupported", "")
    assert answer.statements == answer.quotes == ()
    assert len(answer.rejected) == 1


def test_a_model_that_finds_nothing_and_a_low_estimate_abstain_as_not_in_sources(retriever):
    answer = ask(retriever, FakeChat({"statements": []}), threshold=1.01, uncertain=1.01)
    assert (answer.status, answer.reason, answer.rejected) == ("abstained", "not_in_sources", ())


def test_between_the_limits_the_closest_quotes_come_as_uncertain(retriever):
    answer = ask(retriever, None, threshold=1.01, uncertain=0.0)
    assert (answer.status, answer.reason, answer.quotes) == ("abstained", "uncertain", ())
    assert answer.closest


PARTS = (Part("Who built it?", 0.9, (1,)), Part("Who paid?", 0.1, (2,)))


def test_a_part_that_is_not_found_is_named_and_its_quote_is_only_close(retriever):
    first, second = (Quote(n, "a.txt", 10 * n, 10 * n + 4, "text", 1, None, "A", "00") for n in (1, 2))
    evidence = Evidence((first, second), 0.9, {}, parts=PARTS)
    done = [*Assistant(retriever, threshold=0.5).stream_from("?", Retrieved((), evidence, 0.0))][-1]
    assert (done.answer.quotes, done.answer.missing) == ((first,), ("Who paid?",))
    assert [quote.start for quote in done.answer.closest] == [second.start]
    whole = [*Assistant(retriever, threshold=0.05).stream_from("?", Retrieved((), evidence, 0.0))][-1]
    assert (whole.answer.quotes, whole.answer.missing) == ((first, second), ())


def test_below_the_floor_no_model_is_asked(retriever):
    chat = FakeChat()
    answer = ask(retriever, chat, floor=1.01)
    assert (answer.status, answer.reason, answer.mode) == ("abstained", "not_in_sources", "llm")
    assert chat.requests == []


def test_a_statement_that_points_nowhere_is_never_supported(retriever):
    chat = FakeChat("17 former captains signed the letter.")
    answer = ask(retriever, chat, threshold=1.01)
    assert answer.reason == "unsupported"
    assert answer.rejected[0].problems == ("It points at no sentence of the sources.",)


def test_a_right_statement_with_a_wrong_pointer_gets_the_sentence_that_proves_it(retriever):
    answer = ask(retriever, FakeChat(says(("rained", "17 former captains signed the letter."))))
    assert (answer.status, answer.mode) == ("answered", "llm")
    assert [q.text for q in answer.quotes] == ["On Monday, 17 former captains signed a letter to Mayor Ann Marlow."]


def test_a_quote_that_is_dropped_proves_nothing(retriever):
    replies = says((["17 former", "would not be able"], ":NO"))
    answer = ask(retriever, FakeChat(replies), "How many captains signed the letter to Marlow?", threshold=1.01)
    assert (answer.status, answer.reason) == ("abstained", "unsupported")


@pytest.mark.parametrize(
    ("pointed", "text"), [("rained", "It rained."), ("17 former", "17."), ("17 former", "The captains signed it.")]
)
def test_what_nobody_confirmed_is_no_answer_where_the_estimate_is_low(retriever, pointed, text):
    answer = ask(retriever, FakeChat(says((pointed, text))), "Which captains signed the letter?", threshold=1.01)
    assert (answer.status, answer.reason, answer.statements) == ("abstained", "uncertain", ())
    assert [statement.text for statement in answer.rejected] == [text]
    assert answer.closest
    assert all(TEXT[quote.start : quote.end] == quote.text for quote in answer.closest)


def test_a_copy_that_answers_is_an_answer_where_the_estimate_is_low(retriever):
    copied = "On Monday, 17 former captains signed a letter to Mayor Ann Marlow."
    answer = ask(retriever, FakeChat(says(("17 former", copied))), "How many captains signed?", threshold=1.01)
    assert [(s.text, s.verdict) for s in answer.statements] == [(copied, "supported")]


def test_a_copy_without_what_is_asked_for_is_no_answer_where_the_estimate_is_low(retriever):
    chat = FakeChat(says(("asks her", "The letter asks her to close the old harbour.")))
    answer = ask(retriever, chat, "How many letters are there?", threshold=1.01)
    assert (answer.status, answer.reason) == ("abstained", "uncertain")


def test_yes_against_a_negation_is_caught(retriever):
    chat = FakeChat(says(("not be able to reach", "Yes, the new ferries could reach Northpoint.")))
    answer = ask(retriever, chat, "Could the new ferries reach Northpoint?", threshold=1.01)
    assert answer.status == "abstained"


@pytest.mark.parametrize(
    "error", [EndpointError("down"), BadReplyError("broken"), ContentRefusedError("no"), ContextTooLongError("long")]
)
def test_a_failure_of_the_chat_is_an_error_never_silence(retriever, error):
    with pytest.raises(ChatError):
        ask(retriever, FakeChat(error, error))


@pytest.mark.parametrize("reply", ["{ broken", '{"statements": [{"evi'])
def test_an_unreadable_answer_is_an_error_never_silence(retriever, reply):
    with pytest.raises(BadReplyError):
        ask(retriever, FakeChat(reply))


def test_a_prompt_that_is_too_long_is_halved_once(retriever):
    chat = FakeChat(ContextTooLongError("too long"), says(("17 former", "17 former captains signed the letter.")))
    answer = ask(retriever, chat)
    assert answer.status == "answered"
    first, second = (len(request.messages[1].content) for request in chat.requests)
    assert second < first


def test_half_of_a_prompt_gets_what_is_left_of_the_deadline(retriever, endpoint):
    naps = []

    def too_long_after_a_while(handler, body):
        naps.append(0.75)
        endpoint.error(413, "too long")(handler, body)

    endpoint.script(too_long_after_a_while, endpoint.error(500, "oops"), endpoint.answer('{"statements": []}'))
    with (
        qa.OpenAIChat("m", endpoint.base_url, deadline=1, sleep=naps.append, clock=lambda: sum(naps)) as chat,
        pytest.raises(DeadlineError),
    ):
        ask(retriever, chat)
    assert len(endpoint.requests) == 2


def test_streaming_yields_each_statement_once_with_its_new_quotes(retriever):
    replies = says(
        ("17 former", "17 former captains signed the letter."),
        (["17 former", "close the old harbour"], "The letter asks Mayor Ann Marlow to close the old harbour."),
    )
    stated, answer = events(retriever, FakeChat(replies))
    assert tuple(event.statement for event in stated) == answer.statements
    assert [[quote.n for quote in event.quotes] for event in stated] == [[1], [2]]


def test_streaming_yields_what_was_retrieved_then_the_prompt_then_the_statements_then_the_answer(retriever):
    chat = FakeChat(says(("17 former", "17 former captains signed the letter.")))
    stream = qa.Assistant(retriever, chat, threshold=0.0, floor=0.0).stream("How many captains signed the letter?")
    retrieved, asked = next(stream), next(stream)
    assert isinstance(retrieved, Retrieved)
    assert isinstance(asked, Asked)
    assert chat.requests == []  # nothing is sent before the reader of the events goes on
    stated, done = stream
    assert isinstance(stated, Stated)
    assert isinstance(done, Done)
    assert done.answer.hits == retrieved.hits
    (claim,) = done.claims
    assert claim.text == "17 former captains signed the letter."
    assert [retriever.text(sentence) for sentence in claim.sentences] == [done.answer.quotes[0].text]
    (sent,) = chat.requests
    assert (sent.messages, sent.schema) == (asked.prompt.request.messages, asked.prompt.request.schema)


def test_closing_the_stream_gives_the_request_up(retriever):
    closed = []

    class Endless(FakeChat):
        def stream(self, request):
            try:
                while True:
                    yield Delta('{"statements": [')
            finally:
                closed.append(True)

    class Watched(Endless):
        def stream(self, request):
            reply = json.dumps(says(("17 former", "17 former captains signed the letter."))(request))
            try:
                yield Delta(reply[:-2])
                yield from super().stream(request)
            finally:
                closed.append(True)

    stream = qa.Assistant(retriever, Watched(), threshold=0.0, floor=0.0).stream("How many captains signed?")
    assert any(isinstance(event, Stated) for event in islice(stream, 3))
    stream.close()
    assert closed


def test_streaming_holds_unsupported_statements_back_until_one_is_supported(retriever):
    assert events(retriever, FakeChat(says(("17 former", "40 captains signed."))))[0] == []


def test_a_connection_that_broke_starts_the_statements_again(retriever):
    class Breaking(FakeChat):
        def stream(self, request):
            reply = json.dumps(says(("17 former", "17 former captains signed the letter."))(request))
            yield from (Delta(reply, 1), Delta(reply[:20], 2), Delta(reply[20:], 2))
            yield ChatReply(reply, "fake")

    made, answer = events(retriever, Breaking(), "How many signed?")
    assert [type(event) for event in made] == [Stated, Restarted, Stated]
    assert (len(answer.statements), len(answer.quotes)) == (1, 1)


def test_what_was_stated_before_the_context_ran_full_does_not_count(retriever):
    class Overflowing(FakeChat):
        def stream(self, request):
            reply = json.dumps(says(("17 former", "17 former captains signed the letter."))(request))
            yield Delta(reply)
            self.requests.append(request)
            if len(self.requests) == 1:
                raise ContextTooLongError("full")
            yield ChatReply(reply, "fake")

    made, answer = events(retriever, Overflowing(), "How many signed?")
    assert [type(event) for event in made] == [Stated, Restarted, Stated]
    assert (made[-1].statement,) == answer.statements


def test_an_answer_is_of_one_generation_whatever_happens_while_the_model_writes(tmp_path):
    (tmp_path / "seeds").mkdir()
    source = tmp_path / "seeds" / "letter.txt"
    source.write_text(TEXT)
    with qa.Retriever.build(tmp_path / "seeds", tmp_path / "index", encoder=HashEncoder()) as shared:

        def meanwhile(request):
            source.write_text("A new first line.\n\n" + TEXT.replace("17", "40"))
            qa.Retriever.build(tmp_path / "seeds", tmp_path / "index", encoder=HashEncoder()).close()
            assert shared.refresh()
            return says(("17 former", "17 former captains signed the letter."))(request)

        before = shared.generation
        answer = ask(shared, FakeChat(meanwhile))
        assert shared.generation != before
    assert answer.mode == "llm"
    assert answer.index["generation"] == before
    assert [s.verdict for s in answer.statements] == ["unconfirmed"]
    assert [q.text for q in answer.quotes] == ["On Monday, 17 former captains signed a letter to Mayor Ann Marlow."]


@pytest.mark.parametrize(
    "text",
    [
        "The inquiry found no evidence that Rev. Brennan signed the letter of resignation.",
        "The forger lied to the court: “I saw it all. Brennan signed the letter of resignation. I swear it.”",
        "The forger lied to the court: “I saw it all.\n\nBrennan signed the letter of resignation.\n\nI swear it.”",
        "Brennan signed the letter of resignation？",
        "# Which of these is true?\n\n- Brennan signed the letter of resignation.",
        "These are the lies of the forger:\n\n- Brennan signed the letter of resignation.",
    ],
)
@pytest.mark.parametrize("name", ["a.md", "a.txt"])
def test_a_model_gets_no_support_from_words_that_the_document_does_not_state(tmp_path, text, name):
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / name).write_text(f"It rained all day.\n\n{text}\n")
    copied = "Brennan signed the letter of resignation."
    with qa.Retriever.build(tmp_path / "seeds", tmp_path / "index", encoder=HashEncoder()) as made:
        answer = ask(made, FakeChat(says((copied[:-1], copied))), "Who signed the letter of resignation?")
    assert [statement.verdict for statement in answer.statements if statement.text == copied] != ["supported"]
    assert [statement.verdict for statement in (*answer.statements, *answer.rejected)] in (
        ["unconfirmed"],
        ["unsupported"],
    )
