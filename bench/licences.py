"""Check the licences of everything that qa needs, directly or not, as it is installed here.

python bench/licences.py    exit code 1, and one line for each distribution whose licence is unknown or not allowed

The allow list has permissive licences and weak copyleft (LGPL, MPL). GPL, AGPL and anything unknown fail.
"""

import re
import sys
from collections.abc import Mapping

from distributions import BASE, Needed, direct, licence_of, needed

ALLOWED = {
    "0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0",
    "CNRI-Python", "ISC", "LGPL-2.1-only", "LGPL-2.1-or-later", "LGPL-3.0-only", "LGPL-3.0-or-later", "MIT", "MIT-0",
    "MIT-CMU", "MPL-2.0", "PSF-2.0", "Unicode-3.0", "Unlicense", "Zlib",
}  # fmt: skip

# The words of classifiers and of the field `License`, which are not SPDX. "BSD" does not say which of the two it is;
# both are allowed.
SPDX = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0": "Apache-2.0",
    "Apache 2.0 License": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD": "BSD-3-Clause",
    "BSD License": "BSD-3-Clause",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}

# Distributions whose metadata do not say which licence applies to what is installed: the licence, and why.
OVERRIDES: Mapping[str, tuple[str, str]] = {
    "axe-playwright-python": (
        "MIT AND MPL-2.0",
        "Its LICENSE: MIT; axe.min.js, which is in it, says that it is MPL-2.0.",
    ),
    "docutils": (
        "CC0-1.0 AND BSD-2-Clause AND BSD-3-Clause",
        "Its COPYING.rst: public domain, some files BSD. The GPL is that of one Emacs file, which is not in the wheel.",
    ),
    "pypdfium2": (
        "Apache-2.0 OR BSD-3-Clause",
        "Its README: either of the two, and PDFium itself BSD-3-Clause. BUILD_LICENSES has those of the libraries in "
        "PDFium; the GPL appears there only with the exceptions for Autoconf scripts and the GCC runtime.",
    ),
}


def problem(name: str, licence: str) -> str | None:
    """Why a licence cannot be accepted; None if it can. licence: an SPDX expression, or the words of the metadata."""
    licence = OVERRIDES[name][0] if name in OVERRIDES else licence
    if not licence:
        return "its metadata name no licence"
    if any(all(one in ALLOWED for one in part) for part in alternatives(licence)):
        return None
    return f"its licence is not on the allow list: {licence}"


def alternatives(licence: str) -> list[list[str]]:
    """The licences of an expression: a choice (OR) of lists of licences that apply together (AND).

    A parenthesis inside an expression is not taken apart: all of its licences have to be allowed.
    """
    if licence in SPDX or licence in ALLOWED:
        return [[SPDX.get(licence, licence)]]
    choices = [licence] if licence.count("(") else re.split(r"\s+OR\s+", licence)
    return [_joined(choice) for choice in choices]


def _joined(choice: str) -> list[str]:
    words = re.split(r"\s+(?:AND|OR)\s+", choice)
    return [SPDX.get(word, SPDX.get(word.strip("() "), word.strip("() "))) for word in words]


def line(found: Needed) -> str | None:
    """What to print about a distribution; None if its licence is accepted."""
    reason = problem(found.name, licence_of(found.dist))
    path = " -> ".join(("qa", *found.needed_by))
    return f"{found.name} {found.dist.version}: {reason} ({path})" if reason else None


def main() -> int:
    groups = {BASE, *(group for one in direct() for group in one.groups)}
    found, missing = needed(groups)
    problems = [text for text in map(line, found) if text]
    for text in problems:
        print(text, file=sys.stderr)
    absent = f"; not installed here: {', '.join(missing)}" if missing else ""
    print(f"{len(found)} distributions, {len(problems)} with a licence to look at{absent}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
