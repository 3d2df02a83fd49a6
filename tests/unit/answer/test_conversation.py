"""Questions in a conversation: what they lean on, what competes, and that every turn is proven anew."""

import json
from dataclasses import replace

import pytest

import qa
from qa.answer.conversation import Turn, fused_evidence, fused_hits, own_evidence, resolutions, standing, understand
from qa.answer.rewriting import read_rewrite
from qa.english.follow_ups import is_assent
from qa.errors import ContextTooLongError, EndpointError
from qa.llm.protocol import ChatReply
from qa.records import Evidence, Hit, Passage, Quote
from qa.testing import FakeChat, HashEncoder

FERRY = (
    "The ferry\n\n"
    "In summer the ferry leaves four times a day. "
    "In winter the ferry leaves once a day. "
    "The ferry was built by Edith Lanning in 1871. "
    "Dogs travel free of charge.\n"
)
LANNING = "Edith Lanning\n\nEdith Lanning was born in Northpoint. She wrote two books about bridges.\n"
SUMMER = "How often does the ferry leave in summer?"


@pytest.fixture(scope="module")
def retriever(tmp_path_factory):
    root = tmp_path_factory.mktemp("ferry")
    (root / "seeds").mkdir()
    (root / "seeds" / "ferry.txt").write_text(FERRY)
    (root / "seeds" / "lanning.txt").write_text(LANNING)
    with qa.Retriever.build(root / "seeds", root / "index", encoder=HashEncoder()) as made:
        yield made


def quote(text, start=0, n=1, doc_id="ferry.txt", focus=()):
    return Quote(n, doc_id, start, start + len(text), text, 1, None, "The ferry", "0" * 64, focus)


def turn(retriever, question):
    """A turn whose answer quotes what the retriever finds."""
    return Turn(question, retriever.evidence(question).quotes)


def test_a_fragment_goes_on_from_the_last_whole_question():
    history = [Turn(SUMMER), Turn("and in spring?")]
    assert resolutions("And in winter?", history) == ("How often does the ferry leave in summer, in winter?",)


def test_yes_asks_the_question_before_again():
    assert resolutions("yes", [Turn(SUMMER)]) == (SUMMER,)
    assert resolutions("yes", [Turn(SUMMER), Turn("Who built it?")])[0] == "Who built it?"


def test_a_pronoun_takes_the_topic_of_the_last_turns():
    history = [Turn("Who built the ferry?"), Turn("Where was she born?")]
    first, *others = resolutions("What did she write?", history)
    assert first == "What did she write? (born)"
    assert "What did she write? (built ferry)" in others


def test_a_name_that_answered_is_part_of_the_topic():
    from qa.records import Span

    text = "The ferry was built by Edith Lanning in 1871."
    start = text.index("Edith")
    answered = Turn("Who built the ferry?", (quote(text, focus=(Span(start, start + len("Edith Lanning")),)),))
    assert resolutions("Where was she born?", [answered])[0] == "Where was she born? (built ferry Edith Lanning)"


def test_without_history_a_question_is_itself():
    assert resolutions("And in winter?", ()) == ("And in winter?",)
    assert resolutions("And in winter?", (Turn("  "),)) == ("And in winter?",)


def test_a_question_that_is_answered_on_its_own_is_not_rewritten(retriever):
    asked = "Do dogs travel on the ferry free of charge?"
    rewritten = []
    found = understand(retriever, asked, [Turn(SUMMER)], 5, threshold=0.0, rewrite=lambda: rewritten.append(1) or "x")
    assert (found.resolved, rewritten) == (asked, [])
    assert found.evidence == retriever.evidence(asked)


def test_a_question_that_is_not_answered_takes_the_topic(retriever):
    asked = "Do cats travel for nothing?"
    found = understand(retriever, asked, [Turn("Do dogs travel free of charge?")], 5, threshold=1.1)
    texts = [one.text for one in found.evidence.quotes]
    assert found.resolved == asked  # nothing reaches the threshold, so nothing is claimed
    assert all("travel" in text for text in texts)


def test_a_fragment_is_answered_from_the_turn_before(retriever):
    assistant = qa.Assistant(retriever, threshold=0.05)
    alone = assistant.ask("And in winter?")
    answer = assistant.ask("And in winter?", history=[turn(retriever, SUMMER)])
    assert alone.resolved == "And in winter?"
    assert answer.question == "And in winter?"
    assert answer.resolved == "How often does the ferry leave in summer, in winter?"
    assert answer.status == "answered"
    assert any("once a day" in one.text for one in answer.quotes)


