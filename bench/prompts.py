"""Ask a gold set with three prompt formats: ids before the text (the default), text before the ids, inline markers.

    python bench/prompts.py --model NAME --base-url URL --record FOLDER [--every 3] [--form evidence-first] [--k 3]

Replies are recorded under FOLDER, one replay store per format, so a second run asks only new questions. Needs an
endpoint that speaks OpenAI's chat format. docs/models.md cites the results.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import qa
from qa.answer.parse import answer_schema
from qa.errors import ChatError
from qa.gold.files.cases import Case, load, matches
from qa.llm.chat import OpenAIChat
from qa.llm.protocol import ChatReply, ChatRequest, Delta
from qa.llm.recorded import Recorder, Store
from qa.trust import packaged_prompt

ROOT = Path(__file__).resolve().parents[1]
FORMS = ("evidence-first", "text-first", "markers")
FIRST = '{"evidence": ["<id>"], "text": "<statement>"}'
TEXT_FIRST = '{"text": "<statement>", "evidence": ["<id>"]}'


def text_first(name: str) -> str:
    """The packaged template with the text before its evidence."""
    source = packaged_prompt(name)
    if name != "answer.j2":
        return source
    lines = source.splitlines(keepends=True)
    find = next(n for n, line in enumerate(lines) if line.startswith("- First find"))
    swapped = [
        '- Write "text": one short sentence that answers the question and says only what the documents say. Keep their '
        'names, numbers,\n  negations, and their "may", "could", "plans to". If they report what somebody said, say '
        "who said it.\n",
        '- Then find the sentences that prove it. Put their ids in "evidence", at most three.\n',
    ]
    return "".join([*lines[:find], *swapped, *lines[find + 3 :]]).replace(FIRST, TEXT_FIRST)


class Form:
    """A chat that puts a request into one of the forms and answers from a store what it was asked before."""

    def __init__(self, form: str, chat: OpenAIChat, store: Store) -> None:
        self.form, self.chat = form, chat
        self.recorder = Recorder(chat, chat.model, store, only_new=True)
        self.seconds: list[float] = []

    @property
    def model(self) -> str:
        return self.chat.model

    @property
    def is_local(self) -> bool:
        return False

    def stream(self, request: ChatRequest) -> Iterator[Delta | ChatReply]:
        """As the chat does."""
        if self.form == "markers":
            request = replace(request, messages=request.plain_messages, schema=None, plain_messages=())
        elif self.form == "text-first":
            assert request.schema is not None
            ids = request.schema["properties"]["statements"]["items"]["properties"]["evidence"]["items"]["enum"]
            request = replace(request, schema=answer_schema(ids, "text_first"))
        started, asked = time.perf_counter(), self.recorder.asked
        yield from self.recorder.stream(request)
        if self.recorder.asked > asked:
            self.seconds.append(time.perf_counter() - started)


def answer(chat: Form, retriever: qa.Retriever, cases: list[Case], k: int) -> dict[str, qa.Answer]:
    """The answers by case, none where the model's output could not be read; one line a case on standard error."""
    template = text_first if chat.form == "text-first" else packaged_prompt
    assistant = qa.Assistant(retriever, chat, k=k, prompt_passages=k, template=template)
    answers = {}
    for case in cases:
        try:
            answers[case.id] = given = assistant.ask(case.question)
            told = f"{given.status} {given.mode}"
        except ChatError as error:
            told = str(error)
        print(f"{chat.form} {case.id}: {told}", file=sys.stderr, flush=True)
    return answers


def row(form: str, cases: list[Case], answers: dict[str, qa.Answer]) -> str:
    """Of the answerable cases: right in the model's words, right by falling back to quotes; of the others: silent.

    Where the output could not be read, the user gets an error; those cases are counted apart.
    """
    broken = len(cases) - len(answers)
    cases = [case for case in cases if case.id in answers]
    right = {case.id for case in cases if not matches(said(answers[case.id]), case)}
    asked = [case for case in cases if case.expect == "answer"]
    silent = [case for case in cases if case.expect == "abstain"]
    worded = sum(answers[case.id].mode == "llm" and case.id in right for case in asked)
    wrong = sum(answers[case.id].mode == "llm" and answers[case.id].status == "answered" for case in asked) - worded
    quoted = sum(answers[case.id].mode == "quotes" and case.id in right for case in asked)
    kept = sum(case.id in right for case in silent)
    return f"| {form} | {worded} | {wrong} | {quoted} | {len(asked)} | {kept} | {len(silent)} | {broken} |"


def said(answer: qa.Answer) -> str:
    """The text of the supported statements."""
    return " ".join(s.text for s in answer.statements if s.verdict == "supported")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", required=True)
    parser.add_argument("--base-url", required=True)
    parser.add_argument("--record", type=Path, required=True)
    parser.add_argument("--form", choices=FORMS, action="append", help="only this form; may be repeated")
    parser.add_argument("--every", type=int, default=1, help="ask every nth case only")
    parser.add_argument("--k", type=int, default=5)
    parser.add_argument("--index", type=Path, required=True, help="a folder for the index of seeds/")
    options = parser.parse_args()
    cases = list(load(ROOT / "tests/gold/seeds.yaml"))[:: options.every]
    key = os.environ.get("OPENAI_API_KEY", "none")
    rows = []
    with (
        qa.Retriever.build(ROOT / "seeds", options.index) as retriever,
        OpenAIChat(options.model, options.base_url, key, deadline=900, silence=800) as chat,
    ):
        for form in options.form or FORMS:
            asked = Form(form, chat, Store(options.record / form))
            rows.append(row(form, cases, answer(asked, retriever, cases, options.k)))
            if asked.seconds:
                print(f"{form}: {sum(asked.seconds) / len(asked.seconds):.1f} s a request", file=sys.stderr)
    print("| form | in words, right | in words, not | quotes, right | answerable | silent | not answerable | broken |")
    print("|---|---|---|---|---|---|---|---|")
    print("\n".join(rows))


if __name__ == "__main__":
    main()
