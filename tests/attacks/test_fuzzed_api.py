"""Requests made at random from the API's own description, right and wrong ones: no answer is a server error.

QA_FUZZ_EXAMPLES says how many requests each operation gets.
"""

import json
import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient
from support import serving

EXAMPLES = int(os.environ.get("QA_FUZZ_EXAMPLES", "25"))
OPERATIONS = [
    ("post", "/api/ask"), ("post", "/api/search"), ("post", "/api/verify"), ("get", "/api/sources"),
    ("get", "/api/sources/{source}"), ("get", "/api/health"), ("get", "/v1/models"), ("post", "/v1/chat/completions"),
]  # fmt: skip
PAGES = ["/", "/search", "/sources", "/sources/lighthouse.md", "/sources/x", "/answers/x", "/pages/1/lighthouse.md"]

STRANGE = ["lighthouse", "\ud800", "\x00", "path=*", "a>=1", "“one two three”", '{"schema":1}']
texts = st.text(max_size=60) | st.sampled_from(STRANGE)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with serving.opened(serving.workspace(tmp_path_factory.mktemp("fuzz") / "work")) as made:
        yield serving.client(made)


@pytest.fixture(scope="module")
def described(client: TestClient) -> dict[str, Any]:
    return dict(client.get("/openapi.json").json())


def valid(schema: dict[str, Any], described: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values that a schema of the description allows, as far as these schemas go."""
    if "$ref" in schema:
        return valid(described["components"]["schemas"][schema["$ref"].rpartition("/")[2]], described)
    if "anyOf" in schema:
        return st.one_of(*(valid(one, described) for one in schema["anyOf"]))
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    match schema.get("type"):
        case "object":
            fields = {name: valid(field, described) for name, field in schema.get("properties", {}).items()}
            required = set(schema.get("required", ()))
            extra = st.dictionaries(texts, anything, max_size=2) if schema.get("additionalProperties") else st.just({})
            known = st.fixed_dictionaries(
                {name: field for name, field in fields.items() if name in required},
                optional={name: field for name, field in fields.items() if name not in required},
            )
            return st.tuples(extra, known).map(lambda pair: pair[0] | pair[1])
        case "array":
            return st.lists(valid(schema["items"], described), min_size=schema.get("minItems", 0), max_size=3)
        case "integer":
            return st.integers(schema.get("minimum", 0), schema.get("maximum", 100))
        case "boolean":
            return st.booleans()
        case "null":
            return st.none()
        case "string":
            return texts
    return anything


def test_every_operation_of_the_description_is_tried(described: dict[str, Any]) -> None:
    found = {(method, path) for path, operations in described["paths"].items() for method in operations}
    assert found == set(OPERATIONS)


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_no_request_is_a_server_error(client: TestClient, described: dict[str, Any], method: str, path: str) -> None:
    operation = described["paths"][path][method]
    schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    bodies = (valid(schema, described) if schema else st.none()) | anything
    seen: set[int] = set()

    @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), database=None)
    @given(
        bodies, texts, st.dictionaries(st.sampled_from(["offset", "limit", "x"]), st.integers() | texts, max_size=2),
        st.sampled_from(["*/*", "text/event-stream", "text/html", "\x01"]),
    )  # fmt: skip
    def request(body: Any, name: str, query: dict[str, Any], accept: str) -> None:
        url = path.replace("{source}", quote(name.encode("utf-8", "replace")))
        params = {key: str(value).encode("utf-8", "replace") for key, value in query.items()}
        content = json.dumps(body) if method == "post" else None
        headers = {"Content-Type": "application/json", "Accept": accept}
        done = client.request(method, url, content=content, params=params, headers=headers)
        seen.add(done.status_code)
        assert done.status_code < 500, (body, done.text)
        if done.status_code >= 400 and path.startswith("/api/"):
            assert done.headers["content-type"] == "application/problem+json"
            assert done.json()["status"] == done.status_code

    request()
    assert seen & {200, 404, 422}


@pytest.mark.parametrize("path", PAGES)
def test_no_page_is_a_server_error(client: TestClient, path: str) -> None:
    @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), database=None)
    @given(st.dictionaries(st.sampled_from(["question", "where", "after", "start", "end", "at", "offset", "filter"]),
                           st.integers() | texts))  # fmt: skip
    def request(query: dict[str, Any]) -> None:
        params = {key: str(value).encode("utf-8", "replace") for key, value in query.items()}
        done = client.get(path, params=params, headers={"Accept": "text/html"})
        assert done.status_code < 500, (query, done.text)

    request()


@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), database=None)
@given(st.binary(max_size=200), st.sampled_from(["/ask", "/signin", "/forget", "/api/ask", "/v1/chat/completions"]))
def test_no_bytes_are_a_server_error(client: TestClient, data: bytes, path: str) -> None:
    for kind in ("application/x-www-form-urlencoded", "application/json", "multipart/form-data", "\x01"):
        assert client.post(path, content=data, headers={"Content-Type": kind}).status_code < 500
