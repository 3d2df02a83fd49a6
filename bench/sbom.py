"""Write a software bill of materials: what qa needs when it is used, as it is installed here, in CycloneDX 1.5 JSON.

make sbom                              build/sbom.json
python bench/sbom.py --output FILE     another file

Hashes are those that the installer recorded for each file: RECORD has none for a distribution as a whole. Test and
documentation tools are left out.
"""

import argparse
import base64
import json
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from distributions import BASE, ROOT, Needed, direct, licence_of, needed
from licences import OVERRIDES, SPDX

TOOLS = {"browser", "dev", "docs"}  # extras that nobody needs who uses qa
HASHES = {"sha256": "SHA-256", "sha384": "SHA-384", "sha512": "SHA-512"}


def bill(found: list[Needed], version: str) -> dict[str, Any]:
    """The document. It has no time and no serial number: the same installation gives the same bytes."""
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": f"pkg:pypi/quoteqa@{version}",
                "name": "quoteqa",
                "version": version,
                "purl": f"pkg:pypi/quoteqa@{version}",
                "licenses": [{"license": {"id": "MIT"}}],
            }
        },
        "components": [component(one) for one in found],
    }


def component(found: Needed) -> dict[str, Any]:
    """One distribution, with its files."""
    purl = f"pkg:pypi/{found.name}@{found.dist.version.replace('+', '%2B')}"
    entry: dict[str, Any] = {
        "type": "library",
        "bom-ref": purl,
        "name": found.name,
        "version": found.dist.version,
        "purl": purl,
        "scope": "optional" if found.optional else "required",
        "properties": [{"name": "qa:needed-by", "value": " -> ".join(("quoteqa", *found.needed_by))}],
    }
    if licences := stated(found):
        entry["licenses"] = licences
    if files := list(hashed(found)):
        entry["components"] = files
    return entry


def stated(found: Needed) -> list[dict[str, Any]]:
    """The licence: by its SPDX identifier where there is one, else an expression, else the words of the metadata."""
    licence = OVERRIDES[found.name][0] if found.name in OVERRIDES else licence_of(found.dist)
    licence = SPDX.get(licence, licence)
    if not licence:
        return []
    if found.dist.metadata.get("License-Expression") or found.name in OVERRIDES:
        return [{"expression": licence}]
    known = licence in SPDX.values()
    return [{"license": {"id" if known else "name": licence}}]


def hashed(found: Needed) -> Iterator[dict[str, Any]]:
    """The files of a distribution that RECORD has a hash for."""
    for file in sorted(found.dist.files or [], key=str):
        if file.hash and file.hash.mode in HASHES:
            value = base64.urlsafe_b64decode(file.hash.value + "==").hex()
            yield {
                "type": "file",
                "name": file.as_posix(),
                "hashes": [{"alg": HASHES[file.hash.mode], "content": value}],
            }


def main() -> int:
    parser = argparse.ArgumentParser(description="Write a software bill of materials (CycloneDX).")
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "sbom.json")
    options = parser.parse_args()
    used = {BASE, *(group for one in direct() for group in one.groups)} - TOOLS
    found, missing = needed(used)
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(bill(found, version), indent=1) + "\n", encoding="utf-8")
    absent = f"; not installed here and left out: {', '.join(missing)}" if missing else ""
    print(f"{options.output}: {len(found)} distributions{absent}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