def test_quotes_have_to_do_with_the_question_itself(retriever):
    assistant = qa.Assistant(retriever, threshold=0.05)
    answer = assistant.ask("And submarines?", history=[turn(retriever, SUMMER)])
    assert (answer.status, answer.quotes) == ("abstained", ())


def test_the_assistant_keeps_nothing(retriever):
    assistant = qa.Assistant(retriever, threshold=0.05)
    before = assistant.ask("And in winter?")
    assistant.ask("And in winter?", history=[turn(retriever, SUMMER)])
    assert replace(assistant.ask("And in winter?"), timings_ms={}) == replace(before, timings_ms={})


def test_readings_are_fused_and_quotes_that_overlap_are_shown_once():
    one = Evidence((quote("aaaa", 0), quote("bbbb", 10, 2)), 0.9, {}, (0.9, 0.8))
    other = Evidence((quote("bbbb", 10), quote("aa", 1, 2), quote("cccc", 20, 3)), 0.7, {}, (0.7, 0.69, 0.5))
    weak = Evidence((quote("dddd", 30),), 0.2, {}, (0.2,))
    found = fused_evidence(one, [one, other, weak], 0.5)
    assert [(q.n, q.text) for q in found.quotes] == [(1, "bbbb"), (2, "aaaa")]
    assert (found.answerability, found.scores) == (0.9, (1.0, 0.9))
    as_asked = fused_evidence(one, [one, other], 0.5, as_asked=other)
    assert [q.text for q in as_asked.quotes] == ["bbbb", "aaaa", "cccc"]


def test_what_the_last_answer_quoted_comes_after_what_is_new():
    one = Evidence((quote("aaaa", 0), quote("bbbb", 10, 2)), 0.9, {}, (0.9, 0.8))
    assert [q.text for q in fused_evidence(one, [one], 0.5, {("ferry.txt", 0, 4)}).quotes] == ["bbbb", "aaaa"]


def test_a_whole_question_is_not_answered_by_the_topic_of_the_turns_before():
    found = Evidence((quote("Dogs travel free of charge."),), 0.9, {}, (0.9,))
    assert own_evidence("Which brands of dogs are popular?", found).quotes == ()
    assert own_evidence("Do dogs travel at night?", found).quotes == found.quotes
    assert own_evidence("And dogs of other brands?", found).quotes == found.quotes  # a fragment needs one word


def test_passages_are_fused_by_their_ranks():
    def hit(name, rank):
        return Hit(Passage(name, "a", 0, 1, 0, 0), name, 1.0, rank, 0.0, 0.0)

    fused = fused_hits([[hit("a", 1), hit("b", 2)], [hit("c", 1), hit("b", 2)]], 2)
    assert [(one.text, one.rank) for one in fused] == [("b", 1), ("a", 2)]


def chat_that(rewrites):
    """Answers the prompt of follow-ups with a text, or raises it, and every other prompt with no statement."""

    def reply(request):
        if request.purpose != "follow-up":
            return {"statements": []}
        if isinstance(rewrites, Exception):
            raise rewrites
        return ChatReply(json.dumps({"question": rewrites}), "fake", usage={"prompt_tokens": 7, "completion_tokens": 3})

    return FakeChat(reply)


def test_a_model_that_passed_the_exam_rewrites_and_the_prompt_has_its_words_and_the_earlier_quotes(retriever):
    wanted = "How often does the ferry leave in winter?"
    chat = chat_that(wanted)
    history = [turn(retriever, SUMMER), turn(retriever, "Where was Edith Lanning born?")]
    assistant = qa.Assistant(retriever, chat, threshold=0.05, floor=0.0, rewrites=True, prompt_passages=1)
    answer = assistant.ask("And in winter?", history=history)
    purposes = [request.purpose for request in chat.requests]
    assert purposes == ["follow-up", "answer"]
    assert SUMMER in chat.requests[0].messages[1].content
    assert f"Question: {answer.resolved}" in chat.requests[1].messages[1].content
    assert "born in Northpoint" in chat.requests[1].messages[1].content


def test_a_model_that_has_not_passed_is_not_asked_to_rewrite(retriever):
    chat = chat_that("How often does the ferry leave in winter?")
    qa.Assistant(retriever, chat, floor=0.0).ask("And in winter?", history=[turn(retriever, SUMMER)])
    assert [request.purpose for request in chat.requests] == ["answer"]


def test_a_model_that_fails_to_rewrite_fails_no_answer(retriever):
    chat = chat_that(EndpointError("down"))
    assistant = qa.Assistant(retriever, chat, threshold=0.05, floor=0.0, rewrites=True)
    answer = assistant.ask("And in winter?", history=[turn(retriever, SUMMER)])
    assert answer.resolved == "How often does the ferry leave in summer, in winter?"


