"""PDF: text that is in the file and does not show on the page is left out."""

import struct
import zlib

import pytest

from qa.errors import SourceError
from qa.ingest.formats.pdf.reader import extract

SEEN, SECRET = "The harbour opens at six.", "The harbour is closed."
GROUP = b"/Type/XObject/Subtype/Form/BBox[0 0 612 792]/Resources<</Font<</F 5 0 R>>/Properties<</L 6 0 R>>>>"
OFF = b"/OCProperties<</OCGs[6 0 R 7 0 R]/D<</OFF[6 0 R]/Order[6 0 R 7 0 R]>>>>"
LAYERS = (b"<</Type/OCG/Name(One)>>", b"<</Type/OCG/Name(Two)>>")
PICTURE = b"\x00" * 3
IMAGE = b"/Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceRGB/BitsPerComponent 8"


def stream(body: bytes, entries: bytes = b"") -> bytes:
    return b"<</Length %d%b>>stream\n%b\nendstream" % (len(body), entries, body)


def text(words: str, y: int = 700, before: bytes = b"") -> bytes:
    return b"BT /F 12 Tf %b 72 %d Td (%b) Tj ET\n" % (before, y, words.encode())


def parts(content: bytes, *more: bytes, resources: bytes = b"", catalog: bytes = b"") -> list[bytes]:
    """The objects of a file of one page; `more` are numbered from 6."""
    return [
        b"<</Type/Catalog/Pages 2 0 R%b>>" % catalog,
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>%b>>>>"
        % resources,
        stream(content),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        *more,
    ]


def written(objects: list[bytes]) -> bytes:
    data, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    tail = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (count, len(data))
    return data + b"xref\n0 %d\n0000000000 65535 f \n%b%b" % (count, table, tail)


def packed(objects: list[bytes]) -> bytes:
    """The same file with its dictionaries in a compressed stream."""
    data, rows, numbers, bodies = b"%PDF-1.7\n", {0: (0, 0, 0)}, [], b""
    store = len(objects) + 1
    for number, body in enumerate(objects, 1):
        if b"stream\n" in body:
            rows[number] = (1, len(data), 0)
            data += b"%d 0 obj\n%b\nendobj\n" % (number, body)
        else:
            rows[number] = (2, store, len(numbers))
            numbers.append(b"%d %d" % (number, len(bodies)))
            bodies += body + b" "
    head = b" ".join(numbers) + b" "
    entries = b"/Type/ObjStm/N %d/First %d/Filter/FlateDecode" % (len(numbers), len(head))
    rows[store] = (1, len(data), 0)
    data += b"%d 0 obj\n%b\nendobj\n" % (store, stream(zlib.compress(head + bodies), entries))
    rows[store + 1] = (1, len(data), 0)
    table = b"".join(struct.pack(">BIH", *rows[number]) for number in range(store + 2))
    entries = b"/Type/XRef/W[1 4 2]/Size %d/Root 1 0 R" % (store + 2)
    tail = b"%d 0 obj\n%b\nendobj\nstartxref\n%d\n%%%%EOF" % (store + 1, stream(table, entries), len(data))
    return data + tail


def read(content: bytes, *more: bytes, resources: bytes = b"", catalog: bytes = b"") -> str:
    return extract(written(parts(content, *more, resources=resources, catalog=catalog))).text


# Text that is not painted


def test_text_that_is_not_painted_is_left_out() -> None:
    assert read(text(SECRET, before=b"3 Tr") + text(SEEN, 500, b"0 Tr")) == SEEN


def test_a_page_of_nothing_else_counts_as_one_without_text() -> None:
    with pytest.raises(SourceError, match="no text in it"):
        read(text(SECRET, before=b"3 Tr"))


@pytest.mark.parametrize("scale", [b"612 0 0 792 0 0", b"400 0 0 100 60 650"], ids=["page", "part"])
def test_what_ocr_read_on_a_picture_stays(scale: bytes) -> None:
    content = b"q %b cm /X Do Q\n" % scale + text(SEEN, before=b"3 Tr") + text(SECRET, -50)
    assert read(content, stream(PICTURE, IMAGE), resources=b"/XObject<</X 6 0 R>>") == SEEN


