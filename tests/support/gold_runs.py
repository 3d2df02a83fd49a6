"""Runs of gold cases made by hand, with every kind of outcome in them, and text that is out to break a report."""

from dataclasses import replace
from typing import Any

from qa.gold.results import Claimed, GoldFound, Observation, Result, Run, Shown
from qa.gold.verdict.blame import Blamed
from qa.gold.verdict.compare import Comparison, MeanChange
from qa.quotes.anchors import Place
from qa.records import Statement

HOSTILE = (
    "<script>alert(1)</script> </style><img src=x onerror=alert(2)> \x1b[31mred\x07 \u202egnp.exe \x00\ufffe\ud800 "
    "| cell | ``` @everyone ![x](http://evil.example/x.png) %0A::error::no ]]> -->"
)
SOURCE = "news/lighthouse.txt"
GOLD = "The lighthouse of Marrow Point was built in 1871 by Edith Lanning."
BEFORE, AFTER = "Marrow Point is a cape in the far north. ", " Its lamp can be seen from nineteen miles away."
OTHER = "Its lamp can be seen from nineteen miles away."
FILE = "tests/gold/north.yaml"


def found(**changes: Any) -> GoldFound:
    """A gold quote that came all the way to the answer."""
    place = Place(SOURCE, 41, 41 + len(GOLD))
    gold = GoldFound(SOURCE, GOLD, 0, "intact", place, BEFORE, AFTER, 3, indexed=True, rank=1, returned=True)
    return replace(gold, **{"in_context": True, "pointed": True, **changes})


def shown(n: int = 1, **changes: Any) -> Shown:
    """A quote of an answer."""
    return replace(Shown(n, Place(SOURCE, 41, 41 + len(GOLD)), GOLD, 3, BEFORE, AFTER), **changes)


def answered(**changes: Any) -> Observation:
    """The right answer."""
    place = Place(SOURCE, 41, 41 + len(GOLD))
    seen = Observation(
        status="answered",
        mode="llm",
        model="tiny",
        statements=(Statement("Edith Lanning built it in 1871.", (1,), "supported", ()),),
        quotes=(shown(),),
        hits=(place,),
        context=(place,),
        claims=(Claimed("Edith Lanning built it in 1871.", (place,)),),
        timings_ms={"total": 1250.0},
    )
    return replace(seen, **changes)


def result(case_id: str, outcome: str = "pass", **changes: Any) -> Result:
    """A case that was asked once."""
    made = Result(
        id=case_id,
        fact=case_id,
        question="Who built the lighthouse of Marrow Point?",
        expect="answer",
        severity="normal",
        tags=("single", "who-said"),
        file=FILE,
        line=7,
        case_sha256="0" * 64,
        outcome=outcome,  # type: ignore[arg-type]
        problems=(),
        gold=(found(),),
        observed=answered(),
        measures={"recall@5": 1.0, "char_iou": 0.5, "citation_recall": 1.0, "answer_match": 1.0, "latency_ms": 1250.0},
        passes=int(outcome == "pass"),
    )
    return replace(made, **changes)


def newly_failing() -> Result:
    """A critical case: retrieved, but the model pointed at the sentence after it."""
    seen = answered(
        statements=(Statement("Its lamp is seen from afar.", (1,), "supported", ()),),
        rejected=(Statement("It was built in 1872.", (), "unsupported", ("1872 is in no quote",)),),
        quotes=(shown(text=OTHER, before=GOLD + " ", after=""),),
    )
    return result(
        "builder",
        "fail",
        severity="critical",
        line=12,
        problems=("words 'Edith Lanning' is missing", "a part has no quote in the answer"),
        gold=(found(rank=2, pointed=False, returned=False),),
        observed=seen,
        measures={"recall@5": 1.0, "char_iou": 0.0, "citation_recall": 0.0, "answer_match": 0.0, "latency_ms": 900.0},
    )


def hostile() -> Result:
    """A failing case all of whose texts are hostile; its quote is not verbatim."""
    return result(
        "hostile",
        "fail",
        line=20,
        question=HOSTILE,
        problems=(HOSTILE,),
        gold=(found(text=HOSTILE, before=HOSTILE, after=HOSTILE, returned=False),),
        observed=answered(
            statements=(Statement(HOSTILE, (1,), "unsupported", (HOSTILE,)),),
            rejected=(Statement(HOSTILE, (), "unsupported", (HOSTILE,)),),
            quotes=(shown(text=HOSTILE, before=HOSTILE, after=HOSTILE, verbatim=False),),
        ),
    )


def run(*results: Result) -> Run:
    """A run with these results; without any, one with every kind of outcome."""
    return Run(
        version="0.1.0",
        mode="replay",
        model="tiny",
        settings={"k": 5, "threshold": 0.5},
        index={"model": "all-MiniLM-L6-v2", "generation": "gen-1-0123456789ab"},
        documents={SOURCE: "ab" * 32},
        templates={"answer.j2": "cd" * 32},
        gold_files=tuple(dict.fromkeys(r.file for r in results or every_kind())),
        results=results or every_kind(),
    )


def every_kind() -> tuple[Result, ...]:
    """One case of every kind, in the order of their files."""
    silent = Observation(status="abstained", reason="not_in_sources", mode="llm", model="tiny")
    nothing = {"recall@5": 0.0, "citation_recall": 0.0, "answer_match": 0.0}
    lost = (found(rank=None, in_context=False, pointed=False, returned=False),)
    gone = (found(state="gone", place=None, before="", after="", line=0, indexed=False, rank=None, returned=False),)
    return (
        result("passes"),
        newly_failing(),
        hostile(),
        result("still-failing", "fail", problems=("no answer",), gold=lost, observed=silent, measures=nothing),
        result("far", expect="abstain", tags=("far",), gold=(), observed=silent, measures={}),
        result("out-of-date", "stale", problems=(f"{SOURCE}: a gold quote is gone",), gold=gone, measures={}),
        result(
            "unreachable", "error", observed=Observation(error="the endpoint does not answer"), gold=(), measures={}
        ),
        result("wavers", passes=3, runs=5, file="tests/gold/other.yaml", line=1),
    )


def comparison(made: Run, verdict: str = "fail", **changes: Any) -> Comparison:
    """Against a baseline in which `builder` passed and `passes` did not."""
    by_id = {r.id: r for r in made.results}
    blamed = (Blamed(by_id["builder"], None, "generation", "in the prompt, but the model pointed elsewhere"),)
    compared = Comparison(
        verdict=verdict,  # type: ignore[arg-type]
        reasons=("a critical case regressed: builder",),
        base_passes=3,
        new_passes=3,
        compared=6,
        newly_failing=blamed if "builder" in by_id else (),
        newly_passing=("passes",),
        critical=("builder",),
        p_value=1.0,
        interval=(-0.4, 0.4),
        confidence=0.9,
        smallest_drop=0.25,
        means=(
            MeanChange("recall@5", 0.9, 0.8, -0.15, -0.05, 5),
            MeanChange("latency_ms", 800.0, 1180.0, 10.0, 700.0, 5),
        ),
        added=(),
        removed=("no-longer",),
        changed=(),
        not_measured=("out-of-date", "unreachable"),
    )
    return replace(compared, **changes)
