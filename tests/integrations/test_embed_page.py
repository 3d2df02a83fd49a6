"""Every example of docs/embed.md runs over the sample articles and prints what it should."""

import re
import runpy
import shutil
from pathlib import Path

import pytest

import qa

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "embed.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S))
EXAMPLES = [
    pytest.param(name, code, id=f"{name}-{number}")
    for name, text in SECTIONS.items()
    for number, code in enumerate(re.findall(r"^```python\n(.*?)^```$", text, re.M | re.S), 1)
]
NEEDED = {"LangChain": "langchain_core", "LlamaIndex": "llama_index.core", "Haystack": "haystack"}
PROOF = "JASSMs, which are fired from F-16 fighter jets."


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    root = tmp_path_factory.mktemp("samples")
    shutil.copytree(ROOT / "seeds", root / "seeds")
    (root / "qa.toml").write_text("")
    qa.Retriever.build(root / "seeds", root / "index").close()
    return root


def cite(**request):
    """Plays the API: cites the sentence that names the missiles and the aircraft."""
    from anthropic.types import Message

    results = [block for block in request["messages"][0]["content"] if block["type"] == "search_result"]
    where = [(r, n) for r, block in enumerate(results) for n, t in enumerate(block["content"]) if PROOF in t["text"]]
    result, number = where[0]
    citation = {
        "type": "search_result_location",
        "source": results[result]["source"],
        "title": results[result]["title"],
        "search_result_index": result,
        "start_block_index": number,
        "end_block_index": number + 1,
        "cited_text": results[result]["content"][number]["text"],
    }
    content = [{"type": "text", "text": "The F-16.", "citations": [citation]}]
    usage = {"input_tokens": 1, "output_tokens": 1}
    reply = {"id": "msg_1", "type": "message", "role": "assistant", "model": request["model"], "content": content}
    return Message.model_validate({**reply, "stop_reason": "end_turn", "stop_sequence": None, "usage": usage})


def test_every_framework_has_an_example():
    assert {name for name, _ in (param.values for param in EXAMPLES)} == {*NEEDED, "Anthropic", "OpenAI"}


@pytest.mark.parametrize(("name", "code"), EXAMPLES)
def test_an_example_runs(name, code, samples, tmp_path, monkeypatch, capsys):
    if name in NEEDED:
        pytest.importorskip(NEEDED[name], reason=f"{name} is not installed; run: make integrations")
    if name == "Anthropic":
        messages = pytest.importorskip(
            "anthropic.resources.messages", reason="anthropic is not installed; run: make integrations"
        )
        monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-test")
        monkeypatch.setattr(messages.Messages, "create", lambda self, **request: cite(**request))
    monkeypatch.chdir(samples)
    (tmp_path / "example.py").write_text(code, encoding="utf-8")
    runpy.run_path(str(tmp_path / "example.py"))
    assert PROOF in capsys.readouterr().out


def test_the_versions_of_the_page_are_those_of_pyproject():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for package in ("langchain-core", "llama-index-core", "haystack-ai"):
        (lowest,) = re.findall(rf'^\w+ = \["{package}>=([\d.]+),', text, re.M)
        assert f"| {package} | {lowest} |" in PAGE
