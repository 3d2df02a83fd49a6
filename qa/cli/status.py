"""qa status: the state of the index, and the effective settings."""

import json as jsonlib
import sys
from collections.abc import Mapping
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qa.cli.options import CheckContentOption, JsonOption, WorkspaceOptions
from qa.cli.render import Output, label
from qa.cli.unread import unread_lines
from qa.text import counted

if TYPE_CHECKING:
    from qa.embed.recommended import Role
    from qa.session import Session

__all__ = ["models_state", "status"]

TITLES = {
    "embedder": "Embedding model",
    "reranker": "Reranker",
    "reader": "Reader",
    "entailment": "Entailment model",
}
MEASURED = "measured on folders that took no part in fitting the weights; rules were written with them at hand"
CheckOption = Annotated[bool, typer.Option("--check", help="Compare every file of the index with its checksum.")]


def status(
    workspace: WorkspaceOptions,
    check: CheckOption = False,
    check_content: CheckContentOption = False,
    json: JsonOption = False,
) -> int:
    """Show the state of the index and the effective settings.

    Also shows where each setting comes from, and what has changed since the index was built. Exits with 1 when the
    index is damaged or was not built by you.
    """
    with workspace.open() as session:
        models = models_state(session)
        about: dict[str, Any] = {
            "schema": 1,
            "root": str(session.workspace.root),
            "trusted": session.snapshot.is_trusted,
            "index": _index(session, check, check_content),
            "embedder": models["embedder"],
            "models": models,
            "zones": _zones(session),
            "settings": {s.name: {"value": s.shown, "origin": s.origin} for s in session.settings},
        }
    if json:
        from qa.cli import jsonio

        jsonio.write(about, sys.stdout)
    else:
        _print(about)
    return 1 if about["index"]["state"] in ("damaged", "foreign", "untrusted") else 0


def _index(session: "Session", check: bool, check_content: bool) -> dict[str, Any]:
    """The state of the index: missing, untrusted (built by somebody else), foreign, damaged, whole (after a check) or
    present; and what is in it.
    """
    workspace = session.workspace
    from qa.errors import IndexDamagedError, IndexForeignError, IndexMissingError, IndexUntrustedError
    from qa.index import store, unfinished

    about: dict[str, Any] = {"path": str(workspace.index), "state": "present"}
    try:
        damaged = store.verify(workspace.index) if check else []
        if damaged:
            names = ", ".join(damaged)
            return about | {"state": "damaged", "problem": f"{names} missing or altered; run: qa index --rebuild"}
        generation = store.Generation.open(workspace.index)
    except IndexMissingError as error:
        return about | {"state": "missing", "problem": str(error)}
    except IndexUntrustedError:
        problem = "not built by you, not trusted; build your own with: qa index, or accept it with: qa trust --index"
        return about | {"state": "untrusted", "problem": problem}
    except (IndexDamagedError, IndexForeignError) as error:
        state = "damaged" if isinstance(error, IndexDamagedError) else "foreign"
        return about | {"state": state, "problem": str(error)}
    try:
        about |= {"state": "whole" if check else "present", "digest": generation.sha256}
        manifest = generation.manifest
        about |= {"generation": generation.name, "model": manifest["model"]["name"], **generation.counts}
        about["unread"] = {doc_id: list(reasons) for doc_id, reasons in generation.unread().items()}
        about |= {"built": _time(manifest["built_ns"]), "bytes": sum(f["size"] for f in manifest["files"].values())}
        if not generation.complete:
            about["unfinished"] = unfinished.described(generation)
        return about | _freshness(session, check_content)
    finally:
        generation.close()


