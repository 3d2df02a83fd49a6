"""Commands in a folder that a stranger made: no code runs, nothing is fetched, read elsewhere or written elsewhere, and
the command ends with a message.
"""

import os
import shutil
import socket
from pathlib import Path

import pytest
from support.command import run_here

from attacks.cases import KEY, SECRET
from attacks.cases.workspaces import WORKSPACES, Workspace
from attacks.obeying import secrets

LIGHTHOUSE = "Marrow Point is a cape. The lighthouse of Marrow Point was built in 1871 by Edith Lanning.\n"


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """With a key, which a stranger would like to be sent."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("QA_", "OPENAI_")) or k == "QA_SECOND_OPINION"}
    return kept | {
        "OPENAI_API_KEY": KEY,
        "XDG_CONFIG_HOME": str(tmp_path_factory.mktemp("config")),
        "LC_ALL": "C.UTF-8",
    }


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> Path:
    root = tmp_path_factory.mktemp("stranger") / "news"
    (root / "seeds").mkdir(parents=True)
    (root / "seeds" / "lighthouse.txt").write_text(LIGHTHOUSE, encoding="utf-8")
    assert run_here(["index"], root, environment).returncode == 0
    return root


@pytest.mark.parametrize("case", WORKSPACES, ids=lambda case: case.id)
def test_a_command_in_a_hostile_workspace(
    case: Workspace, indexed: Path, environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = Path(shutil.copytree(indexed, tmp_path / "news"))
    for name, content in case.files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogateescape"))
    fetched: list[object] = []
    monkeypatch.setattr(socket.socket, "connect", lambda _, address: fetched.append(address))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *arguments, **_: fetched.append(arguments))
    done = run_here(list(case.command), root, environment)
    output = done.stdout + done.stderr
    assert done.returncode in case.codes, output
    assert case.said in output
    assert "Traceback" not in output
    assert "this is a bug" not in output
    assert [c for c in output if not c.isprintable() and c != "\n"] == []
    assert list(secrets(output)) == []
    assert SECRET not in output
    assert fetched == []
    assert [path.name for path in tmp_path.iterdir()] == ["news"]
    assert not (root / "owned").exists()
