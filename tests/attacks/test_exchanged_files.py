"""Somebody who can write to a trusted workspace exchanges its files while a command runs."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from qa import files
from qa.cli.init import trust
from qa.errors import LocalModelError
from qa.llm.protocol import ChatRequest
from qa.session import Session

TRUSTED = "history = true\n"
EVIL = 'model = "m"\nbase_url = "http://127.0.0.1:9/evil"\n'


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    root = tmp_path / "workspace"
    (root / "seeds").mkdir(parents=True)
    (root / "prompts").mkdir()
    (root / "qa.toml").write_text(TRUSTED)
    return root


def exchanged(monkeypatch: pytest.MonkeyPatch, exchange: Callable[[], object]) -> None:
    """Let somebody act as soon as `qa.toml` has been read for the first time."""
    read = files.read
    waiting = [exchange]

    def racing(path: Path, limit: int, below: Path | None = None) -> bytes:
        data = read(path, limit, below)
        if path.name == "qa.toml" and waiting:
            waiting.pop()()
        return data

    monkeypatch.setattr(files, "read", racing)


def test_settings_are_those_that_were_compared_with_what_was_trusted(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Session.open(root).snapshot.trust()
    exchanged(monkeypatch, lambda: (root / "qa.toml").write_text(EVIL))
    session = Session.open(root)
    assert session.settings["history"] is True
    assert (session.settings["model"], session.settings["base_url"]) == ("", "")


def test_templates_are_those_that_were_compared_with_what_was_trusted(root: Path) -> None:
    template = root / "prompts" / "answer.j2"
    template.write_text("mine")
    Session.open(root).snapshot.trust()
    session = Session.open(root)
    template.write_text("evil")
    assert session.template("answer.j2") == "mine"
    assert Session.open(root).template("answer.j2") not in ("mine", "evil")


def test_what_is_shown_is_what_is_trusted(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    exchanged(monkeypatch, lambda: (root / "qa.toml").write_text(EVIL))
    assert trust(root) == 0
    assert "history = true" in capsys.readouterr().out
    assert not Session.open(root).snapshot.is_trusted
    (root / "qa.toml").write_text(TRUSTED)
    assert Session.open(root).snapshot.is_trusted


def test_a_long_value_does_not_scroll_what_is_trusted_away(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (root / "qa.toml").write_text(f'history = true\nreader = "m{" " * 4_000}n"\n')
    assert trust(root) == 0
    out = capsys.readouterr().out
    assert len(out) < 2_000
    assert re.search(r'n" \(4,\d{3} characters\)', " ".join(out.split()))


@pytest.mark.parametrize("name", ["mine", "./mine"])
def test_a_folder_that_is_made_after_the_check_does_not_become_the_embedder(
    root: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    from qa import settings

    (root / "qa.toml").write_text(f"embedder = '{name}'\n")
    needs_trust = settings.needs_trust

    def racing(*given: object) -> bool:
        needed = needs_trust(*given)  # type: ignore[arg-type]
        (root / "mine").mkdir(exist_ok=True)
        return needed

    monkeypatch.setattr(settings, "needs_trust", racing)
    monkeypatch.chdir(root)
    session = Session.open(root)
    assert session.settings["embedder"] in (("mine",) if name == "mine" else ("all-MiniLM-L6-v2",))


@pytest.mark.parametrize("when", ["before the chat", "before it is loaded"])
def test_a_model_file_that_was_not_hashed_is_not_loaded(root: Path, when: str) -> None:
    pytest.importorskip("xllamacpp", reason="needs the extra `local`")
    (root / "m.gguf").write_bytes(b"GGUF one")
    (root / "qa.toml").write_text("model = 'gguf:m.gguf'\n")
    Session.open(root).snapshot.trust()
    session = Session.open(root)
    if when == "before the chat":
        (root / "m.gguf").write_bytes(b"GGUF two")
    with session.chat() as chat:
        (root / "m.gguf").write_bytes(b"GGUF two")
        with pytest.raises(LocalModelError, match="has changed since qa trust covered it"):
            list(chat.stream(ChatRequest(())))