def test_a_picture_elsewhere_on_the_page_keeps_nothing() -> None:
    content = b"q 100 0 0 100 60 100 cm /X Do Q\n" + text(SECRET, before=b"3 Tr") + text(SEEN, 500, b"0 Tr")
    assert read(content, stream(PICTURE, IMAGE), resources=b"/XObject<</X 6 0 R>>") == SEEN


def test_what_ocr_read_on_a_picture_stays_inside_of_forms() -> None:
    scan = stream(
        b"q 306 0 0 396 0 0 cm /X Do Q", GROUP.replace(b"/Font", b"/XObject<</X 6 0 R>>/Font") + b"/Matrix[2 0 0 2 0 0]"
    )
    words = stream(text(SEEN, 1400, b"3 Tr"), GROUP.replace(b"612 792", b"1224 1584") + b"/Matrix[.5 0 0 .5 0 0]")
    content = b"/S Do /W Do"
    assert read(content, stream(PICTURE, IMAGE), scan, words, resources=b"/XObject<</S 7 0 R/W 8 0 R>>") == SEEN


def test_outlined_text_and_text_as_a_clip_are_read() -> None:
    for mode in (1, 2, 4, 5, 6, 7):
        assert read(text(SEEN, before=b"%d Tr" % mode)) == SEEN


# Text without colour


@pytest.mark.parametrize(
    ("state", "mode", "found"),
    [
        (b"/ca 0", 0, ""),
        (b"/CA 0", 0, SECRET),
        (b"/CA 0", 1, ""),
        (b"/ca 0", 2, SECRET),
        (b"/ca 0/CA 0", 2, ""),
        (b"/ca .1", 0, SECRET),
    ],
)
def test_fully_transparent_text_is_left_out(state: bytes, mode: int, found: str) -> None:
    content = text(SEEN) + b"/G gs\n" + text(SECRET, 500, b"%d Tr" % mode)
    assert read(content, resources=b"/ExtGState<</G<<%b>>>>" % state).split("\n\n")[1:] == ([found] if found else [])


def test_text_in_a_transparent_group_is_left_out() -> None:
    group = stream(text(SECRET), GROUP + b"/Group<</S/Transparency>>")
    resources = b"/ExtGState<</G<</ca 0>>>>/XObject<</X 6 0 R>>"
    assert read(text(SEEN, 500) + b"/G gs /X Do", group, resources=resources) == SEEN
    assert SECRET in read(text(SEEN, 500) + b"/X Do", group, resources=resources)


# Text outside of its clip


@pytest.mark.parametrize(
    ("clip", "found"),
    [
        (b"0 0 1 1 re W n", False),
        (b"72 700 0 0 re W n", False),
        (b"72 700 1 1 re W n", False),
        (b"0 0 m 50 0 l 50 50 l h W* n", False),
        (b"60 600 400 300 re W n 0 0 99 99 re W n", False),
        (b"60 600 400 300 re W n", True),
        (b"72 690 40 30 re W n", True),
        (b"0 0 m 612 0 l 612 792 l 0 792 l h W n", True),
    ],
)
def test_text_that_is_clipped_away_is_left_out(clip: bytes, found: bool) -> None:
    content = b"q " + clip + b"\n" + text(SECRET) + b"Q\n" + text(SEEN, 500)
    assert read(content).split("\n\n") == ([SECRET, SEEN] if found else [SEEN])


def test_a_word_that_a_narrow_cell_cuts_off_stays_whole() -> None:
    cell = b"q 60 690 60 30 re W n %bQ\n"
    words = b"BT /F 12 Tf 72 700 Td (Departure air) Tj ET BT /F 12 Tf 142 700 Td (port) Tj ET\n"
    assert read(cell % words + cell % text(SECRET, 300) + text(SEEN, 500)) == f"Departure airport\n\n{SEEN}"


