"""Blame: faults put into one layer of a real pipeline at a time, and the sentences that say why."""

import json
import re
from collections import Counter
from dataclasses import replace

import pytest

import qa
from qa.answer import statements
from qa.gate import Finding
from qa.gold.files.cases import parse
from qa.gold.results import Claimed, GoldFound, Observation, Result, Run, Shown
from qa.gold.run import run
from qa.gold.verdict import score
from qa.gold.verdict.blame import blame
from qa.gold.verdict.compare import compare
from qa.ingest import boilerplate
from qa.quotes.anchors import Place
from qa.records import Evidence, Span, Statement
from qa.retrieve import evidence, rank
from qa.retrieve.retriever import Retriever
from qa.testing import FakeChat, HashEncoder

# --- A generated corpus, its gold cases, and a model that answers them all --------------------------------------------

TOWNS = "Aldermoor Brackwater Corrigan Dunmere Eastholm".split()
THINGS = "ferries tractors telescopes harps pianos".split()
FIRMS = "Brandt Calloway Dempster Ellery Farnham".split()
HALF = TOWNS[::2]
NOISE = "Nobody complained about the noise of the engines."
BAND = "The mayor praised the weather and the brass band."


def bought(n):
    town, thing, firm, count = TOWNS[n], THINGS[n], FIRMS[n], 17 + n
    return (
        f"In March, the council of {town} bought {count} {thing} from {firm}.",
        f"The council of {town} bought {count} {thing}, all of them made by {firm}, in March.",
        f"For a new park, {firm} sold the {count} {thing} that the council of {town} had wanted to buy since March.",
    )[n % 3]


def repair(n):
    return f"{FIRMS[n]} will repair the {THINGS[n]} of {TOWNS[n]} in the yard at Port {FIRMS[n - 1]}."


def opened(town):
    return f"The singer Greta Olsen opened the opera house of {town} in 1931."


def source(town):
    return f"{town.lower()}.txt"


def document(n):
    return (
        f"News from {TOWNS[n]}\n\nThe river was calm and the market was full on Sunday. {bought(n)} {BAND} {NOISE} "
        f"{repair(n)} Children painted the walls of the school in bright colours.\n"
    )


def gold_file():
    """Of each town a fact, a question of two parts, one of two documents, and one that nothing answers."""
    cases = []
    for n, town in enumerate(TOWNS):
        first, second = ({"source": source(town), "text": text} for text in (bought(n), repair(n)))
        m = (n + 1) % len(TOWNS)
        both = f"Who sold {THINGS[n]} to the council of {town}, and where will {FIRMS[n]} repair the {THINGS[n]}?"
        cases += [
            {
                "id": f"many-{n}",
                "question": f"How many {THINGS[n]} did the council of {town} buy?",
                "expect": "answer",
                "all": [{"number": 17 + n}, {"words": "March"}],
                "quotes": [first],
            },
            {
                "id": f"both-{n}",
                "question": both,
                "expect": "answer",
                "all": [{"words": FIRMS[n]}],
                "quotes": [first, second],
            },
            {
                "id": f"cross-{n}",
                "question": f"How many {THINGS[n]} did {town} buy, how many {THINGS[m]} {TOWNS[m]}?",
                "expect": "answer",
                "all": [{"number": 17 + n}, {"number": 17 + m}],
                "quotes": [first, {"source": source(TOWNS[m]), "text": bought(m)}],
            },
            {
                "id": f"none-{n}",
                "question": f"Which singer opened the opera house of {town} in 1931?",
                "expect": "abstain",
            },
        ]
    return parse(json.dumps(cases))


CASES = gold_file()


class Model:
    """States every gold quote that is in the prompt, and what else answers; `edit` makes mistakes in it.

    edit: from the statements, as (words of the sentence to point at, text), and the number of the town to others.
    """

    def __init__(self, edit=lambda said, n: said):
        self.edit = edit

    def __call__(self, request):
        user = request.messages[1].content
        ids = {text: name for name, text in re.findall(r"^\[(s\d+)\] (.*)$", user, re.M)}
        question = user.rpartition("Question: ")[2]
        case = next(case for case in CASES if case.question == question)
        n = int(case.id.partition("-")[2])
        wanted = [quote.text for quote in case.quotes] or [opened(TOWNS[n])]
        said = [(text, text) for text in wanted if text in ids]
        return {
            "statements": [
                {"evidence": [ids[place] for place in places.split("|") if place in ids], "text": text}
                for places, text in self.edit(said, n)
            ]
        }


