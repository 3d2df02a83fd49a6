"""A stranger's folder with links, pipes and folders where files are expected: qa neither writes nor deletes outside of
it, reads nothing out of it, never blocks, and says what is wrong.
"""

import io
import json
import os
import shutil
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from qa import files
from qa.cli.app import main
from qa.errors import ContextTooLongError, IndexUnusableError, ReplayError, SettingError
from qa.gold.files import rewrite
from qa.index import build as builder
from qa.index import store
from qa.llm.protocol import ChatRequest
from qa.llm.recorded import Store
from qa.records import BuildSettings
from qa.settings import find
from qa.testing import HashEncoder
from qa.trust import Snapshot

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there, and pipes are no files")

LIGHTHOUSE = "The lighthouse of Marrow Point was built in 1871 by Edith Lanning. Its lamp can be seen from afar.\n"
GOLD = """\
- id: built
  question: Who built the lighthouse of Marrow Point?
  expect: answer
  all:
    - words: Edith Lanning
  quotes:
    - source: lighthouse.txt
      text: built in 1871 by Edith Lanning
"""
MORE = """\
    - source: lighthouse.txt
      text: The lighthouse of Marrow Point
    - source: lighthouse.txt
      text: Its lamp can be seen from afar.
"""
LINK = "a link"
RECORDED = "0" * 64 + ".json"
Qa = Callable[..., tuple[int, str]]


class Hung(BaseException):
    """Something waits for a pipe that nobody writes to."""


