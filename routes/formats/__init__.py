"""Readers of the public routing problems: each gives an `Instance`, or says which line it cannot understand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from routes.formats import lilim, sartori, solomon, vrplib
from routes.formats.lines import BadFile, Lines
from routes.formats.rounding import Rounding
from routes.instance import Instance

__all__ = ["KINDS", "BadFile", "Lines", "Rounding", "read", "recognise"]

_READERS: dict[str, Callable[[Lines, Rounding | None], Instance]] = {
    "solomon": solomon.read,
    "vrplib": vrplib.read,
    "lilim": lilim.read,
    "sartori": sartori.read,
}

KINDS = tuple(_READERS)


def read(path: Path, *, kind: str | None = None, rounding: Rounding | None = None) -> Instance:
    """Read a file of a public format; which one it is, its first lines tell unless `kind` does.

    Raises:
        BadFile: with the line that cannot be understood.
        BadInstance: what it says cannot be a problem.
    """
    lines = Lines.of(path)
    return _READERS[kind or recognise(lines)](lines, rounding)


def recognise(lines: Lines) -> str:
    """Tell which of the formats these lines are in.

    Raises:
        BadFile: none of them.
    """
    if any(line.text.split() == ["VEHICLE"] for line in lines.all[:10]):
        return "solomon"
    head = {line.text.split(":")[0].strip().upper(): line.text for line in lines.all[:40] if ":" in line.text}
    if "PDPTW" in head.get("TYPE", "").upper():
        return "sartori"
    if "DIMENSION" in head:
        return "vrplib"
    if lines.all and len(lines.all[0].text.split()) == 3:
        return "lilim"
    raise BadFile("none of the formats known: Solomon, VRPLIB (.vrp), Li & Lim, Sartori & Buriol", line=1)
