"""Which names, origins and tokens a server accepts."""

from pathlib import Path

import pytest

from qa.addresses import is_loopback
from qa.errors import SettingError
from qa.serve.access import Access, read_token
from qa.serve.server import listen

TOKEN = "correct-horse-battery"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "[::1]", "localhost", "LOCALHOST"])
def test_loopback_needs_no_token(host: str) -> None:
    assert is_loopback(host)
    Access(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.4", "example.org", "localhost.example.org", ""])
def test_an_address_that_others_reach_needs_one(host: str) -> None:
    assert not is_loopback(host)
    with pytest.raises(SettingError, match="needs a token: set QA_SERVE_TOKEN"):
        Access(host)
    Access(host, TOKEN)


@pytest.mark.parametrize(
    ("header", "accepted"),
    [
        ("localhost:8765", True),
        ("localhost", True),
        ("127.0.0.1:8765", True),
        ("[::1]:8765", True),
        ("LOCALHOST.:8765", True),
        ("evil.example:8765", False),
        ("localhost.evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("192.168.1.4", False),
        ("user@localhost", False),
        ("localhost/x", False),
        ("localhost:port", False),
        ("", False),
        ("[::1", False),
    ],
)
def test_on_loopback_only_names_of_this_machine_count(header: str, accepted: bool) -> None:
    assert Access().accepts_host(header) is accepted


def test_elsewhere_addresses_count_but_no_name_that_was_not_given() -> None:
    access = Access("0.0.0.0", TOKEN, names=("Docs.example.org",))
    assert access.accepts_host("192.168.1.4:8765")
    assert access.accepts_host("docs.example.org")
    assert not access.accepts_host("rebound.example.org")


@pytest.mark.parametrize(
    "origin",
    [
        "*",
        "app.example",
        "https://app.example/",
        "ftp://app.example",
        "https://",
        "http://[",
        "http://a\x1b[31m",
        "http://a:b",
        "http://user:password@a",
        "https://App.example",  # browsers send lower case
    ],
)
def test_an_origin_that_is_none_is_refused(origin: str) -> None:
    with pytest.raises(SettingError, match="expected an origin such as"):
        Access(origins=(origin,))


@pytest.mark.parametrize("name", ["", "*", "http://app.example", "app.example:80", "[", "a b", "a\x1b[31m"])
def test_a_further_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(SettingError, match="expected a name such as"):
        Access(names=(name,))


def test_a_name_with_a_letter_of_another_language_is_a_name() -> None:
    assert Access(names=("B\u00fccher.example",)).accepts_host("b\u00fccher.example")


@pytest.mark.parametrize("host", ["", " ", "[", "[]", "\u00fc" * 100, "\udcff", "a\x00b"])
def test_a_host_that_is_none_is_refused(host: str) -> None:
    with pytest.raises(SettingError, match="is not an address"):
        listen(Access(host, TOKEN), 0)


def test_the_cookie_proves_the_token_and_does_not_tell_it() -> None:
    access = Access("0.0.0.0", TOKEN)
    assert access.accepts_cookie(access.cookie)
    assert TOKEN not in access.cookie
    assert not access.accepts_cookie(TOKEN)
    assert not access.accepts_bearer(f"Bearer {access.cookie}")
    assert access.cookie != Access("0.0.0.0", TOKEN + "!").cookie


@pytest.mark.parametrize("given", ["", TOKEN[:-1], TOKEN + "x", TOKEN.upper(), "\ud800", "é" * 20])
def test_nothing_but_the_token_is_the_token(given: str) -> None:
    access = Access("0.0.0.0", TOKEN)
    assert access.accepts_bearer(f"Bearer {TOKEN}")
    assert not access.accepts_bearer(f"Bearer {given}")
    assert not access.accepts_bearer(f"Basic {TOKEN}")
    assert not Access().accepts_token(given)


def test_tokens_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both sides pass through the comparison of `hmac`, as hashes of one length."""
    import hmac

    compared = []
    whole = hmac.compare_digest
    monkeypatch.setattr(hmac, "compare_digest", lambda a, b: compared.append((len(a), len(b))) or whole(a, b))
    access = Access("0.0.0.0", TOKEN)
    assert not access.accepts_bearer("Bearer no")
    assert not access.accepts_cookie("no")
    assert compared == [(32, 32), (32, 32)]


def test_a_token_comes_from_a_file_or_the_environment_and_is_shown_nowhere(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n", encoding="ascii")
    assert read_token(file, "") == read_token(file, "from-the-environment") == TOKEN
    assert read_token(None, TOKEN) == TOKEN
    assert read_token(None, "") is None
    assert TOKEN not in repr(Access("0.0.0.0", TOKEN))


@pytest.mark.parametrize(
    "content", [b"", b"short", b"two words of a token here", b"\xff" * 20, b"with\x00control-characters"]
)
def test_a_token_that_is_weak_or_unreadable_is_refused_and_not_repeated(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_bytes(content)
    with pytest.raises(SettingError) as caught:
        read_token(file, "")
    assert not content or content.decode("latin-1") not in str(caught.value)
    with pytest.raises(SettingError, match="cannot be read: No such file"):
        read_token(tmp_path / "none", "")
