"""What keeps an HTML page from being verified."""

import pytest

from qa.quotes.page import read_page
from qa.quotes.quoted import quotations

SAID = "<p>The light opened in 1871.</p>"


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", "utf8", '"utf-8"', "'UTF-8'"])
def test_a_page_in_utf_8_may_say_so(charset: str) -> None:
    page = read_page(f"<!doctype html><meta charset={charset}>{SAID}")
    assert page is not None
    assert page.foreign == ""


@pytest.mark.parametrize("charset", ["iso-2022-jp", "windows-1252", "utf-16", "ascii", "utf-8x", '"utf-8 "', "''"])
def test_a_page_that_a_browser_reads_in_another_encoding_is_foreign(charset: str) -> None:
    page = read_page(f"<!doctype html><meta charset={charset}>{SAID}")
    assert page is not None
    assert page.foreign == f"<meta charset={charset}>"


@pytest.mark.parametrize("control", ["\x1b", "\x00", "\x0e", "\x7f", "\x85"])
def test_a_page_with_a_control_character_is_foreign(control: str) -> None:
    """A browser takes ESC for a switch to ISO-2022-JP, in which `<!--` can be two letters."""
    page = read_page(f"<!doctype html>{control}<!-- {SAID} -->{SAID}")
    assert page is not None
    assert page.foreign == f"the control character U+{ord(control):04X}"


def test_a_line_break_ends_no_quotation() -> None:
    page = read_page("<!doctype html><p>“Smoking is<br>never<br>allowed in the hall.”</p>")
    assert page is not None
    assert [quote.text for quote in quotations(page.text)] == ["Smoking is\nnever\nallowed in the hall."]


def test_white_space_is_no_control_character() -> None:
    page = read_page(f"<!doctype html>\r\n\t\f{SAID}")
    assert page is not None
    assert page.foreign == ""