@pytest.fixture(autouse=True)
def never_blocks() -> Iterator[None]:
    def ring(number: int, frame: object) -> None:
        raise Hung

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(120)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def qa(workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Qa:
    """Run a command in the workspace, in this process: its exit code, and all that it printed."""
    monkeypatch.chdir(workspace)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("COLUMNS", "1000")

    def run(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["qa", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        shown = capsys.readouterr()
        return int(ended.value.code or 0), shown.out + shown.err

    return run


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An indexed workspace with a gold file. Not to be changed: `workspace` is a copy."""
    root = tmp_path_factory.mktemp("indexed") / "ws"
    (root / "seeds").mkdir(parents=True)
    (root / "seeds" / "lighthouse.txt").write_text(LIGHTHOUSE)
    (root / "gold.yaml").write_text(GOLD)
    builder.build(root / "seeds", root / "index")
    return root


@pytest.fixture
def workspace(tmp_path: Path, indexed: Path) -> Path:
    return Path(shutil.copytree(indexed, tmp_path / "ws"))


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    """A folder outside of the workspace."""
    folder = tmp_path / "victim"
    (folder / "deep").mkdir(parents=True)
    for name in ("bashrc", "old.vectors", RECORDED, "history.jsonl", "answer.j2", "deep/file"):
        (folder / name).write_text("precious\n")
    (folder / "secret.txt").write_text("The password of Marrow Point is swordfish.\n")
    (folder / "gold.yaml").write_text(GOLD)
    return folder


def contents(folder: Path) -> dict[str, bytes | None]:
    return {str(p.relative_to(folder)): p.read_bytes() if p.is_file() else None for p in folder.rglob("*")}


def generation(workspace: Path) -> Path:
    return workspace / "index" / store.current_name(workspace / "index")[0]


def unfinished(workspace: Path) -> Path:
    """Where the next build keeps the vectors that it has made."""
    recipe = json.loads((generation(workspace) / "manifest.json").read_bytes())["recipe"]
    return workspace / "index" / "partial" / f"{recipe['weights'][:16]}-{recipe['precision']}.vectors"


def changed(workspace: Path) -> None:
    """Something to index, so that the next command builds."""
    (workspace / "seeds" / "more.txt").write_text("The ferry to Marrow Point leaves twice a day.\n")


def link(path: Path, target: Path) -> None:
    """Put a link where something may be already."""
    path.parent.mkdir(exist_ok=True)
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    path.symlink_to(target)


@dataclass(frozen=True)
class Attack:
    """A link in the workspace, the command that meets it, and what that should do.

    path: of the link, in the workspace; {unfinished} and {generation} are filled in. target: in the victim's folder.
    """

    path: str
    target: str
    command: tuple[str, ...]
    code: int
    says: str = ""
    env: tuple[str, str] = ("QA_K", "3")


INDEX = ("index",)
REPORT = ("gold", "run", "gold.yaml", "--quotes")
HISTORY = ("QA_HISTORY", "1")
WRITES = (
    Attack("index", "deep", INDEX, 1, LINK),
    Attack("index", "gone", INDEX, 1, LINK),
    Attack("index/.lock", "bashrc", INDEX, 1, LINK),
    Attack("index/.lock", "gone", INDEX, 1, LINK),
    Attack("index/CURRENT", "bashrc", INDEX, 0),
    Attack("index/CURRENT", "gone", INDEX, 0),
    Attack("index/partial", ".", INDEX, 1, LINK),
    Attack("index/partial", "bashrc", INDEX, 1, LINK),
    Attack("{unfinished}", "bashrc", INDEX, 1, LINK),
    Attack("{unfinished}", "gone", INDEX, 1, LINK),
    Attack("index/partial/other.vectors", "bashrc", INDEX, 0),
    Attack("index/partial/other.vectors", "deep", INDEX, 0),
    Attack("index/.building-1", ".", INDEX, 0),
    Attack("index/.building-1", "bashrc", INDEX, 0),
    Attack("index/.CURRENT-1", ".", INDEX, 0),
    Attack("index/gen-0-000000000000", ".", INDEX, 0),
    Attack("index/gen-9-000000000000", ".", INDEX, 0),
    Attack("{generation}", ".", INDEX, 0),
    Attack("{generation}/text.bin", "bashrc", INDEX, 0),
    Attack("{generation}/lexical", ".", INDEX, 0),
    Attack(".qa", ".", ("ask", "Who built it?"), 0, "not added to the history: ", HISTORY),
    Attack(".qa/history.jsonl", "bashrc", ("ask", "Who built it?"), 0, "not added to the history: ", HISTORY),
    Attack(".qa/history.jsonl", "gone", ("ask", "Who built it?"), 0, "not added to the history: ", HISTORY),
    Attack(".qa", ".", REPORT, 0, "cannot save this run for --changed"),
    Attack(".qa/last-quotes.json", "bashrc", REPORT, 0, "cannot save this run for --changed"),
    Attack(".qa/last-quotes.json", "gone", REPORT, 0, "cannot save this run for --changed"),
    Attack("replay", ".", ("gold", "run", "gold.yaml", "--replay", "--prune", "--model", "m"), 2, LINK),
    *(
        Attack(path, target, (*REPORT, option, named), 2, LINK)
        for option in ("--html", "--junit", "--markdown", "--save")
        for path, target, named in (
            ("report", "bashrc", "report"),
            ("report", "gone", "report"),
            ("out", ".", "out/bashrc"),
            ("out", ".", "out/new"),
        )
    ),
    Attack("out", ".", ("gold", "suggest", "questions.txt", "--out", "out/new.yaml"), 1, LINK),
    Attack("review.yaml", "gone", ("gold", "suggest", "questions.txt", "--out", "review.yaml"), 2, "exists already"),
    Attack("mine.yaml", "gone", ("gold", "accept", "review.yaml", "mine.yaml"), 1, LINK),
    Attack("mine.yaml", "gold.yaml", ("gold", "accept", "review.yaml", "mine.yaml"), 1, LINK),
    Attack("mine.yaml", "gold.yaml", ("gold", "check", "--fix", "mine.yaml"), 1, LINK),
    Attack("seeds", ".", ("init",), 1, LINK),
    Attack("seeds/README.md", "gone", ("init",), 0, "kept"),
    Attack("qa.toml", "gone", ("init",), 0, "kept"),
)


@pytest.mark.parametrize("attack", WRITES, ids=lambda a: f"{' '.join(a.command)} {a.path}->{a.target}")
def test_nothing_is_written_or_deleted_through_a_link(
    workspace: Path, victim: Path, qa: Qa, attack: Attack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(*attack.env)
    (workspace / "questions.txt").write_text("Who built the lighthouse?\n")
    (workspace / "review.yaml").write_text(GOLD.replace("id: built", "id: new\n  review: accept"))
    changed(workspace)
    if "--fix" in attack.command:  # three quotes of a document that has another name now, which --fix writes down
        (victim / "gold.yaml").write_text((GOLD + MORE).replace("lighthouse.txt", "renamed.txt"))
    places = {"unfinished": unfinished(workspace), "generation": generation(workspace)}
    before = contents(victim)
    link(workspace / attack.path.format(**places), victim / attack.target)
    code, said = qa(*attack.command)
    assert contents(victim) == before
    assert (code, attack.says in said) == (attack.code, True), said
    assert "this is a bug" not in said


READS = (
    Attack("qa.toml", "bashrc", ("status",), 2, LINK),
    Attack("seeds/metadata.toml", "bashrc", ("status",), 2, LINK),
    Attack("index/CURRENT", "bashrc", ("status",), 1, LINK),
    Attack("index", "deep", ("status",), 1, LINK),
    Attack("{generation}", ".", ("status",), 1, LINK),
    Attack("{generation}/manifest.json", "bashrc", ("status",), 1, LINK),
    Attack("prompts", ".", ("status",), 0),
    Attack("prompts/answer.j2", "answer.j2", ("status",), 0),
    Attack("seeds/secret.txt", "secret.txt", ("status",), 0, "secret.txt: a link out of the workspace"),
    Attack("seeds/secret.txt", "secret.txt", ("ask", "What is the password of Marrow Point?"), 3),
    Attack(".qa/history.jsonl", "history.jsonl", ("gold", "suggest", "--from-history", "--out", "new.yaml"), 1, LINK),
)


@pytest.mark.parametrize("attack", READS, ids=lambda a: f"{' '.join(a.command)} {a.path}->{a.target}")
def test_nothing_is_read_through_a_link(workspace: Path, victim: Path, qa: Qa, attack: Attack) -> None:
    path = workspace / attack.path.format(generation=generation(workspace))
    link(path, victim / attack.target)
    code, said = qa(*attack.command)
    assert (code, attack.says in said) == (attack.code, True), said
    assert "precious" not in said
    assert "The password of" not in said


@pytest.mark.parametrize(
    "name",
    [
        "sources.jsonl",
        "text.bin",
        "text.bin.sum",
        "passages.bin",
        "passages.keys",
        "vectors.faiss",
        "lexical",
        "lexical/passages/size.json",
        "lexical/sentences/data.csc.index.npy",
        "lexical/passages/terms.bin",
        "manifest.json",
    ],
)
@pytest.mark.parametrize("large", [False, True])
def test_a_link_in_a_generation_is_damage_even_if_the_file_is_the_right_one(
    workspace: Path, qa: Qa, tmp_path: Path, name: str, large: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if large:
        monkeypatch.setattr(store, "WHOLE", 0)  # not every file is hashed
    path = generation(workspace) / name
    shutil.move(path, tmp_path / "moved")
    path.symlink_to(tmp_path / "moved")
    code, said = qa("status")
    assert (code, LINK in said) == (1, True), said
    assert qa("status", "--check")[0] == 1


def pipe(path: Path) -> None:
    os.mkfifo(path)


def folder(path: Path) -> None:
    path.mkdir()


def listening(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # the name of a socket is short
    try:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(path.name)
    finally:
        os.chdir(here)


ODD = (
    ("qa.toml", ("status",), 2),
    ("seeds/metadata.toml", ("status",), 2),
    ("seeds/odd.txt", ("status",), 0),
    ("index/CURRENT", ("status",), 1),
    ("index/.lock", INDEX, 1),
    ("index/partial", INDEX, 1),
    ("{unfinished}", INDEX, 1),
    ("{generation}/manifest.json", ("status",), 1),
    ("{generation}/text.bin", ("status",), 1),
    ("{generation}/text.bin.sum", ("status",), 1),
    ("{generation}/vectors.faiss", ("status",), 1),
    ("{generation}/passages.keys", ("status", "--check"), 1),
    ("{generation}/lexical/passages/size.json", ("status",), 1),
    ("{generation}/lexical/sentences/indptr.csc.index.npy", ("status",), 1),
    ("prompts/answer.j2", ("status",), 0),
    ("prompts", ("status",), 0),
    (".qa/history.jsonl", ("gold", "suggest", "--from-history", "--out", "new.yaml"), 1),
    ("odd.yaml", ("gold", "check", "odd.yaml"), 2),
    ("odd.yaml", ("gold", "accept", "odd.yaml", "gold.yaml"), 2),
    ("odd.json", ("gold", "compare", "odd.json", "odd.json"), 2),
    ("odd.json", ("verify", "odd.json"), 2),
    ("odd.txt", ("gold", "suggest", "odd.txt", "--out", "new.yaml"), 2),
    ("odd.gguf", ("ask", "--model", "gguf:odd.gguf", "Who built it?"), 1),
    (f"replay/{RECORDED}", ("gold", "run", "gold.yaml", "--replay", "--model", "m"), 2),
    ("odd.html", (*REPORT, "--html", "odd.html"), 2),
)


@pytest.mark.parametrize("make", [pipe, folder, listening])
@pytest.mark.parametrize(("path", "command", "code"), ODD)
def test_what_is_no_regular_file_is_not_waited_for(
    workspace: Path, qa: Qa, path: str, command: tuple[str, ...], code: int, make: Callable[[Path], None]
) -> None:
    if path == "index/partial" and make is folder:
        code = 0
    changed(workspace)
    place = workspace / path.format(generation=generation(workspace), unfinished=unfinished(workspace))
    place.parent.mkdir(exist_ok=True)
    place.unlink(missing_ok=True)
    make(place)
    found, said = qa(*command)
    assert found == code, said
    assert "this is a bug" not in said
    if code:
        assert place.name in said, said


@pytest.mark.parametrize("make", [pipe, folder, listening])
def test_an_index_whose_current_is_no_file_is_made_anew_or_refused(
    workspace: Path, qa: Qa, make: Callable[[Path], None]
) -> None:
    (workspace / "index" / "CURRENT").unlink()
    make(workspace / "index" / "CURRENT")
    code, said = qa("index")
    assert code == (1 if make is folder else 0), said
    assert qa("index") == (code, said) if code else qa("status")[0] == 0


def test_what_else_lies_beside_unfinished_vectors_stays_and_does_not_disturb(workspace: Path, qa: Qa) -> None:
    partial = workspace / "index" / "partial"
    (partial / "mine.vectors").mkdir(parents=True)
    (partial / "notes.txt").write_text("mine")
    (partial / "old.vectors").write_text("from another model")
    changed(workspace)
    assert qa("index")[0] == 0
    assert sorted(p.name for p in partial.iterdir()) == ["mine.vectors", "notes.txt"]


@pytest.mark.parametrize("target", ["..", "../..", ".", "loop", "../index", "../.qa", "/", "../index/CURRENT"])
def test_a_link_among_the_documents_never_makes_every_command_build_again(workspace: Path, qa: Qa, target: str) -> None:
    (workspace / ".qa").mkdir()
    name = "loop.txt" if target.endswith("CURRENT") else "loop"
    (workspace / "seeds" / name).symlink_to(target)
    assert qa("index")[0] == 0
    built = generation(workspace).name
    code, said = qa("status")
    assert (code, "skipped   loop" in said) == (0, True), said
    assert qa("search", "lighthouse")[0] == 0
    assert generation(workspace).name == built


def test_seeds_that_are_the_workspace_itself_are_refused(workspace: Path, qa: Qa) -> None:
    link(workspace / "seeds", Path())
    code, said = qa("index")
    assert (code, "a link to the workspace itself" in said) == (1, True), said


@pytest.mark.parametrize("odd", ["link", "pipe", "folder", "prompts"])
def test_a_trusted_workspace_with_an_odd_template_is_an_error_that_names_it(
    workspace: Path, victim: Path, tmp_path: Path, odd: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    place = workspace / "prompts" / "answer.j2"
    if odd == "prompts":
        link(workspace / "prompts", victim)
    elif odd == "link":
        link(place, victim / "answer.j2")
    else:
        place.parent.mkdir()
        (pipe if odd == "pipe" else folder)(place)
    found = find(workspace)
    Snapshot.read(found).trust()
    with pytest.raises(SettingError, match="cannot be read: it is"):
        Snapshot.read(found).template("answer.j2")


def test_a_store_of_answers_neither_writes_nor_deletes_through_a_link(workspace: Path, victim: Path) -> None:
    before = contents(victim)
    link(workspace / "replay", victim)
    linked = Store(workspace / "replay")
    for use in (lambda: linked.keep_only(set()), lambda: linked.check(), lambda: len(linked), lambda: linked.get({})):
        with pytest.raises(ReplayError, match=LINK):
            use()
    with pytest.raises(OSError, match=LINK):
        linked.put("m", ChatRequest(()), _too_long())
    link(workspace / "more", victim.parent)
    with pytest.raises(ReplayError, match=LINK):  # and not through a folder above it
        Store(workspace / "more" / "victim", below=workspace).keep_only(set())
    assert contents(victim) == before


def test_pruning_deletes_only_recorded_answers(tmp_path: Path, victim: Path) -> None:
    replay = Store(tmp_path / "replay")
    replay.put("m", ChatRequest(()), _too_long())
    (replay.folder / "package.json").write_text("{}")
    link(replay.folder / RECORDED, victim / RECORDED)
    assert replay.keep_only(set()) == 1
    assert sorted(p.name for p in replay.folder.iterdir()) == [RECORDED, "package.json"]


def _too_long() -> ContextTooLongError:
    return ContextTooLongError("too long", 10)


def test_a_folder_that_is_exchanged_while_a_gold_file_is_rewritten_leads_nowhere(
    workspace: Path, victim: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (workspace / "gold").mkdir()
    (workspace / "gold" / "gold.yaml").write_text("old")
    judged = rewrite.real

    def exchanged(path: Path, root: Path | None) -> Path:
        target = judged(path, root)
        (workspace / "gold").rename(workspace / "moved")
        link(workspace / "gold", victim)
        return target

    monkeypatch.setattr(rewrite, "real", exchanged)
    with pytest.raises(OSError, match=r"link|folder|directory"):
        rewrite.write(workspace / "gold" / "gold.yaml", "new", root=workspace)
    assert (victim / "gold.yaml").read_text() == GOLD


def test_a_gold_file_is_rewritten_through_a_link_inside_the_workspace_only(workspace: Path, victim: Path) -> None:
    link(workspace / "inside.yaml", workspace / "gold.yaml")
    rewrite.write(workspace / "inside.yaml", "new", root=workspace)
    assert (workspace / "gold.yaml").read_text() == "new"
    link(workspace / "outside.yaml", victim / "gold.yaml")
    with pytest.raises(OSError, match="a link leads out of the workspace"):
        rewrite.write(workspace / "outside.yaml", "new", root=workspace)
    assert (victim / "gold.yaml").read_text() == GOLD


def test_a_full_disk_is_named_and_leaves_the_old_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "a.txt").write_text(LIGHTHOUSE)

    def build() -> None:
        builder.build(tmp_path / "seeds", tmp_path / "index", BuildSettings(), HashEncoder())

    build()
    before = store.current_name(tmp_path / "index")
    (tmp_path / "seeds" / "b.txt").write_text("Another sentence of the ferry.\n")

    class Full(io.BytesIO):
        def write(self, data: object) -> int:
            raise OSError(28, "No space left on device")

    create = files.Folder.create
    monkeypatch.setattr(
        files.Folder, "create", lambda folder, name: Full() if name == "vectors.faiss" else create(folder, name)
    )
    with pytest.raises(IndexUnusableError, match="No space left on device"):
        build()
    assert store.current_name(tmp_path / "index") == before
    monkeypatch.undo()
    build()
    assert store.verify(tmp_path / "index") == []


def small(root: Path) -> Path:
    """A workspace with an index, without a model."""
    (root / "seeds").mkdir(parents=True)
    (root / "seeds" / "lighthouse.txt").write_text(LIGHTHOUSE)
    builder.build(root / "seeds", root / "index", BuildSettings(), HashEncoder())
    return root


@pytest.mark.parametrize("replaced_by", ["link", "links", "copy"])
def test_a_build_whose_folder_is_exchanged_writes_nowhere_else_and_publishes_nothing(
    tmp_path: Path, victim: Path, replaced_by: str
) -> None:
    """As somebody can do who may write to the index folder, such as a shared one."""
    root = small(tmp_path / "small")
    before, precious = store.current_name(root / "index"), contents(victim)
    exchanged: list[Path] = []

    def exchange(stage: str, done: int, total: int) -> None:
        for building in (root / "index").glob(".building-*"):
            if stage != "Writing" or exchanged:
                return
            assert building.stat().st_mode & 0o077 == 0  # nobody else can enter it
            exchanged.append(building.rename(root / "index" / ".stolen"))
            if replaced_by == "link":
                building.symlink_to(victim)
            elif replaced_by == "copy":
                shutil.copytree(exchanged[0], building)
            else:
                building.mkdir()
                for name, target in (("sources.jsonl", "bashrc"), ("text.bin.sum", "new"), ("lexical", "deep")):
                    (building / name).symlink_to(victim / target)

    changed(root)
    with pytest.raises(IndexUnusableError, match="somebody else put another folder in its place"):
        builder.build(root / "seeds", root / "index", BuildSettings(), HashEncoder(), exchange)
    assert exchanged
    assert contents(victim) == precious
    assert store.current_name(root / "index") == before
    assert store.verify(root / "index") == []
    builder.build(root / "seeds", root / "index", BuildSettings(), HashEncoder())
    assert store.current_name(root / "index") != before


@pytest.mark.parametrize("theirs", ["link", "folder"])
def test_a_build_does_not_begin_in_a_folder_that_somebody_else_put_there(
    tmp_path: Path, victim: Path, theirs: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = small(tmp_path / "small")
    make, state, precious = files.Folder.make, files.Folder.stat, contents(victim)

    def exchange(folder: files.Folder, name: str, mode: int = 0o777) -> None:
        make(folder, name, mode)
        if theirs == "link" and name.startswith(".building-"):
            (folder.path / name).rename(root / "index" / ".stolen")
            (folder.path / name).symlink_to(victim)

    def owned(folder: files.Folder, name: str) -> os.stat_result:
        found = list(state(folder, name))
        found[4] += theirs == "folder" and name.startswith(".building-")
        return os.stat_result(found)

    monkeypatch.setattr(files.Folder, "make", exchange)
    monkeypatch.setattr(files.Folder, "stat", owned)
    changed(root)
    with pytest.raises(IndexUnusableError, match=r"a link|somebody else put another folder"):
        builder.build(root / "seeds", root / "index", BuildSettings(), HashEncoder())
    assert contents(victim) == precious


def test_a_generation_has_the_permissions_that_the_system_gives_new_folders(tmp_path: Path) -> None:
    root = small(tmp_path / "small")
    (tmp_path / "new").mkdir()
    assert generation(root).stat().st_mode == (tmp_path / "new").stat().st_mode
