"""`qa status` describes one generation, whatever is published meanwhile."""

from pathlib import Path

import pytest

from qa.cli.status import _index
from qa.index import build as builder
from qa.index import store
from qa.session import Session
from qa.testing import HashEncoder


def test_the_digest_is_that_of_the_generation_described(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "a.txt").write_text("The ferry sails at nine.\n")
    builder.build(tmp_path / "seeds", tmp_path / "index", encoder=HashEncoder())
    name, digest = store.current_name(tmp_path / "index")
    opened: list[Path] = []

    def current_name(index: Path) -> tuple[str, str]:
        opened.append(index)
        return (name, digest) if len(opened) == 1 else ("gen-2-0123456789ab", "0" * 64)

    monkeypatch.setattr(store, "current_name", current_name)
    monkeypatch.setattr(
        Session, "plan", lambda self, check_content: builder.compare(self.sources, None, *_made_by(self))
    )
    with Session.open(tmp_path) as session:
        about = _index(session, check=False, check_content=False)
    assert (about["generation"], about["digest"]) == (name, digest)


def _made_by(session: Session) -> tuple[object, object]:
    settings = session.settings.build()
    return settings, builder.recipe(session.sources, settings, HashEncoder())
