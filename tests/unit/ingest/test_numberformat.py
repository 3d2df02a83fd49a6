"""Numbers and dates as a spreadsheet shows them."""

from datetime import date, datetime, time, timedelta

import pytest

from qa.ingest.formats.common.numberformat import shown


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (0.1234, "0.0%", "12.3%"),
        (0.125, "0%", "13%"),
        (1234.5, '"$"#,##0.00', "$1,234.50"),
        (-1234.5, '"$"#,##0.00_);[Red]\\("$"#,##0.00\\)', "($1,234.50)"),
        (-1234.5, "#,##0.00", "-1,234.50"),
        (1234.5, "#,##0.00\\ [$€-407]", "1,234.50 €"),
        (5, "00000", "00005"),
        (1234567, '0.0,,"M"', "1.2M"),
        (1234, '#,##0 "kg"', "1,234 kg"),
        (0, '0;-0;"none"', "none"),
        (0.1 + 0.2, "General", "0.3"),
        (5.0, "General", "5"),
        (-0.001, "0.00", "0.00"),
        (3.5, "# ?/?", "3.5"),
        (1.5e-7, "0.00E+00", "1.5e-07"),
        (1e300, "0.00", "1e+300"),
        (float("inf"), "0.00", "inf"),
        (123456789, "000-00-0000", "123456789"),
        (True, "General", "TRUE"),
        (None, "General", ""),
        ("words", "0.00", "words"),
        (datetime(2026, 3, 2), "dd.mm.yyyy", "2026-03-02"),
        (datetime(2026, 3, 2, 9, 30), "dd.mm.yyyy hh:mm", "2026-03-02 09:30"),
        (datetime(2026, 3, 2, 9, 30, 5), "General", "2026-03-02 09:30:05"),
        (date(2026, 3, 2), "General", "2026-03-02"),
        (time(9, 30), "hh:mm", "09:30"),
        (timedelta(hours=255, minutes=10, seconds=10), "[h]:mm:ss", "255:10:10"),
    ],
)
def test_a_value_is_shown_by_its_format_or_plainly(value: object, code: str, text: str) -> None:
    assert shown(value, code) == text
