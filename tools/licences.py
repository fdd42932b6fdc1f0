"""Write docs/licences.md: the licence of every locked package, as the installed packages themselves state it.

Usage: python tools/licences.py
"""

import dataclasses
import re
from collections.abc import Iterator
from email.message import Message
from importlib import metadata
from pathlib import Path
from typing import cast

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "licences.md"

# Packages that are not installed on Linux cannot be asked here; their licences were read in their own files.
_ELSEWHERE = {"colorama": "BSD-3-Clause", "tzdata": "Apache-2.0", "httpx2-jsfetch": "BSD-3-Clause"}
_SHORT = {
    "(same as Leaflet)": "BSD-2-Clause",
    "Apache 2": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "BSD 2-Clause License": "BSD-2-Clause",
    "BSD 3-Clause": "BSD-3-Clause",
    "ISC License": "ISC",
    "MIT License": "MIT",
    "The MIT License (MIT)": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
_BINDING = re.compile(r"(?<!L)A?GPL|Affero|(?<!Lesser )General Public|OSL|SSPL|EUPL", re.IGNORECASE)
_LONGEST = 60


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Package:
    """A locked package and the licence it states; empty when it states none."""

    name: str
    version: str
    licence: str


def locked(lock: Path) -> Iterator[Requirement]:
    """Return what a lock file lists, in its order."""
    for line in re.findall(r"^([a-z0-9][^\\\n]*)", lock.read_text(), re.MULTILINE):
        yield Requirement(line.strip())


def version_of(requirement: Requirement) -> str:
    """Return the one version a locked requirement allows."""
    (specifier,) = requirement.specifier
    return specifier.version


def applies_here(requirement: Requirement) -> bool:
    """Tell whether a requirement is installed on this system and Python."""
    return requirement.marker is None or requirement.marker.evaluate()


def packages(lock: Path) -> Iterator[Package]:
    """Return every package of a lock file with its licence."""
    for requirement in locked(lock):
        stated = _stated(requirement.name) if applies_here(requirement) else _elsewhere(requirement.name)
        yield Package(name=requirement.name, version=version_of(requirement), licence=stated)


def binds_us(licence: str) -> bool:
    """Tell whether a licence would reach over to the product, or is unknown; the LGPL does not reach a plain import."""
    choices = re.split(r"\bOR\b", licence)
    return not licence or all(_BINDING.search(choice) for choice in choices)


def page() -> str:
    """Return docs/licences.md."""
    runtime = list(packages(ROOT / "requirements.lock"))
    with_product = {package.name for package in runtime}
    tests = [p for p in packages(ROOT / "requirements-dev.lock") if p.name not in with_product]
    return _PAGE.format(runtime=_table(runtime), tests=_table(tests))


_PAGE = """# Licences

Written by `make licences` from what the installed packages state; a test compares. The product itself is under the MIT
licence. No package it is installed with may reach over to it (GPL, AGPL, OSL, SSPL); LGPL packages are used unmodified,
by import.

## Installed with the product

{runtime}

## For tests and development only

{tests}
"""


def _table(rows: list[Package]) -> str:
    lines = [f"| {row.name} | {row.version} | {row.licence} |" for row in rows]
    return "\n".join(["| package | version | licence |", "|---|---|---|", *lines])


def _stated(name: str) -> str:
    """Return the licence from the clearest field a package fills: the expression, a short text, its classifiers."""
    about = cast("Message", metadata.metadata(name))
    text = about.get("License", "").strip()
    short_text = text if len(text) < _LONGEST and "\n" not in text else ""
    classified = [line.split(" :: ")[-1] for line in about.get_all("Classifier", []) if line.startswith("License ::")]
    stated = about.get("License-Expression") or short_text or ", ".join(classified) or _from_file(name)
    return _SHORT.get(stated, stated)


def _from_file(name: str) -> str:
    """Return the first line of the licence file when it names the licence, for packages that fill no field."""
    for path in metadata.files(name) or ():
        if path.name.upper().startswith(("LICENSE", "LICENCE", "COPYING")):
            return str(path.read_text()).strip().splitlines()[0].strip()
    return ""


def _elsewhere(name: str) -> str:
    try:
        return _stated(name)
    except metadata.PackageNotFoundError:
        return _ELSEWHERE.get(name, "")


if __name__ == "__main__":
    PAGE.write_text(page())
    print(f"{PAGE.relative_to(ROOT)}: {page().count(chr(10))} lines")