def test_all_requests_of_an_answer_share_its_deadline(retriever):
    chat = chat_that("How often does the ferry leave in winter?")
    assistant = qa.Assistant(retriever, chat, threshold=0.05, floor=0.0, rewrites=True)
    assistant.ask("And in winter?", history=[turn(retriever, SUMMER)])
    first, second = (request.deadline for request in chat.requests)
    assert first is not None
    assert first is second
    assistant.ask("And in winter?")
    assert chat.requests[-1].deadline is not first


def test_quotes_of_documents_that_changed_are_neither_searched_with_nor_sent(retriever):
    kept = turn(retriever, SUMMER)
    stale = Turn("Who built the ferry?", (quote("The ferry was built by nobody."),))
    gone = Turn("Who sank it?", (quote("Nobody sank it.", doc_id="gone.txt"),))
    assert kept.quotes
    assert [one.quotes for one in standing(retriever, [stale, gone, kept])] == [(), (), kept.quotes]
    chat = chat_that("How often does the ferry leave in winter?")
    assistant = qa.Assistant(retriever, chat, threshold=0.05, floor=0.0, rewrites=True)
    assistant.ask("And in winter?", history=[stale, gone, kept])
    sent = "".join(message.content for request in chat.requests for message in request.messages)
    assert len(chat.requests) == 2
    assert "nobody" not in sent.lower()


def test_quotes_of_documents_that_a_filter_leaves_out_are_not_sent(retriever):
    history = [turn(retriever, "Where was Edith Lanning born?"), turn(retriever, SUMMER)]
    chat = chat_that("How often does the ferry leave in winter?")
    assistant = qa.Assistant(retriever, chat, threshold=0.05, floor=0.0, rewrites=True)
    for where in ("path!=lanning*", "title=the ferry"):
        chat.requests.clear()
        assistant.ask("And in winter?", where=(where,), history=history)
        sent = "".join(message.content for request in chat.requests for message in request.messages)
        assert len(chat.requests) == 2
        assert "Northpoint" not in sent


def test_an_earlier_quote_whose_place_is_in_no_sentence_fails_no_answer(retriever):
    (place,) = turn(retriever, SUMMER).quotes[:1]
    beyond = Turn(SUMMER, (replace(place, start=10_000, end=10_010),))
    chat = chat_that("")
    qa.Assistant(retriever, chat, floor=0.0).ask("And in winter?", history=[beyond])
    assert len(chat.requests) == 1


@pytest.mark.parametrize("said", [("yes",), ("yes", "yes"), ("go on", "yes", "??")])
def test_assents_after_each_other_are_answered(retriever, said):
    history = [turn(retriever, SUMMER)]
    for question in said:
        answer = qa.Assistant(retriever, threshold=0.05).ask(question, history=history)
        history.append(Turn.of(answer))
    assert qa.Assistant(retriever).ask("yes", history=[Turn("yes")]).status == "abstained"
    assert not is_assent("??")


@pytest.mark.parametrize(
    ("reply", "read"),
    [
        ('{"question": "How often does the ferry leave in winter?"}', "How often does the ferry leave in winter?"),
        ('{"question": "How often does the ferry leave in summer?"}', ""),  # lost a word of the question
        ('{"question": "How often does the Northpoint ferry leave in winter?"}', ""),  # nobody said Northpoint
        ("How often?", ""),
        ('{"question": 4}', ""),
    ],
)
def test_a_rewrite_keeps_the_question_and_adds_only_what_was_said(reply, read):
    assert read_rewrite(reply, "And in winter?", ["And in winter?", SUMMER]) == read


def test_what_is_sent_for_a_rewrite_is_announced(retriever):
    from qa.llm.announcing import AnnouncingChat

    said = []
    chat = AnnouncingChat(chat_that("How often does the ferry leave in winter?"), said.append)
    assistant = qa.Assistant(retriever, chat, threshold=0.05, floor=0.0, rewrites=True)
    assistant.ask("And in winter?", history=[turn(retriever, SUMMER)])
    assert said[0].startswith("asking fake on this machine to rephrase the question; sending the last questions and ")


def test_only_the_same_answer_is_asked_again_because_its_prompt_was_too_long(retriever):
    from qa.llm.announcing import AnnouncingChat

    refuse = [True]

    def reply(request):
        if refuse.pop() if refuse else False:
            raise ContextTooLongError("too long")
        return {"statements": []}

    said = []
    assistant = qa.Assistant(retriever, AnnouncingChat(FakeChat(reply), said.append), floor=0.0)
    for question in (SUMMER, "Who built the ferry?"):
        assistant.ask(question)
    assert [line.startswith("the prompt was too long for the model; ") for line in said] == [False, True, False]