def test_clips_and_text_of_a_form_are_in_the_coordinates_of_the_form() -> None:
    form = stream(
        b"q .5 0 0 .5 0 0 cm 60 600 400 300 re W n " + text(SEEN) + b"Q q 0 0 9 9 re W n " + text(SECRET, 300) + b"Q",
        GROUP + b"/Matrix[1 0 0 1 200 0]",
    )
    assert read(b"/X Do", form, resources=b"/XObject<</X 6 0 R>>") == SEEN


def test_a_form_that_is_clipped_away_is_left_out() -> None:
    content = b"q 0 0 9 9 re W n /X Do Q\n" + text(SEEN, 500)
    assert read(content, stream(text(SECRET), GROUP), resources=b"/XObject<</X 6 0 R>>") == SEEN


# Layers that are off

MARKED = b"/OC /%b BDC\n%bEMC\n"
NAMES = b"/Properties<</L 6 0 R/M 7 0 R>>"


def test_text_on_a_layer_that_is_off_is_left_out() -> None:
    content = MARKED % (b"L", text(SECRET)) + MARKED % (b"M", text(SEEN, 500)) + text("Welcome.", 300)
    assert read(content, *LAYERS, resources=NAMES, catalog=OFF) == f"{SEEN}\n\nWelcome."
    assert SECRET in read(content, *LAYERS, resources=NAMES, catalog=OFF.replace(b"/OFF[6 0 R]", b""))


def test_layers_at_one_place_are_told_apart() -> None:
    content = b"".join(MARKED % (name, text(words)) for name, words in ((b"L", SECRET), (b"M", SEEN), (b"L", SECRET)))
    same = (LAYERS[0], LAYERS[0])
    assert read(content, *same, resources=NAMES, catalog=OFF) == SEEN


def test_layers_that_are_off_unless_named_and_groups_of_layers() -> None:
    catalog = OFF.replace(b"/OFF[6 0 R]", b"/BaseState/OFF/ON[7 0 R]")
    content = MARKED % (b"L", text(SECRET)) + MARKED % (b"M", text(SEEN, 500))
    assert read(content, *LAYERS, resources=NAMES, catalog=catalog) == SEEN
    either = b"<</Type/OCMD/OCGs[6 0 R]/P/AnyOn>>"
    names = b"/Properties<</L 8 0 R/M 7 0 R>>"
    assert read(content, *LAYERS, either, resources=names, catalog=catalog) == SEEN


def test_a_form_on_a_layer_that_is_off_is_left_out() -> None:
    catalog, resources = OFF, NAMES + b"/XObject<</X 8 0 R/Y 9 0 R>>"
    form = stream(text(SECRET), GROUP)
    content = text(SEEN, 500) + b"/X Do"
    assert (
        read(content, *LAYERS, stream(text(SECRET), GROUP + b"/OC 6 0 R"), resources=resources, catalog=catalog) == SEEN
    )
    within = MARKED % (b"L", b"/X Do\n") + text(SEEN, 500)
    assert read(within, *LAYERS, form, resources=resources, catalog=catalog) == SEEN
    inside = stream(MARKED % (b"L", text(SECRET)) + text(SEEN, 500), GROUP)
    assert read(b"/X Do", *LAYERS, inside, resources=resources, catalog=catalog) == SEEN


@pytest.mark.parametrize("write", [written, packed])
def test_layers_are_found_however_the_file_is_written(write: object) -> None:
    content = MARKED % (b"L", text(SECRET)) + text(SEEN, 500)
    assert callable(write)
    for catalog in (OFF, OFF.replace(b"OCProp", b"#4fCProp")):
        assert extract(write(parts(content, *LAYERS, resources=NAMES, catalog=catalog))).text == SEEN