class World:
    """An index over the corpus, and what a run over the cases gives with and without a model."""

    def __init__(self, root):
        self.root, self.made = root, 0
        self.retriever = self.index()
        self.quotes = self.ask(None)
        self.model = self.ask(Model())

    def index(self, edit=lambda name, text: text, more=()):
        """A fresh index. edit: of each document's text, None leaves it out. more: texts by file name."""
        self.made += 1
        folder = self.root / f"{self.made}"
        (folder / "seeds").mkdir(parents=True)
        for name, text in [*((source(town), document(n)) for n, town in enumerate(TOWNS)), *more]:
            edited = edit(name, text)
            if edited is not None:
                (folder / "seeds" / name).write_text(edited)
        return Retriever.build(folder / "seeds", folder / "index", encoder=HashEncoder())

    def ask(self, model, retriever=None, **options):
        """A run. Where there is a model, quotes only are no answer."""
        threshold = options.pop("threshold", 0.2 if model is None else 0.9)
        chat = model and FakeChat(model)
        passages = options.get("k", 3)
        defaults = {"threshold": threshold, "floor": 0.0, "k": passages, "prompt_passages": passages}
        assistant = qa.Assistant(retriever or self.retriever, chat, **defaults | options)
        return run(CASES, assistant)[0]


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return World(tmp_path_factory.mktemp("world"))


# --- The faults: each gives a run in which one layer is at fault ------------------------------------------------------


def reworded_sources(world, patch, model):
    changed = world.index(
        lambda name, text: text.replace(" bought ", " at last acquired ").replace("sold", "hands over")
    )
    return world.ask(model, changed)


def missing_documents(world, patch, model):
    return world.ask(model, world.index(lambda name, text: None if name in map(source, HALF) else text))


def skipped_sentences(world, patch, model):
    def find(text, skipped=()):
        return tuple(Span(*m.span()) for m in re.finditer(r"[^.\n]* council of .*?\.", text))

    patch.setattr(boilerplate, "find", find)
    return world.ask(model, world.index())


def answering_documents(world, patch, model):
    return world.ask(model, world.index(more=[(f"opera-{town}.txt", opened(town) + "\n") for town in HALF]))


def lost_documents(world, patch, model):
    """The search never returns anything of half of the documents."""
    whole = Retriever.retrieve_many

    def retrieve_many(self, questions, k=5, where=()):
        gone = {source(town) for town in HALF}
        for hits, found in whole(self, questions, k, where):
            quotes = tuple(quote for quote in found.quotes if quote.doc_id not in gone)
            yield (
                [hit for hit in hits if hit.passage.doc_id not in gone],
                Evidence(quotes, found.answerability, found.features),
            )

    patch.setattr(Retriever, "retrieve_many", lambda *args, **kwargs: list(retrieve_many(*args, **kwargs)))
    return world.ask(model)


def turned(scores):
    return scores.max(initial=0.0) - scores


def upside_down_ranking(world, patch, model):
    passages, sentences = rank.rank_passages, rank.rank_sentences
    patch.setattr(rank, "rank_passages", lambda *args: turned(passages(*args)))
    patch.setattr(rank, "rank_sentences", lambda *args: turned(sentences(*args)))
    return world.ask(model)


def crowded_out(world, patch, model):
    """More documents with the words of the questions than there is room for."""
    words = " ".join(
        f"How many {thing} did {town} buy? The council of {town} did."
        for thing, town in zip(THINGS, TOWNS, strict=True)
    )
    return world.ask(model, world.index(more=[(f"chatter-{n}.txt", f"{words} {n}") for n in range(9)]))


