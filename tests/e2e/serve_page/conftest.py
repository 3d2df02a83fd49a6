"""The page of `qa serve`, with and without a model, and a browser for it."""

from collections.abc import Iterator
from typing import Any

import pytest
from support import pdfs, serving

from qa.serve.engine import Engine
from qa.testing import FakeChat


def model(request: Any) -> dict[str, Any]:
    """One statement that its quote says, and one that it does not."""
    (right,) = serving.said(request)["statements"]
    return {"statements": [right, {**right, "text": "The lighthouse was built in 1872."}]}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Engine, str]]:
    """Quotes only, with a PDF among the documents."""
    root = serving.workspace(tmp_path_factory.mktemp("browser") / "work")
    (root / "seeds" / "contract.pdf").write_bytes(pdfs.SAMPLES["contract"]())
    (root / "seeds" / "broken.pdf").write_bytes(b"no pdf")
    made = serving.engine(root)
    with serving.running(made) as address:
        yield made, address


@pytest.fixture(scope="module")
def modelled(served: tuple[Engine, str]) -> Iterator[str]:
    """The same documents, answered by a model."""
    made = Engine(served[0].session, FakeChat(model, model="demo"))
    made.start(build=False)
    with serving.running(made) as address:
        yield address


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """The browser; in the end nothing was refused by the policy, nothing failed, and nobody else was asked."""
    browser.log.clear()
    browser.requests.clear()
    yield browser
    assert browser.log == []
    assert {url.split("/")[2].partition(":")[0] for url in browser.requests if url.startswith("http")} <= {"127.0.0.1"}
