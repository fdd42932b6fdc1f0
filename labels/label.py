"""The label of an item: 50 x 30 mm, read by everyone who carries the envelope."""

from collections.abc import Sequence
from dataclasses import dataclass

from labels import payload, qr, typesetting


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemLabel:
    """What stands on an envelope: no field for a name, a telephone number, an identity number or a procedure."""

    code: str
    """Ten symbols, with or without hyphen; the QR symbol carries the same, so that eye and scanner cannot differ."""
    headline: str
    destination: str
    time: str
    office: str


def label_pdf(labels: Sequence[ItemLabel]) -> bytes:
    """Return one page of exactly 50 x 30 mm for each label, in order.

    Raises: Unprintable, if a code is none; ValueError, if there is no label.
    """
    if not labels:
        raise ValueError("There is no label to print.")
    return typesetting.pdf("label", {"labels": [typeset(label) for label in labels]})


def typeset(label: ItemLabel) -> dict[str, typesetting.Json]:
    """Return a label as the templates take it.

    Raises: Unprintable.
    """
    return {
        "code": payload.shown(label.code),
        "qr": typesetting.picture(qr.symbol(payload.item_code(label.code))),
        "headline": label.headline,
        "destination": label.destination,
        "time": label.time,
        "office": label.office,
    }