def one_hit(world, patch, model):
    """And none of the ranked quotes reaches the prompt."""
    groups = qa.Assistant._groups

    def without_quotes(self, retrieved):
        return groups(self, replace(retrieved, evidence=replace(retrieved.evidence, quotes=())))

    patch.setattr(qa.Assistant, "_groups", without_quotes)
    return world.ask(model, k=1)


def low_estimates(world, patch, model):
    whole = evidence.probability
    patch.setattr(evidence, "probability", lambda *args: 0.1 * whole(*args))
    return world.ask(model, floor=0.1)


def no_threshold(world, patch, model):
    return world.ask(model, threshold=0.0)


def small_budget(world, patch, model):
    return world.ask(model, prompt_tokens=60)


def worst_first(world, patch, model):
    """The prompt is filled from the last hit on."""
    groups = qa.Assistant._groups
    patch.setattr(qa.Assistant, "_groups", lambda *args: groups(*args)[::-1])
    return world.ask(model, prompt_tokens=160)


def saying(edit):
    def fault(world, patch, model):
        return world.ask(Model(edit))

    fault.__name__ = edit.__name__
    return fault


def silent(said, n):
    return []


def pointing_elsewhere(said, n):
    return [(BAND, f"The mayor of {TOWNS[n]} praised the weather and the brass band.")]


def pointing_nowhere(said, n):
    return [("", text) for _, text in said]


def misreading(said, n):
    return [(place, re.sub(r"\d+", "71", text)) for place, text in said]


def naming_another(said, n):
    return [(place, text.replace(FIRMS[n], "Zimmermann")) for place, text in said]


def denying(said, n):
    return [(place, text.replace("bought", "never bought").replace("will", "will not")) for place, text in said]


def turning_round(said, n):
    """Hard to tell from a gate that is too strict, and not told."""
    council = f"the council of {TOWNS[n]}"
    return [(place, f"{FIRMS[n]} bought {17 + n} {THINGS[n]} from {council}.") for place, _ in said]


def second_part_forgotten(said, n):
    return said[:1] if len(said) > 1 else said


def always_answering(world, patch, model):
    """With something true that is no answer, and that the gate lets pass."""
    patch.setattr(statements.gate, "check", lambda *args: Finding("supported"))
    return world.ask(Model(lambda said, n: said or [(bought(n), bought(n))]))


def refusing(world, patch, model):
    patch.setattr(statements.gate, "check", lambda *args: Finding("unsupported", ("It is refused.",)))
    return world.ask(model)


def refusing_numbers(world, patch, model):
    whole = statements.gate.check

    def check(text, quotes, question):
        return (
            Finding("unsupported", ("It has a number.",)) if re.search(r"\d", text) else whole(text, quotes, question)
        )

    patch.setattr(statements.gate, "check", check)
    return world.ask(model, strict=True)


def giving_other_quotes(world, patch, model):
    patch.setattr(
        statements.gate,
        "check",
        lambda text, quotes, question: Finding("supported", irrelevant=tuple(range(len(quotes) - 1))),
    )

    patch.setattr(statements.Statements, "_adds_nothing", lambda self, text, sentences: False)

    def two_pointers(said, n):
        return [(f"{place}|{BAND}", text) for place, text in said]

    return world.ask(Model(two_pointers))


def not_pointing_anew(world, patch, model):
    """The model points at the wrong sentence, which the gate has put right so far."""
    patch.setattr(statements.Statements, "_better", lambda self, text: None)

    def astray(said, n):
        return [(NOISE, text) for _, text in said]

    return world.ask(Model(astray))


def too_strict_for_other_words(said, n):
    return [(place, text.replace("council", "town hall").replace("yard", "dock")) for place, text in said]


def blind_matchers(world, patch, model):
    patch.setattr(score, "matches", lambda text, case: ["number 17 is missing"] if text else ["no answer"])
    return world.ask(model)


def leaving_out_the_month(said, n):
    return [(place, text.replace("In March, the", "The").replace(", in March.", ".")) for place, text in said]


