"""Proposed cases, their review, and their way into a gold file: nothing is lost, nothing unreviewed gets in."""

from pathlib import Path

import pytest

from qa.answer.assistant import Assistant
from qa.errors import GoldError
from qa.gold.files import review, suggest
from qa.gold.files.cases import GoldQuote, load, parse
from qa.gold.files.review import accept, reviewed
from qa.gold.files.sources import Sources
from qa.gold.files.suggest import Proposal, different, propose, render
from qa.retrieve.retriever import Retriever
from qa.testing import HashEncoder

NEWS = (
    "Notes from the north\n\nMarrow Point is a cape.\nThe lighthouse was built in 1871 by Edith Lanning. "
    "Its lamp burns oil.\n\nThe lighthouse is white. The ferry costs 14 crowns. The lighthouse is white.\n"
)
SOURCES = Sources({"news.txt": NEWS})
BUILT = GoldQuote("news.txt", "The lighthouse was built in 1871 by Edith Lanning.", "is a cape.", "Its lamp")
OIL = GoldQuote("news.txt", "Its lamp burns oil.")
REVIEW = """\
# About this review.

# Sure of this one.
- id: who
  review: accept   # checked by me
  question: Who built the lighthouse?
  expect: answer
  # the name is enough
  all:
    - words: Lanning
  quotes:
    - source: news.txt
      text: The lighthouse was built in 1871
        by Edith Lanning.
#? answerability 0.93; other quotes that were found:
#?   - source: news.txt
#?     text: Its lamp burns oil.

- id: fog
  review: todo
  question: Is there fog?
  expect: abstain

- review: reject
  id: oil
  question: What does it burn?
  expect: answer
  quotes:
    - {source: news.txt, text: Its lamp burns oil.}
- id: cost
  review: accept
  question: What does the train cost?
  expect: abstain
"""
WHO = """\
# Sure of this one.
- id: who
  question: Who built the lighthouse?
  expect: answer
  # the name is enough
  all:
    - words: Lanning
  quotes:
    - source: news.txt
      text: The lighthouse was built in 1871
        by Edith Lanning.
"""
COST = "- id: cost\n  question: What does the train cost?\n  expect: abstain\n"
REST = "# About this review.\n\n- id: fog\n  review: todo\n  question: Is there fog?\n  expect: abstain\n\n"
GOLD = "# Ours.\n- id: old\n  question: Old?\n  expect: abstain\n"


def moved(text: str = REVIEW, gold: str | None = GOLD) -> review.Accepted:
    return accept(text, "review.yaml", gold, "gold.yaml", SOURCES)


def problems(text: str = REVIEW, gold: str | None = GOLD) -> list[str]:
    with pytest.raises(GoldError) as caught:
        moved(text, gold)
    return str(caught.value).split("\n")


# --- Proposals --------------------------------------------------------------------------------------------------------


def test_a_question_is_asked_once() -> None:
    assert different(["Who  built it?", "", "who built it? ", "When?", "When"]) == ["Who built it?", "When?", "When"]


def test_a_proposal_is_a_case_with_the_best_quote_and_the_others_as_comments() -> None:
    text = render(
        [Proposal("Who: built #1?", True, 0.934, (BUILT, OIL)), Proposal("Is there fog?", False, 0.1, (OIL,))]
    )
    first, second = reviewed(text, "review.yaml")
    assert (first.review, second.review) == ("todo", "todo")
    assert (first.case.id, first.case.question, first.case.quotes) == ("who-built-1", "Who: built #1?", (BUILT,))
    assert (second.case.expect, second.case.quotes) == ("abstain", ())
    assert "#? answerability 0.93; other quotes that were found:\n#?   - source: news.txt\n#?     text: Its" in text
    by_hand = text.replace("expect: abstain", "expect: answer\n  quotes:").replace("#?   ", "    ")
    assert reviewed(by_hand, "r")[1].case.quotes == (OIL,)


def test_ids_are_made_of_the_question_and_are_unique() -> None:
    questions = ["Wer hat’s gebaut, Édith?", "Wer hat S gebaut, edith", "何ですか", "谁", "long " * 30, "x" * 99]
    found = reviewed(render([Proposal(question, False, 0, ()) for question in questions]), "r")
    ids = [one.case.id for one in found]
    assert ids[:4] == ["wer-hats-gebaut-edith", "wer-hat-s-gebaut-edith", "case", "case-2"]
    assert (len(ids[4]), ids[5]) == (59, "x" * 60)
    assert [one.case.question for one in found] == [" ".join(question.split()) for question in questions[:4]] + [
        ("long " * 30).strip(),
        "x" * 99,
    ]


def test_questions_are_asked_and_quotes_are_located(tmp_path: Path) -> None:
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "news.txt").write_text(NEWS, "utf-8")
    seen = []
    with Retriever.build(tmp_path / "seeds", tmp_path / "index", encoder=HashEncoder()) as retriever:
        asked = ["Who built the lighthouse in 1871?", "Which football club won?"]
        found = propose(asked, Assistant(retriever, threshold=0.0), lambda *step: seen.append(step))
        silent = propose(asked[:1], Assistant(retriever, threshold=1.0))
    assert seen == [("questions", 1, 2), ("questions", 2, 2)]
    assert [one.question for one in found] == asked
    assert found[0].answered
    assert not silent[0].answered
    assert silent[0].quotes == found[0].quotes
    for quote in found[0].quotes:
        assert quote.before or quote.after
        assert SOURCES.standing(quote).state == "intact"


# --- The review file --------------------------------------------------------------------------------------------------