def test_many_places_of_a_layer_are_drawn_together() -> None:
    places = range(20, 770, 5)
    content = [MARKED % (b"L", text("Shut.", y)) + MARKED % (b"M", text(f"Place{y}.", y)) for y in places]
    found = read(b"".join(content), *LAYERS, resources=NAMES, catalog=OFF)
    assert sorted(found.split()) == sorted(f"Place{y}." for y in places)


def test_fonts_that_cannot_be_drawn_are_no_layer_that_is_off() -> None:
    blank = b"<</Type/Font/Subtype/Type3/FontBBox[0 0 1 1]/FontMatrix[.6 0 0 .6 0 0]/CharProcs<</a 9 0 R>>"
    blank += b"/Encoding<</Differences[%b]>>/FirstChar 32/LastChar 122/Widths[%b]/ToUnicode 10 0 R>>" % (
        b" ".join(b"%d/a" % code for code in range(32, 123)),
        b"1 " * 91,
    )
    cmap = (
        b"begincmap 1 begincodespacerange <00><ff> endcodespacerange 1 beginbfrange <20><7a><0020> endbfrange endcmap"
    )
    content = MARKED % (b"M", text(SEEN).replace(b"/F ", b"/T "))
    objects = parts(
        content, *LAYERS, blank, stream(b"1 0 d0"), stream(cmap + b" endcmap"), resources=NAMES, catalog=OFF
    )
    objects[2] = objects[2].replace(b"/F 5 0 R", b"/F 5 0 R/T 8 0 R")
    assert "harbour" in extract(written(objects)).text


def test_small_text_on_a_layer_of_a_large_page_is_read() -> None:
    content = b"q .3 0 0 .3 0 0 cm\n" + MARKED % (b"M", text(SEEN)) + b"Q"
    objects = parts(content, *LAYERS, resources=NAMES, catalog=OFF)
    objects[2] = objects[2].replace(b"612 792", b"2384 3370")
    assert extract(written(objects)).text == SEEN


# "The bridge is " ends at 144.05, "not " at 166.6
STRUCK = "The bridge is not closed on Monday."


def annotated(content: bytes, entries: bytes = b"") -> bytes:
    objects = parts(content)
    objects[2] = objects[2][:-2] + b"/Annots[<</Type/Annot%b>>]>>" % entries
    return written(objects)


def line(left: int, right: int, y: int = 704) -> bytes:
    return b"%d %d m %d %d l S\n" % (left, y, right, y)


@pytest.mark.parametrize(
    "data",
    [
        annotated(
            text(STRUCK), b"/Subtype/StrikeOut/Rect[145 698 162 712]/QuadPoints[145 712 162 712 145 698 162 698]"
        ),
        annotated(text(STRUCK) + line(144, 162)),
        annotated(text(STRUCK) + b"144 703.5 18 1 re f"),
    ],
    ids=["annotation", "line", "bar"],
)
def test_struck_text_is_left_out_and_what_is_beside_it_is_not_confirmed(data: bytes) -> None:
    found = extract(data)
    assert (found.text, found.blocks[0].level) == ("The bridge is closed on Monday.", 1)
    assert found.unread == ("page 1: struck-out text",)


def test_a_page_of_struck_text_only_is_refused_with_the_reason() -> None:
    with pytest.raises(SourceError, match="all of its text is struck out"):
        extract(annotated(text("This is void.") + line(72, 143)))


def test_the_numbers_beside_a_struck_one_do_not_touch() -> None:
    found = extract(annotated(text("Pay 5402 now.") + line(102, 115)))
    assert (found.text, found.blocks[0].level) == ("Pay 5 2 now.", 1)


@pytest.mark.parametrize(
    "drawn",
    [line(148, 160), line(72, 600), b"144 704 18 30 re S\n", line(58, 71)],
    ids=["parts of letters", "more than the words", "edge of a box", "before the words"],
)
def test_a_line_through_something_else_leaves_it_unconfirmed(drawn: bytes) -> None:
    found = extract(annotated(text(STRUCK) + drawn))
    assert (found.text, found.blocks[0].level, found.unread) == (STRUCK, 1, ())


