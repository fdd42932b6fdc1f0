"""What signed papers share: who signs, and the number that eye and scanner read alike."""

from dataclasses import dataclass

from labels import payload, qr, typesetting


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """One side of a record; what is empty is left out or becomes a line to write on."""

    unit: str = ""
    position: str = ""
    person: str = ""


def party(side: Party) -> dict[str, typesetting.Json]:
    """Return one side as the templates take it."""
    return {"unit": side.unit, "position": side.position, "person": side.person}


def numbered(code: str) -> dict[str, typesetting.Json]:
    """Return a paper's own code as people read it and as its symbol.

    Raises: Unprintable.
    """
    return {"number": payload.shown(code), "qr": typesetting.picture(qr.symbol(payload.item_code(code)))}
