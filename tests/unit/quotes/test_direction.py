"""Hidden direction marks: with them, 12 is shown as 21, so a quote may have only those of the document."""

import pytest

from qa.quotes.anchors import Corpus
from qa.quotes.folding import DIRECTIONS
from qa.quotes.match import find
from qa.quotes.quoted import check_quotation, quotations

TEXT = "The ferry costs 12 crowns for a child."


@pytest.mark.parametrize("mark", DIRECTIONS, ids=lambda mark: f"{ord(mark):04X}")
def test_a_mark_that_the_document_does_not_have_is_no_typography(mark: str) -> None:
    for forged in (
        TEXT.replace("12", f"{mark}12\u202c"),
        TEXT.replace("crowns", f"crow{mark}ns"),
        mark + TEXT,
        TEXT + mark,
        TEXT[:-1] + f".{mark}.",
        f"The{mark} ferry costs ... for a child",
    ):
        assert not find(forged, TEXT), ascii(forged)


@pytest.mark.parametrize("mark", DIRECTIONS[1:], ids=lambda mark: f"{ord(mark):04X}")
def test_marks_of_the_document_may_be_copied_or_left_out(mark: str) -> None:
    text = f"It says: {mark}{TEXT.replace('12', mark + '12')}{mark} So it is."
    assert find(TEXT, text)
    assert find(TEXT.replace("12", mark + "12").replace(" for", "\n for"), text)
    assert find(f"{mark}{TEXT.replace('12', mark + '12')}{mark}", text)
    assert not find(TEXT.replace("costs", f"{mark}costs"), text)
    assert not find(TEXT.replace("12", "\u202e\u202d12"), text)


def test_a_quotation_in_disguise_is_told_from_one_that_is_nowhere() -> None:
    drafts = (
        f"“{TEXT.replace('12', chr(0x202E) + '12' + chr(0x202C))}”",
        f"\u202eHe says: “{TEXT}”",
        f"Honest\n\u2067\u202b\u202c so “{TEXT}”",
    )
    for draft in drafts:
        checked = check_quotation(quotations(draft)[0], Corpus({"a.txt": TEXT}))
        assert (checked.stands, checked.disguised) == (False, True), ascii(draft)
    for draft in (f"\u202eHe\u202c says: “{TEXT}”", f"\u202eHe says\nthat “{TEXT}”"):
        checked = check_quotation(quotations(draft)[0], Corpus({"a.txt": TEXT}))
        assert (checked.stands, checked.disguised) == (True, False), ascii(draft)
    nowhere = check_quotation(quotations("“The \u202eferry is free.”")[0], Corpus({"a.txt": TEXT}))
    assert (nowhere.stands, nowhere.disguised) == (False, False)
