"""The models that qa recommends, from `recommended.json`: what they are for, their figures, and where they are pinned.

A fact that has not been verified is left out: a model without a revision is fetched at the newest one, and a file
without a hash is compared with what the hub states for it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Literal

__all__ = ["ROLES", "Recommended", "Role", "canonical", "prefixes", "table"]

Role = Literal["embedder", "reranker", "reader", "entailment"]
ROLES: tuple[Role, ...] = ("embedder", "reranker", "reader", "entailment")
"""What a model can be; each is the name of a setting too."""


@dataclass(frozen=True, slots=True)
class Recommended:
    """One model. about: its languages. figures: as published, with the data they were measured on, empty if unknown.

    licence: an SPDX id as the hub writes it. megabytes: of its weights, None if unknown. revision: a commit, empty for
    the newest. hashes: SHA-256 (hex) by file. prefixes: what the model needs before a `query` and a `document`.
    """

    name: str
    role: Role
    about: str
    licence: str
    figures: str = ""
    megabytes: int | None = None
    revision: str = ""
    hashes: Mapping[str, str] = field(default_factory=dict)
    prefixes: Mapping[str, str] = field(default_factory=dict)


@cache
def table() -> Mapping[str, Recommended]:
    """Every recommended model by name."""
    text = files("qa.embed").joinpath("recommended.json").read_text(encoding="utf-8")
    return {name: Recommended(name, **entry) for name, entry in json.loads(text).items()}


def canonical(name: str) -> str:
    """The name under which a model is listed: the packaged embedder has a longer one on the hub."""
    short = name.removeprefix("sentence-transformers/")
    return short if short in table() else name


def prefixes(name: str) -> Mapping[str, str]:
    """What a model needs before a `query` and a `document`; empty for a model that needs nothing or is not listed."""
    known = table().get(canonical(name))
    return known.prefixes if known else {}
