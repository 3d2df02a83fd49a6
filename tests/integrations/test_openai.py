"""`file_search` results and output items, against the types of OpenAI's own client."""

from openai.types.responses import (
    ResponseFileSearchToolCall,
    ResponseFileSearchToolCallParam,
    ResponseOutputMessage,
    ResponseOutputMessageParam,
)
from pydantic import TypeAdapter

import qa
from qa.integrations.openai import LONGEST, file_search_results, output_items

QUESTION = "How many captains signed the letter?"
STATEMENT = "On Monday, 17 former captains signed a letter to Mayor Ann Marlow."


def test_passages_are_results_of_a_file_search(retriever):
    hits = retriever.search(QUESTION, k=3)
    results = file_search_results(retriever, hits)
    assert [result["text"] for result in results] == [hit.text for hit in hits]
    scores = [result["score"] for result in results]
    assert scores == sorted(scores, reverse=True)
    assert 1 >= scores[0] > scores[-1] >= 0
    for result in results:
        place, document = result["attributes"], retriever.document(result["file_id"])
        assert result["text"] == document.text[place["start"] : place["end"]]
        assert place["sha256"] == document.sha256
        assert place["title"] == document.title
        assert len(place) <= 16
        assert all(len(value) <= LONGEST for value in place.values() if isinstance(value, str))
    call = {"id": "fs_1", "type": "file_search_call", "status": "completed", "queries": [QUESTION], "results": results}
    TypeAdapter(ResponseFileSearchToolCallParam).validate_python(call, strict=True)
    assert [result.text for result in ResponseFileSearchToolCall.model_validate(call).results] == [h.text for h in hits]


def test_an_answer_is_a_call_and_a_message_that_cites_its_files(assistant):
    answer = assistant("17 former", STATEMENT).ask(QUESTION)
    call, message = output_items(answer)
    TypeAdapter(ResponseFileSearchToolCallParam).validate_python(call)
    TypeAdapter(ResponseOutputMessageParam).validate_python(message)
    (result,) = ResponseFileSearchToolCall.model_validate(call).results
    assert (result.file_id, result.text) == ("letter.txt", STATEMENT)
    (text,) = ResponseOutputMessage.model_validate(message).content
    assert text.text == answer.text == f"{STATEMENT} [1]"
    (cited,) = text.annotations
    assert (cited.file_id, text.text[: cited.index]) == ("letter.txt", f"{STATEMENT} [1]")
    assert output_items(answer) == (call, message)


def test_each_statement_of_several_is_cited_at_its_end(retriever):
    answer = qa.Assistant(retriever, threshold=0.0).ask("What does the boat cost?")
    call, message = output_items(answer)
    (text,) = ResponseOutputMessage.model_validate(message).content
    assert len(call["results"]) == len(text.annotations) > 1
    for statement, cited in zip(answer.statements, text.annotations, strict=True):
        assert text.text[: cited.index].endswith(f"{statement.text} [{statement.quotes[0]}]")


def test_silence_has_no_results(assistant):
    call, message = output_items(assistant().ask("Who won the football match?"))
    assert call["results"] == []
    (text,) = message["content"]
    assert (text["text"], text["annotations"]) == ("The sources do not say.", [])


def test_what_nobody_confirmed_is_marked_and_its_citation_stands_after_the_mark(assistant):
    answer = assistant("17 former", STATEMENT.removeprefix("On Monday, ")).ask(QUESTION)
    assert [statement.verdict for statement in answer.statements] == ["unconfirmed"]
    _, message = output_items(answer)
    (text,) = message["content"]
    assert text["text"] == f"{answer.text} (compare with the quote)"
    assert text["annotations"][0]["index"] == len(text["text"])