QUOTES, MODEL = "quotes", "model"
FAULTS = [
    ("gold", reworded_sources, (QUOTES, MODEL)),
    ("corpus", missing_documents, (QUOTES, MODEL)),
    ("corpus", skipped_sentences, (QUOTES, MODEL)),
    ("corpus", answering_documents, (QUOTES, MODEL)),
    ("retrieval", lost_documents, (QUOTES, MODEL)),
    ("retrieval", upside_down_ranking, (QUOTES, MODEL)),
    ("retrieval", crowded_out, (QUOTES,)),
    ("retrieval", one_hit, (MODEL,)),
    ("retrieval", low_estimates, (QUOTES, MODEL)),
    ("retrieval", no_threshold, (QUOTES, MODEL)),
    ("context", small_budget, (MODEL,)),
    ("context", worst_first, (MODEL,)),
    ("generation", saying(silent), (MODEL,)),
    ("generation", saying(pointing_elsewhere), (MODEL,)),
    ("generation", saying(pointing_nowhere), (MODEL,)),
    ("generation", saying(misreading), (MODEL,)),
    ("generation", saying(naming_another), (MODEL,)),
    ("generation", saying(denying), (MODEL,)),
    ("generation", saying(turning_round), (MODEL,)),
    ("generation", saying(second_part_forgotten), (MODEL,)),
    ("generation", always_answering, (MODEL,)),
    ("gate", refusing, (MODEL,)),
    ("gate", refusing_numbers, (MODEL,)),
    ("gate", giving_other_quotes, (MODEL,)),
    ("gate", not_pointing_anew, (MODEL,)),
    ("gate", saying(too_strict_for_other_words), (MODEL,)),
    ("matcher", blind_matchers, (QUOTES, MODEL)),
    ("matcher", saying(leaving_out_the_month), (MODEL,)),
]


def test_most_cases_pass_without_a_fault(world):
    passes = [sum(result.outcome == "pass" for result in sound.results) for sound in (world.quotes, world.model)]
    assert passes[0] >= 12
    assert passes[1] >= 18


def test_faults_are_blamed_on_the_layer_that_they_were_put_into(world):
    confusion, wrong = Counter(), []
    for layer, fault, modes in FAULTS:
        for mode in modes:
            base, model = (world.quotes, None) if mode == QUOTES else (world.model, Model())
            with pytest.MonkeyPatch.context() as patch:
                new = fault(world, patch, model)
            before = {result.id: result for result in base.results}
            found = list(compare(base, new).newly_failing)
            found += [
                blame(r, before[r.id], new, base) for r in new.results if r.outcome == "stale" and layer == "gold"
            ]
            assert found, f"{fault.__name__} broke nothing with {mode}"
            confusion.update((layer, blamed.layer) for blamed in found)
            wrong += [
                f"{layer}: {fault.__name__} {mode} {b.result.id}: {b.layer}, {b.why}" for b in found if b.layer != layer
            ]
    total, right = confusion.total(), sum(count for (put, blamed), count in confusion.items() if put == blamed)
    assert total >= 100
    assert {layer for layer, _ in confusion} == {layer for layer, _, _ in FAULTS}
    assert right >= 0.95 * total, f"{right} of {total} right: {confusion}\n" + "\n".join(wrong)


# --- What a fault looks like from outside, one at a time --------------------------------------------------------------

QUOTE = "On Monday, 17 former captains signed a letter to Mayor Ann Marlow."
GOLD = GoldFound("letter.txt", QUOTE, 0, "intact", Place("letter.txt", 20, 86), indexed=True, rank=1)
HERE, ELSEWHERE = Place("letter.txt", 20, 86), Place("letter.txt", 300, 340)
RUN = Run(
    "1", "replay", "fake", {"threshold": 0.5, "floor": 0.1, "prompt_tokens": 6000}, {}, {"letter.txt": "a"}, {}, (), ()
)


def shown(place, n=1, verbatim=True):
    return Shown(n, place, QUOTE, 3, verbatim=verbatim)


def failing(*gold, expect="answer", problems=("words 'x' is missing",), **observed):
    seen = Observation(**{"prompt_sha256": "p", "mode": "llm", "status": "answered", "hits": (HERE,)} | observed)
    question = "How many captains signed the letter?"
    return Result("a", "a", question, expect, "normal", (), "g.yaml", 1, "sha", "fail", problems, gold, seen, {})