def test_a_review_file_is_no_gold_file(tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text(REVIEW, "utf-8")
    with pytest.raises(GoldError, match=r"r.yaml:5: unknown key 'review' in a case; .* qa gold accept"):
        load(tmp_path / "r.yaml")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("review: todo", "review: yes", "20: review must be todo, accept or reject, not 'yes'"),
        (
            "review: todo",
            "review: acept",
            "20: review must be todo, accept or reject, not 'acept'; did you mean 'accept'?",
        ),
        ("review: todo", "review:", "20: review must be todo, accept or reject, not ''"),
        ("  review: todo\n", "", "19: a case in a review file needs one `review:` line"),
        ("review: todo", "review: todo\n  review: todo", "19: a case in a review file needs one `review:` line"),
        ("expect: abstain\n\n", "expct: abstain\n\n", "22: unknown key 'expct' in a case; did you mean 'expect'?"),
        ("- id: fog", "- id: who", "19: duplicate id 'who', first used at review.yaml:4"),
        ("Is there fog?", "Is: there: fog?", "21: broken YAML: mapping values are not allowed"),
        ("words: Lanning", "regex: '('", "10: the regular expression does not compile"),
    ],
)
def test_what_is_wrong_in_a_review_file_is_named(old: str, new: str, expected: str) -> None:
    assert any(problem.startswith(f"review.yaml:{expected}") for problem in problems(REVIEW.replace(old, new, 1)))


# --- Accepting --------------------------------------------------------------------------------------------------------


def test_accepted_cases_move_as_text_rejected_ones_go_and_the_others_stay() -> None:
    done = moved()
    assert done.gold == f"{GOLD}\n{WHO}\n{COST}"
    assert done.review == REST
    assert (done.added, done.there, done.rejected, done.todo) == (2, 0, 1, 1)
    assert [case.id for case in parse(done.gold)] == ["old", "who", "cost"]


def test_a_gold_file_is_made_if_there_is_none() -> None:
    assert moved(gold=None).gold == moved(gold="").gold == f"{WHO}\n{COST}"
    assert moved(gold="# Only a comment").gold == f"# Only a comment\n\n{WHO}\n{COST}"


def test_cases_are_written_as_the_gold_file_is() -> None:
    indented = "".join(f"  {line}\n" for line in WHO.splitlines())
    assert moved(gold="  - id: old\n    question: q\n    expect: abstain").gold.endswith(
        f"expect: abstain\n\n{indented}\n" + "".join(f"  {line}\n" for line in COST.splitlines())
    )
    windows = moved(gold=GOLD.replace("\n", "\r\n")).gold
    assert windows == f"{GOLD}\n{WHO}\n{COST}".replace("\n", "\r\n")
    assert moved("\n".join(f"  {line}" for line in REVIEW.splitlines())).gold == moved().gold


def test_accepting_again_after_a_kill_adds_nothing_twice() -> None:
    done = moved()
    again = moved(REVIEW, done.gold)
    assert (again.gold, again.review) == (done.gold, done.review)
    assert (again.added, again.there, again.rejected, again.todo) == (0, 2, 1, 1)
    rest = moved(done.review, done.gold)
    assert (rest.gold, rest.review, rest.todo) == (done.gold, done.review, 1)
    empty = moved("# About this review.\n\n")
    assert (empty.gold, empty.review, empty.added, empty.todo) == (GOLD, "# About this review.\n\n", 0, 0)


WORDS = "The lighthouse was built in 1871\n        by Edith Lanning."


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "in 1871\n",
            "in 1872\n",
            "this quote is not in seeds/news.txt; the nearest passage is 'The lighthouse was",
        ),
        ("- source: news", "- source: new", "there is no document seeds/new.txt"),
        (WORDS, "The lighthouse is white.", "this quote occurs 2 times in seeds/news.txt"),
        (WORDS, f"{WORDS}\n      before: The sea.", "this quote is in seeds/news.txt, but not between"),
        (WORDS, "Whales.", "this quote is not in seeds/news.txt"),
    ],
)
def test_a_quote_that_is_not_exactly_once_in_the_sources_is_refused(old: str, new: str, expected: str) -> None:
    (problem,) = problems(REVIEW.replace(old, new, 1))
    assert problem.startswith(f"review.yaml:12: {expected}")


def test_a_case_that_disagrees_with_the_gold_file_is_refused() -> None:
    taken = GOLD.replace("id: old", "id: cost")
    assert problems(gold=taken) == ["review.yaml:30: duplicate id 'cost', first used at gold.yaml:2"]
    other = GOLD.replace("id: old", "id: old\n  fact: who")
    assert problems(gold=other) == ["review.yaml:4: fact 'who' expects answer, but abstain in 'old' at gold.yaml:2"]
    assert problems(gold="- id: [")[0].startswith("gold.yaml:2: broken YAML: ")


def test_what_cannot_be_moved_as_text_is_refused() -> None:
    flow = "- {id: x, review: accept, question: q, expect: abstain}\n"
    assert problems(flow) == ["review.yaml:1: write this case with one key per line, so that it can be moved"]
    assert problems(f"[{flow[2:]}]")[0].startswith("review.yaml:1: write the cases as a list")
    odd = "- id: a\n  review: todo\n  question: q\n  expect: abstain\n"
    odd += "-\n  # a - b\n  id: b\n  review: reject\n  question: q\n  expect: abstain\n"
    assert problems(odd)[0].startswith("review.yaml: cannot locate the cases in the text")
    (problem,) = problems(gold="[{id: old, question: q, expect: abstain}]\n")
    assert problem.startswith("gold.yaml: the cases cannot be added as text; nothing was written")


def test_modules_say_what_is_public() -> None:
    for module in (review, suggest):
        assert all(hasattr(module, name) for name in module.__all__)
