"""Numbers and dates as a spreadsheet shows them."""

from datetime import date, datetime, time, timedelta

import pytest

from qa.ingest.formats.common.numberformat import shown

KILO = '[>=1000000]0.0,,"M";[>=1000]0.0,"K";0'


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
        *((value, KILO, text) for value, text in ((5e6, "5.0M"), (5000, "5.0K"), (500, "500"), (-5000, "-5000"))),
        (12, '[<100]0" low";0" high"', "12 low"),
        (-12, '[<100]0" low";0" high"', "-12 low"),
        (500, '[<100]0" low";0" high"', "500 high"),
        (-5, '[Red][>100]0" big";0" small"', "-5 small"),
        *((value, '[=1]"yes";[=0]"no";0', text) for value, text in ((1, "yes"), (0, "no"), (5, "5"))),
        (5, '[=1]"yes";[=0]"no"', "5"),
        (-5, "[<0]0.0,;0", "-5"),
        (-5, "[>=0]0.0;0.0", "-5"),
        (7, '[>10]"a";"b";"c"', "7"),
        (5, 'General" million"', "5 million"),
        (-5, 'General" kg"', "-5 kg"),
        (0.5, '# ?/?" million"', "0.5 million"),
        (5, '"Figure 4"# ?/?', "Figure 4 5"),
        (12345, '0.0E+00" kg"', "12345 kg"),
        (0, '_-* #,##0.00 €_-;-* #,##0.00 €_-;_-* "-"?? €_-;_-@_-', "- €"),
        (0, "#,##0;-#,##0", "0"),
        (0, "#", "0"),
        (19.99, '0" dollars and ".00" cents"', "19.99"),
        (time(5, 30), 'h" h "mm" min"', "05:30"),
        (time(0, 5), 'mm" min"', "00:05"),
        (time(9, 30), 'hh:mm" Uhr"', "09:30 Uhr"),
        (1234567, '0\\.000,"M"', "1234567"),
        ("paid", '"not "@', "not paid"),
        ("paid", '0;0;0;"un"@', "unpaid"),
        ("paid", "0;0;0;General", "paid"),
        (5, '0;"un"@', "5"),
        (5, "@", "5"),
        (date(2026, 3, 2), '\\u\\n\\t\\i\\l\\ dd.mm.yyyy" (est.)"', "until 2026-03-02 (est.)"),
        (date(2026, 3, 2), 'yyyy"年"m"月"d"日"', "2026-03-02"),
        (time(15, 59, 59, 999424), "hh:mm:ss", "16:00"),
        (datetime(2026, 3, 2, 23, 59, 59, 500000), "yyyy-mm-dd hh:mm", "2026-03-03"),
        (datetime.max, "yyyy-mm-dd", "9999-12-31 23:59:59"),
        (5, "[> ٣]0", "5"),
    ],
)
def test_a_value_is_shown_by_its_format_or_plainly(value: object, code: str, text: str) -> None:
    assert shown(value, code) == text
