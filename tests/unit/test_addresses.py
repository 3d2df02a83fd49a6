"""Addresses of servers."""

import pytest

from qa.addresses import is_here


@pytest.mark.parametrize(
    ("address", "here"),
    [
        *((address, True) for address in ("", "local", "index.db", "unix:/run/x", "http://[::1]:80/v1#n")),
        *((address, True) for address in ("http://LOCALHOST:19530", "http://user:pw@127.0.0.2/")),
        *(
            (address, False)
            for address in ("http://db:19530", "https://localhost.example.org", "http://[::2]", "http://[")
        ),
    ],
)
def test_what_is_on_this_machine(address: str, here: bool) -> None:
    assert is_here(address) is here