def blamed(result, base=None, run=RUN, base_run=None):
    found = blame(result, base, run, base_run)
    assert found.result is result
    assert found.base is base
    return found.layer, found.why


def stated(text, *places, problems=("It is wrong.",)):
    """A claim and the refused statement that it became."""
    return {"claims": (Claimed(text, places),), "rejected": (Statement(text, (), "unsupported", problems),)}


PROMPTED = replace(GOLD, in_context=True, pointed=False)


def test_of_a_part_the_quote_that_came_furthest_counts():
    found = blamed(
        failing(replace(GOLD, rank=None, in_context=False), PROMPTED, replace(GOLD, state="gone", place=None))
    )
    assert found == ("generation", "the gold quote was in the prompt, but the model made no statement")


def test_a_part_of_which_one_quote_is_shown_is_not_lost():
    statement = Statement("17 captains.", (1,))
    result = failing(
        replace(GOLD, rank=None, in_context=False), replace(GOLD, in_context=True, pointed=True, returned=True),
        statements=(statement,), quotes=(shown(HERE),), claims=(Claimed("17 captains.", (HERE,)),),
    )  # fmt: skip
    assert blamed(result) == ("matcher", "the right quotes were shown, but: words 'x' is missing")


def test_of_several_parts_the_earliest_loss_is_blamed():
    missing = GoldFound("other.txt", "x", 1, "missing", in_context=False, pointed=False)
    base_run = replace(RUN, documents={"letter.txt": "a", "other.txt": "b"})
    assert blamed(failing(PROMPTED, missing), base_run=base_run) == (
        "corpus",
        "part 2 of 2: other.txt is not in the index, although the baseline had it",
    )


def test_a_quote_that_does_not_stand_is_the_gold_files_affair():
    edited = replace(GOLD, state="edited", place=None, indexed=False, rank=None)
    base_run = replace(RUN, documents={"letter.txt": "before"})
    assert blamed(failing(edited), base_run=base_run) == (
        "gold",
        "the gold quote is edited in letter.txt, which has changed since the baseline",
    )


def test_a_quote_that_was_not_found_tells_where_it_was_before_and_what_came_instead():
    base_run = replace(RUN, documents={"letter.txt": "a", "new.txt": "before"})
    result = failing(replace(PROMPTED, rank=None, in_context=False), hits=(Place("new.txt", 0, 9), ELSEWHERE))
    run = replace(RUN, documents={"letter.txt": "a", "new.txt": "after"})
    assert blamed(result, failing(replace(GOLD, rank=2)), run, base_run) == (
        "retrieval",
        "the gold quote is not among the hits (2), hit 2 in the baseline; 1 of them from documents added or changed",
    )


def test_a_refused_statement_after_which_quotes_were_shown_is_the_gates():
    result = failing(replace(PROMPTED, pointed=True, returned=True), mode="quotes", quotes=(shown(HERE),),
                     **stated("17 former captains signed the letter.", HERE))  # fmt: skip
    assert blamed(result) == (
        "gate",
        "the model cited the gold quote, but its statement was rejected: It is wrong.",
    )


def test_quotes_shown_because_the_model_was_silent_are_not_its_answer():
    result = failing(replace(PROMPTED, returned=True), mode="quotes", quotes=(shown(HERE),))
    assert blamed(result)[0] == "generation"


@pytest.mark.parametrize(
    ("text", "misread"),
    [
        ("40 former captains signed the letter.", "The quotes do not contain the number 40."),
        ("In a letter to Joe Brandt 17 captains signed.", "Joe is not in it. Brandt is not in it."),
        ("17 captains never signed the letter.", "Only one of the two contains a negation."),
    ],
)
def test_a_misread_quote_is_the_models(text, misread):
    result = failing(replace(PROMPTED, pointed=True), **stated(text, HERE))
    assert blamed(result) == ("generation", f"the model cited the gold quote, but misread it: {misread}")


def test_a_statement_that_the_gate_took_before_is_the_gates_whatever_it_says():
    text = "40 former captains signed the letter."
    result = failing(replace(PROMPTED, pointed=True), **stated(text, HERE))
    base = failing(GOLD, statements=(Statement(text, (1,)),))
    assert blamed(result, base)[0] == "gate"


