"""Promise 8: what is light imports nothing heavy. Each command runs in a fresh interpreter, which lists its modules."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from qa.cli.commands import GROUPS, MODULES, app

HEAVY = (
    "torch",
    "openai",
    "sentence_transformers",
    "transformers",
    "onnx",
    "onnxscript",
    "sklearn",
    "fastapi",
    "uvicorn",
)
NUMERIC = ("numpy", "faiss", "onnxruntime", "bm25s")
READERS = ("qa.ingest.pipeline", "qa.ingest.readers", "qa.ingest.formats")
RUN = """
import json, sys
sys.argv = ["qa", *sys.argv[1:]]
try:
    from qa.cli.app import main
    main()
except SystemExit as end:
    code = end.code
sys.stdout.flush()
print("\\n" + json.dumps(sorted({name if name[:3] == "qa." else name.partition(".")[0] for name in sys.modules})))
sys.exit(code)
"""


def imported(arguments: list[str], cwd: Path, env: dict[str, str], code: int = 0) -> set[str]:
    """What is loaded when a command is done: every module of qa, of others the package. code: the exit code it must
    have.
    """
    command = [sys.executable, "-c", RUN, *arguments]
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == code, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("ask Who built the lighthouse?", 0),
        ("ask --quotes --json Who won the football match?", 3),
        ("ask --no-build Who built the lighthouse?", 0),
        ("search lighthouse", 0),
        ("show lighthouse.txt:3", 0),
        ("status", 0),
        ("status --check --json", 0),
        ("cite draft.txt", 0),
    ],
)
def test_light_commands_import_no_torch_and_no_openai(
    line: str, code: int, indexed: Path, environment: dict[str, str]
) -> None:
    (indexed / "draft.txt").write_text("The lighthouse of Marrow Point was built in 1871.\n", encoding="utf-8")
    assert not imported(line.split(), indexed, environment, code) & {*HEAVY, "mcp", "starlette"}


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("--help", 0),
        ("mcp --help", 0),
        ("serve --help", 0),
        ("--version", 0),
        ("ask --help", 0),
        ("asc", 2),
        ("trust", 0),
        ("models list", 0),
    ],
)
def test_help_imports_nothing_numeric(line: str, code: int, indexed: Path, environment: dict[str, str]) -> None:
    loaded = imported(line.split(), indexed, environment, code)
    assert not loaded & {*HEAVY, *NUMERIC, *READERS, "mcp", "starlette", "qa.english", "qa.retrieve"}


@pytest.mark.parametrize(
    ("line", "code", "needed"),
    [
        ("--help", 0, set()),
        ("--version", 0, set()),
        ("asc", 2, set()),
        ("ask --help", 0, {"ask"}),
        ("trust", 0, {"init"}),
    ],
)
def test_a_command_imports_no_other_command(
    line: str, code: int, needed: set[str], indexed: Path, environment: dict[str, str]
) -> None:
    loaded = imported(line.split(), indexed, environment, code)
    assert {name.rpartition(".")[2] for name in loaded & set(MODULES.values())} == needed
    assert ("qa.records" in loaded) == bool(needed)  # its records take a third of the time to print the help


@pytest.mark.parametrize("name", MODULES)
def test_the_list_of_commands_says_what_each_command_says(name: str) -> None:
    (said,) = (group[name] for group in GROUPS.values() if name in group)
    assert typer.main.get_command(app).commands[name].get_short_help_str(limit=200) == said


def test_an_answer_from_an_index_that_is_current_imports_no_reader(indexed: Path, environment: dict[str, str]) -> None:
    assert not imported(["ask", "Who built the lighthouse?"], indexed, environment) & set(READERS)


def test_the_last_garbage_collection_is_spared_at_exit_and_not_before(
    environment: dict[str, str], tmp_path: Path
) -> None:
    counted = "import atexit, gc\natexit.register(lambda: print(gc.get_freeze_count()))\n"  # runs last
    code = counted + RUN.replace("sys.stdout.flush()", "print(gc.get_freeze_count())")
    command = [sys.executable, "-c", code, "--version"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    _, before, *_, last = done.stdout.splitlines()
    assert int(before) == 0
    assert int(last) > 10_000


def test_verify_needs_no_model(indexed: Path, environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("“The lighthouse of Marrow Point was built in 1871”", encoding="utf-8")
    assert not imported(["verify", str(tmp_path / "a.txt")], indexed, environment) & {*HEAVY, "onnxruntime", "bm25s"}


def test_gold_check_needs_no_model_and_a_replayed_run_no_client(workspace: Path, environment: dict[str, str]) -> None:
    (workspace / "gold.yaml").write_text("- id: who\n  question: Who won?\n  expect: abstain\n", encoding="utf-8")
    loaded = imported(["gold", "check", "gold.yaml"], workspace, environment)
    assert not loaded & {*HEAVY, *NUMERIC}
    (workspace / "replay").mkdir()
    loaded = imported(["gold", "run", "gold.yaml", "--replay", "--model", "m"], workspace, environment)
    assert "numpy" in loaded
    assert not loaded & {*HEAVY, "httpx2", "xllamacpp"}


def test_quotes_import_no_client_whatever_is_configured(indexed: Path, environment: dict[str, str]) -> None:
    env = environment | {"OPENAI_API_KEY": "sk-1", "QA_MODEL": "m", "OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}
    loaded = imported(["ask", "--quotes", "Who built the lighthouse?"], indexed, env)
    assert not loaded & {*HEAVY, "httpx2", "jinja2", "xllamacpp"}


def test_a_small_update_imports_no_torch(workspace: Path, environment: dict[str, str]) -> None:
    (workspace / "seeds" / "new.txt").write_text("The harbour master is Oda Brandt.\n", encoding="utf-8")
    assert not imported(["index"], workspace, environment) & set(HEAVY)


def test_import_qa_imports_nothing_numeric(environment: dict[str, str], tmp_path: Path) -> None:
    code = "import json, sys, qa; print(json.dumps(sorted({n.partition('.')[0] for n in sys.modules})))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert not set(json.loads(done.stdout)) & {*HEAVY, *NUMERIC, "typer", "rich"}


def test_import_qa_loads_nothing_and_every_public_name_is_found(environment: dict[str, str]) -> None:
    code = (
        "import sys, qa\n"
        "assert not [name for name in sys.modules if name.startswith('qa.')]\n"
        "assert qa.__all__ == sorted(qa.__all__)\n"
        "assert {'Session', 'Stated', 'Done'} < set(qa.__all__)\n"
        "assert all(getattr(qa, name) is not None for name in qa.__all__)\n"
    )
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)


@pytest.mark.parametrize("name", ["langchain", "llamaindex", "haystack"])
def test_an_integration_without_its_framework_says_what_to_install(name: str, environment: dict[str, str]) -> None:
    package = {"langchain": "langchain_core", "llamaindex": "llama_index", "haystack": "haystack"}[name]
    code = f"import sys; sys.modules['{package}'] = None; import qa.integrations.{name}"
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert f"pip install 'quoteqa[{name}]'" in done.stderr.splitlines()[-1]


def test_what_the_integrations_share_loads_no_framework(environment: dict[str, str]) -> None:
    code = (
        "import sys, qa.integrations.pieces, qa.integrations.anthropic, qa.integrations.openai\n"
        "assert not {'langchain_core', 'llama_index', 'haystack', 'anthropic', 'openai', 'torch'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