def _time(nanoseconds: int) -> str:
    from datetime import datetime

    return datetime.fromtimestamp(nanoseconds // 1_000_000_000, UTC).isoformat()


def _freshness(session: "Session", check_content: bool) -> dict[str, Any]:
    from qa.errors import ModelError, WorkspaceError
    from qa.session import describe_changes

    try:
        todo = session.plan(check_content)
    except (WorkspaceError, ModelError) as error:
        return {"fresh": None, "why": str(error)}
    return {
        "fresh": not todo.stale,
        "why": describe_changes(todo, session.folder) if todo.stale else "",
        "added": list(todo.added),
        "changed": list(todo.changed),
        "removed": list(todo.removed),
        "skipped": dict(todo.skipped),
        "duplicates": dict(todo.duplicates),
    }


def _zones(session: "Session") -> list[dict[str, Any]]:
    """What was measured of each zone, as long as its limits are the default ones."""
    from qa.retrieve.zones import PROMISES

    if any(session.settings.origin(name) != "default" for name in ("threshold", "uncertain")):
        return []
    return [{"zone": p.zone, "text": p.text, "right": p.right, "asked": p.asked} for p in PROMISES]


def models_state(session: "Session") -> dict[str, dict[str, Any]]:
    """The models that the settings name, by role, and what runs them. Loads nothing: it reads what exports wrote."""
    from qa.embed.recommended import ROLES

    return {role: _model_state(role, session.settings[role]) for role in ROLES if session.settings[role]}


def _model_state(role: "Role", name: str) -> dict[str, Any]:
    from qa.embed import encoder
    from qa.embed.models import embedder_weights, weights_sha256
    from qa.errors import ModelError

    cache = encoder.cache_folder()
    try:
        folder = encoder.model_folder(name, role)
        weights = embedder_weights(name, folder, cache) if role == "embedder" else weights_sha256(folder, cache)
    except ModelError as error:
        return {"name": name, "weights": None, "backend": None, "why": str(error)}
    about = {"name": name, "weights": weights}
    target = _exported(role, cache, weights)
    meta = encoder.read_json(target / "meta.json")
    if meta is None:
        first = "the next qa index does that" if role == "embedder" else "its first use does that"
        return about | {"backend": None, "why": f"not prepared yet; {first}"}
    problem = meta.get("problem")
    fallback = "torch" if role == "embedder" else None
    return about | {"backend": fallback if problem else "onnx", "why": problem or f"exported to {target}"}


def _exported(role: "Role", cache: Path, weights: str) -> Path:
    from qa.embed.export import RECIPE
    from qa.embed.pair_session import exported

    return cache / f"onnx-{RECIPE}-{weights[:16]}" if role == "embedder" else exported(role, weights, cache)


def _print(about: Mapping[str, Any]) -> None:
    output = Output()
    output.line(label(about["root"]) + (" (trusted)" if about["trusted"] else ""), style="bold")
    output.line()
    output.line("Index", style="bold")
    _print_index(output, about["index"])
    output.line()
    for role, model in about["models"].items():
        output.line(TITLES[role], style="bold")
        output.line(f"{label(model['name'])}, run by {model['backend'] or 'nothing yet'}", first="  ")
        output.line(label(model["why"]), first="  ")
    output.line()
    output.line("Quotes without a model", style="bold")
    for zone in about["zones"]:
        share = f"{zone['right']} of {zone['asked']} ({zone['right'] / zone['asked']:.0%})"
        output.line(f"{zone['zone']:<15} {zone['text']}: {share}", first="  ")
    where = MEASURED if about["zones"] else "the limits are your own"
    output.line(f"({where}; for your documents: qa gold calibrate)", first="  ")
    output.line()
    output.line("Settings", style="bold")
    rows = [(name, _value(s["value"]), s["origin"]) for name, s in about["settings"].items()]
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    for name, value, origin in rows:
        output.line(f"{name:<{widths[0]}}  {value:<{min(widths[1], 24)}}  {label(origin)}", first="  ")


def _print_index(output: Output, index: Mapping[str, Any]) -> None:
    if "problem" in index:
        output.line(f"{index['state']}: {label(index['problem'])}", first="  ")
        return
    sizes = ", ".join(counted(index[noun], noun[:-1]) for noun in ("documents", "passages", "sentences"))
    output.line(f"{sizes}; {index['bytes'] / 1e6:.1f} MB", first="  ")
    output.line(f"{label(index['generation'])}, built {label(index['built'])} with {label(index['model'])}", first="  ")
    if "unfinished" in index:
        output.line(label(index["unfinished"]), first="  ")
    if index["state"] == "whole":
        output.line("whole: every file matches its checksum", first="  ")
    fresh = index["fresh"]
    output.line("fresh" if fresh else f"{'stale' if fresh is False else 'unknown'}: {label(index['why'])}", first="  ")
    for verb in ("added", "changed", "removed"):
        for doc_id in index.get(verb, []):
            output.line(f"{verb:<9} {label(doc_id)}", first="    ")
    for doc_id, reason in index.get("skipped", {}).items():
        output.line(f"skipped   {label(doc_id)}: {label(reason)}", first="    ")
    for line in unread_lines(index["unread"]):
        output.line(line, first="    ")
    for doc_id, kept in index.get("duplicates", {}).items():
        output.line(f"duplicate {label(doc_id)}: same bytes as {label(kept)}", first="    ")


def _value(value: object) -> str:
    return label(jsonlib.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False))
