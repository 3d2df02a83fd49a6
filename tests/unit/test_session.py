"""A workspace is opened in one place; documents may lie in another folder."""

import ast
from collections.abc import Callable
from pathlib import Path

import pytest

import qa
from qa.errors import IndexUnusableError, SettingError, StoreError, WorkersError, WorkspaceError
from qa.index.cluster import RayWorkers
from qa.index.milvus import MilvusStore
from qa.session import Session

PACKAGE = Path(qa.__file__).parent
OPENERS = {"find", "resolve", "sources_folder"}


def imports_of(path: Path) -> set[str]:
    """What a module takes from `qa.settings`, by `from qa.settings import x` or `settings.x`."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    aliases, taken = set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "qa.settings":
            taken |= {name.name for name in node.names}
        if isinstance(node, ast.ImportFrom) and node.module == "qa":
            aliases |= {name.asname or name.name for name in node.names if name.name == "settings"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in aliases:
            taken.add(node.attr)
    return taken


def test_only_the_session_opens_a_workspace() -> None:
    opening = {str(p.relative_to(PACKAGE)) for p in PACKAGE.rglob("*.py") if imports_of(p) & OPENERS}
    assert opening == {"session.py"}


def test_the_session_prints_nothing() -> None:
    assert "print(" not in (PACKAGE / "session.py").read_text(encoding="utf-8")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("QA_SOURCES", raising=False)
    (tmp_path / "work" / "seeds").mkdir(parents=True)
    (tmp_path / "notes").mkdir()
    return tmp_path / "work"


def test_sources_are_seeds_unless_a_flag_names_another_folder(root: Path) -> None:
    assert Session.open(root).sources == root / "seeds"
    session = Session.open(root, {"sources": "../notes"}, cwd=root)
    assert (session.sources.resolve(), session.folder) == (root.parent / "notes", "notes/")


def test_sources_of_qa_toml_need_trust_only_outside_of_the_workspace(root: Path) -> None:
    (root / "qa.toml").write_text('sources = "docs"\n')
    assert Session.open(root).sources == root / "docs"
    (root / "docs").symlink_to(root.parent / "notes")  # leads outside now
    for value in ("docs", "../notes", str(root.parent / "notes")):
        (root / "qa.toml").write_text(f'sources = "{value}"\n')
        notices: list[str] = []
        session = Session.open(root, notify=notices.append)
        assert session.sources == root / "seeds"
        assert notices == [
            "sources in qa.toml ignored: this workspace is not trusted. Review its qa.toml, then run: qa trust"
        ]
    session.snapshot.trust()
    assert Session.open(root).sources == root.parent / "notes"


@pytest.mark.parametrize("sources", [".", "..", "/"])
def test_a_folder_that_holds_the_index_is_refused(root: Path, sources: str) -> None:
    with pytest.raises(SettingError, match="qa writes nothing among your documents"):
        Session.open(root, {"sources": sources}, cwd=root)


def test_without_a_workspace_only_a_caller_that_needs_none_gets_a_session(root: Path) -> None:
    with pytest.raises(WorkspaceError, match=r"has neither qa\.toml nor seeds/"):
        Session.open(cwd=root.parent)
    assert Session.open(cwd=root.parent, required=False).workspace.root == root.parent


def test_an_index_that_cannot_be_updated_can_be_used_as_it_is(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "seeds" / "a.txt").write_text("The bridge was opened in 1871.\n")

    def refuse(*_: object, **__: object) -> None:
        raise IndexUnusableError("index cannot be written: Read-only file system; fix its permissions")

    with monkeypatch.context() as patch:
        patch.setattr(Session, "build", refuse)
        with pytest.raises(IndexUnusableError, match=r"fix its permissions$"):  # there is none that could be used
            Session.open(root).retriever()
    with Session.open(root) as session:
        session.build()
    (root / "seeds" / "b.txt").write_text("It is green.\n")
    monkeypatch.setattr(Session, "build", refuse)
    with pytest.raises(IndexUnusableError, match=r"fix its permissions, or use the index as it is with --no-build$"):
        Session.open(root).retriever()


def test_a_file_of_qa_that_cannot_be_read_is_named_in_plain_words(root: Path) -> None:
    (root / "qa.toml").write_text("k = 4\n")
    remembered = root.parent / "config" / "qa" / "trusted.json"
    remembered.mkdir(parents=True)
    with pytest.raises(SettingError, match=r"which remembers trusted workspaces, cannot be read \(it is a folder"):
        Session.open(root)
    remembered.rmdir()
    remembered.write_text("{")
    with pytest.raises(SettingError, match=r"cannot be read \(it is not valid JSON\); repair or delete it"):
        Session.open(root)


def test_no_function_of_the_command_line_has_more_than_six_parameters() -> None:
    for path in (PACKAGE / "cli").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                names = [a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
                assert len([name for name in names if name != "self"]) <= 6, f"{path.name}: {node.name}"


def test_a_model_file_gets_a_shorter_prompt_unless_one_is_named(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Session, "retriever", lambda self: None)
    (root / "small.gguf").write_bytes(b"")
    local = {"model": f"gguf:{root / 'small.gguf'}"}

    def tokens(**flags: object) -> int:
        return Session.open(root, flags).assistant().prompt_tokens

    assert tokens(model="big") > tokens(**local)
    assert tokens(**local, prompt_tokens=2500) == tokens(model="big", prompt_tokens=2500) == 2500


@pytest.mark.parametrize("use", [Session.build, Session.retriever, lambda session: session.retriever(build=False)])
def test_the_host_of_a_database_is_named_before_it_is_asked(
    root: Path, monkeypatch: pytest.MonkeyPatch, use: Callable[[Session], object]
) -> None:
    (root / "seeds" / "a.txt").write_text("The ferry sails at nine.\n")
    Session.open(root).build()
    notices: list[str] = []

    def connect(self: MilvusStore) -> None:
        notices.append("connected")
        raise StoreError("down")

    monkeypatch.setattr(MilvusStore, "_connected", connect)
    session = Session.open(root, {"store": "milvus:http://me:secret@milvus.example:19530/x"}, notices.append)
    with pytest.raises(StoreError, match="down"):
        use(session)
    named = "searching in milvus.example:19530; the words of your documents and questions go there"
    assert notices == [named, "connected"]


def test_a_cluster_is_named_before_documents_go_there(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "seeds" / "a.txt").write_text("The ferry sails at nine.\n")
    notices: list[str] = []

    def read(self: RayWorkers, *rest: object) -> None:
        notices.append(f"read at {self.address}")
        raise WorkersError("down")

    monkeypatch.setattr("qa.index.cluster.find_spec", lambda name: True)
    monkeypatch.setattr(RayWorkers, "read", read)
    for address, named in (("head:6379", "at head:6379"), ("auto", "that this machine is part of"), ("local", "")):
        with pytest.raises(WorkersError, match="down"):
            Session.open(root, {"ray": address}, notices.append).build()
        cluster = [f"new documents are read and encoded on the Ray cluster {named}; whoever can use it can see them"]
        assert notices == [*(cluster if named else []), f"read at {address}"]
        notices.clear()


def test_a_workspace_names_a_cluster_only_once_it_is_trusted(root: Path) -> None:
    (root / "qa.toml").write_text('ray = "head:6379"\n')
    assert Session.open(root).settings["ray"] == ""
    Session.open(root).snapshot.trust()
    assert Session.open(root).settings["ray"] == "head:6379"


def test_a_database_in_a_file_is_on_this_machine(root: Path) -> None:
    notices: list[str] = []
    assert Session.open(root, {"store": "milvus:rows.db"}, notices.append)._database is not None
    assert notices == []