def test_a_right_statement_with_a_wrong_pointer_is_the_gates_which_looks_for_a_better_one():
    result = failing(PROMPTED, **stated("17 former captains signed the letter.", ELSEWHERE))
    assert blamed(result) == (
        "gate",
        "the model said what the gold quote says, citing something else, but its statement was rejected: It is wrong.",
    )


@pytest.mark.parametrize(
    ("text", "places"),
    [("17 former captains signed the letter.", ()), ("The letter was signed by fishermen.", (ELSEWHERE,))],
)
def test_without_a_pointer_or_with_other_words_it_is_the_models(text, places):
    assert blamed(failing(PROMPTED, **stated(text, *places))) == (
        "generation",
        f"the gold quote was in the prompt, but the model cited {len(places) or 'no'} other "
        + ("sentence" if places else "sentences"),
    )


def test_a_quote_that_only_a_refused_statement_shows_is_not_in_the_answer():
    refused = Statement("17 former captains signed it.", (1,), "unsupported", ("It is wrong.",))
    result = failing(
        replace(PROMPTED, pointed=True, returned=True),
        statements=(refused, Statement("It rained.", (2,))), quotes=(shown(HERE), shown(ELSEWHERE, 2)),
        claims=(Claimed(refused.text, (HERE,)), Claimed("It rained.", (ELSEWHERE,))),
    )  # fmt: skip
    assert blamed(result)[0] == "gate"


def test_a_second_statement_that_was_refused_beside_a_right_quote_is_the_gates():
    kept, refused = Statement("Captains signed.", (1,)), Statement("17 signed.", (), "unsupported", ("It is wrong.",))
    result = failing(
        replace(PROMPTED, pointed=True, returned=True),
        statements=(kept,), rejected=(refused,), quotes=(shown(HERE),),
        claims=(Claimed(kept.text, (HERE,)), Claimed(refused.text, (HERE,))),
    )  # fmt: skip
    assert blamed(result)[0] == "gate"


def test_a_statement_about_something_else_is_the_models_wherever_it_points():
    text = "The weather was fine in Northpoint."
    result = failing(
        replace(PROMPTED, pointed=True),
        statements=(Statement(text, (1,)),), quotes=(shown(ELSEWHERE),), claims=(Claimed(text, (HERE,)),),
    )  # fmt: skip
    assert blamed(result) == ("generation", "the model cited the gold quote, but stated something else")


def test_half_of_a_quote_is_not_enough():
    half = Place("letter.txt", 20, 50)
    statement = Statement("17 captains.", (1,))
    result = failing(
        PROMPTED, statements=(statement,), quotes=(shown(half),), claims=(Claimed("17 captains.", (half,)),)
    )
    assert blamed(result) == ("generation", "the model cited only part of the gold quote")


@pytest.mark.parametrize(("mode", "layer"), [("llm", "gate"), ("quotes", "retrieval")])
def test_a_quote_that_is_not_verbatim_is_a_fault_of_qa(mode, layer):
    run, prompt = (RUN, "p") if mode == "llm" else (replace(RUN, mode="quotes"), None)
    gold = replace(GOLD, returned=True, in_context=prompt and True, pointed=prompt and True)
    statement = Statement("17 captains.", (1,))
    result = failing(
        gold, statements=(statement,), quotes=(shown(HERE, verbatim=False),), mode=mode, prompt_sha256=prompt
    )
    assert blamed(result, run=run) == (layer, "quote 1 differs from the source, which is a bug in qa")


def test_quotes_that_were_not_asked_for_are_of_the_estimate_unless_a_new_document_gives_them():
    result = failing(expect="abstain", mode="quotes", prompt_sha256=None, answerability=0.7, quotes=(shown(HERE),))
    run = replace(RUN, mode="quotes")
    assert blamed(result, run=run) == (
        "retrieval",
        "answerability 0.70 reaches the threshold 0.50, so quotes were given",
    )
    base_run = replace(run, documents={"letter.txt": "before"})
    assert blamed(result, run=run, base_run=base_run) == (
        "corpus",
        "the answer comes from letter.txt, which was added or changed since the baseline",
    )