@pytest.mark.parametrize("drawn", [line(144, 162, 698), line(144, 162, 709)], ids=["under", "over"])
def test_other_lines_strike_nothing(drawn: bytes) -> None:
    found = extract(annotated(text(STRUCK) + drawn))
    assert (found.text, found.blocks[0].level, found.unread) == (STRUCK, 0, ())


def test_an_underlined_index_is_not_struck() -> None:
    small = b"BT /F 8 Tf 154 697 Td (2) Tj ET\n"
    found = extract(annotated(text("The air has CO") + small + line(72, 158, 698)))
    assert found.text == "The air has CO2"
    assert extract(annotated(text("The air has CO") + small + line(154, 158, 698))).text == "The air has CO2"


def test_a_note_on_a_page_is_not_confirmed_as_the_documents_own() -> None:
    found = extract(annotated(text(SEEN), b"/Subtype/FreeText/Rect[72 600 300 630]/Contents(This page is void.)"))
    assert [(found.text[b.start : b.end], b.level) for b in found.blocks] == [(SEEN, 0), ("This page is void.", 1)]


def test_a_note_on_a_layer_is_left_out() -> None:
    entries = b"/Subtype/FreeText/OC<</Type/OCG/Name(L)>>/Rect[72 600 300 630]/Contents(This page is void.)"
    assert extract(annotated(text(SEEN), entries)).text == SEEN


@pytest.mark.parametrize(
    ("shows", "flags", "read"),
    [
        ("500 euros", 0, "Rent: 500 euros"),
        ("900 euros", 0, "Rent: 900 euros"),
        ("", 0, "Rent: 500 euros"),
        ("*********", 8192, "Rent:"),
    ],
    ids=["the same", "another value", "nothing", "password"],
)
def test_a_field_is_read_as_it_shows(shows: str, flags: int, read: str) -> None:
    entries = b"/Type/XObject/Subtype/Form/BBox[0 0 200 20]/Resources<</Font<</F 5 0 R>>>>"
    objects = parts(
        text("Rent:"),
        b"<</Type/Annot/Subtype/Widget/FT/Tx/T(rent)/V(500 euros)/F 4/Ff %d/Rect[110 695 310 715]/AP<</N 7 0 R>>>>"
        % flags,
        stream(b"/Tx BMC BT /F 12 Tf 2 5 Td (%b) Tj ET EMC" % shows.encode(), entries),
        catalog=b"/AcroForm<</Fields[6 0 R]>>",
    )
    objects[2] = objects[2][:-2] + b"/Annots[6 0 R]>>"
    assert extract(written(objects)).text == read


def raised(words: str, x: int, y: int) -> bytes:
    return b"BT /F 8 Tf %d %d Td (%b) Tj ET\n" % (x, y, words.encode())


@pytest.mark.parametrize(
    ("more", "read", "level"),
    [
        (raised("1", 135, 705) + raised("2", 135, 696), "It takes at 3 [1] 2 now.", 1),
        (raised("1", 135, 705) + b"BT /F 12 Tf 139 700 Td (/2) Tj ET\n", "It takes at 3 [1]/2 now.", 1),
        (raised("2", 135, 697) + b"BT /F 12 Tf 140 700 Td (5) Tj ET\n", "It takes at 3 2 5 now.", 1),
        (raised("99", 135, 705), "It takes at 3 [99] now.", 1),
        (raised("1", 135, 705), "It takes at 3 [1] now.", 0),
    ],
    ids=["stacked", "slash", "index", "price", "note"],
)
def test_digits_on_several_levels_are_not_confirmed(more: bytes, read: str, level: int) -> None:
    content = b"BT /F 12 Tf 72 700 Td (It takes at 3) Tj ET\n" + more + b"BT /F 12 Tf 152 700 Td (now.) Tj ET\n"
    found = extract(written(parts(content)))
    assert (found.text, found.blocks[0].level) == (read, level)
