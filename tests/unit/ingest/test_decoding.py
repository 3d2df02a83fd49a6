"""Encodings: read right, or refused; never read wrong."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.errors import SourceError
from qa.ingest.decoding import clean, decode

ENGLISH = (
    "The minister’s plan – “bold”, he said – was agreed on Tuesday.\n"
    "It will cost €5 million… and the opposition won’t vote for it.\n"
)
NEWS = {
    "French": (
        "Le président de la République a déclaré hier que la réforme serait adoptée à l’été prochain.\n"
        "Où sont passés les élèves français ? demande le ministère de l’Éducation.",
        ["cp1252", "mac_roman"],
    ),
    "German": (
        "Der Minister erklärte am Dienstag, die Verhandlungen über das Abkommen würden fortgesetzt.",
        ["latin-1"],
    ),
    "Spanish": ("El presidente dijo que mañana visitará España con la señora Ibáñez, según informó Efe.", ["latin-1"]),
    "Polish": (
        "Prezydent oświadczył, że rozmowy będą kontynuowane w przyszłym tygodniu, a żołnierze wrócą do kraju.",
        ["cp1250", "iso8859-2"],
    ),
    "Turkish": ("Cumhurbaşkanı görüşmelerin gelecek hafta süreceğini söyledi, bakanlık açıkladı.", ["cp1254"]),
    "Russian": (
        "Президент заявил, что переговоры о перемирии будут продолжены на следующей неделе.",
        ["cp1251", "koi8-r"],
    ),
    "Ukrainian": (
        "Україна отримала нові системи протиповітряної оборони від союзників, повідомили в Києві.",
        ["cp1251"],
    ),
    "Greek": ("Ο πρόεδρος δήλωσε ότι οι διαπραγματεύσεις θα συνεχιστούν την επόμενη εβδομάδα.", ["cp1253"]),
    "Hebrew": ("הנשיא אמר ביום שלישי כי השיחות יימשכו בשבוע הבא.", ["cp1255"]),
    "Arabic": ("قال الرئيس يوم الثلاثاء إن المفاوضات ستستمر الأسبوع المقبل.", ["cp1256"]),
    "Japanese": ("大統領は火曜日、停戦交渉を来週も継続すると述べた。", ["shift_jis", "euc_jp", "iso2022_jp"]),
    "Chinese": ("总统周二表示，停火谈判将于下周继续进行。", ["gb18030"]),
    "Taiwanese": ("總統週二表示，停火談判將於下週繼續進行。", ["big5"]),
    "Korean": ("대통령은 화요일 휴전 협상이 다음 주에도 계속될 것이라고 말했다.", ["euc_kr"]),
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_english_news_comes_back_as_it_was_with_its_line_ends(encoding: str, end: str) -> None:
    text = ENGLISH.replace("\n", end)
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize(("text", "encoding"), [(t, e) for t, encodings in NEWS.values() for e in encodings])
def test_a_sentence_or_two_of_news_is_enough_to_tell_the_encoding(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_only_the_byte_order_mark_is_not_part_of_the_text(encoding: str) -> None:
    assert decode("\ufeff\ufeffText".encode(encoding.replace("-sig", ""))).lstrip("\ufeff") == "Text"
    assert decode("\ufeffText".encode(encoding)) == "\ufeffText"


def test_one_curly_apostrophe_in_a_long_english_text_is_enough() -> None:
    text = "Plain words of the text go on and on.\n" * 20_000 + "The minister’s plan failed."
    assert decode(text.encode("cp1252")) == text


@pytest.mark.parametrize("data", [b"caf\xe9", b"\x97", b"\xff\xfe\xfa", b"na\xefve", b"mis \xe0 jour"])
def test_too_little_to_tell_the_encoding_is_refused(data: bytes) -> None:
    with pytest.raises(SourceError, match="cannot tell the encoding; save it as UTF-8"):
        decode(data)


def test_utf8_with_a_damaged_byte_is_not_read_as_another_encoding() -> None:
    data = ENGLISH.encode().replace("’".encode(), b"\xe2\x80", 1)
    with pytest.raises(SourceError, match="damaged UTF-8: 1 place"):
        decode(data)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "a PNG picture"),
        (b"PK\x03\x04" + bytes(range(256)), "a ZIP archive"),
        (b"%PDF-1.7\n1 0 obj", "a PDF"),
        (b"\xff\xd8\xff\xe0" + bytes(40), "a JPEG"),
        (b"{\\rtf1 text}", "RTF"),
        (b"text\x00text", "NUL"),
        (bytes(100), "NUL"),
        (b"\x01\x02\x03\x04\x05" * 9, "control characters"),
        (bytes(range(1, 256)) * 4, "not text|encoding"),
    ],
)
def test_binary_files_are_refused_with_what_they_are(data: bytes, reason: str) -> None:
    with pytest.raises(SourceError, match=reason):
        decode(data)


def test_form_feeds_and_colour_codes_are_text() -> None:
    text = "Page one\fPage two\x1b[1mbold\x1b[0m\tend"
    assert decode(text.encode()) == text


def test_the_declared_encoding_is_used_as_browsers_use_it_and_only_if_it_fits() -> None:
    assert decode("café “x”".encode("cp1252"), "iso-8859-1") == "café “x”"
    assert decode("мир".encode("koi8-r"), "KOI8-R") == "мир"
    assert decode("café".encode(), "utf-8") == "café"
    assert decode("café".encode("utf-8-sig"), "latin-1") == "café"
    assert decode(ENGLISH.encode("cp1252"), "utf-8") == ENGLISH


@pytest.mark.parametrize("name", ["nonsense", "rot13", "unicode_escape", "utf-7", "utf-16", "punycode", "\x00", "hex"])
def test_a_declared_encoding_that_no_page_has_is_ignored(name: str) -> None:
    assert decode(rb"A plain +AGE- \u0041 text", name) == r"A plain +AGE- \u0041 text"


def test_extracted_text_is_cleaned_of_what_no_file_could_hold() -> None:
    assert clean("a\ud83d\ude00b") == "a😀b"
    assert clean("a\ud83db\x00") == "a\ufffdb\ufffd"


@given(st.binary(max_size=200))
def test_any_bytes_are_text_that_round_trips_or_are_refused(data: bytes) -> None:
    try:
        text = decode(data)
    except SourceError:
        return
    assert "\x00" not in text
    assert not re.search("[\ud800-\udfff]", text)
    text.encode()


@given(st.text(st.characters(exclude_categories=("Cs", "Cc"))), st.sampled_from(["utf-8", "utf-8-sig"]))
def test_utf8_is_always_read_as_it_is(text: str, encoding: str) -> None:
    data = text.encode(encoding)
    if data.startswith(b"\xef\xbb\xbf"):
        assert decode(data) == data[3:].decode()
    elif text.startswith(("%PDF-", "GIF89a", "GIF87a", "{\\rtf")):
        return
    else:
        assert decode(data) == text
