"""Biên bản of an incident: what differed, where and when, what both sides say to it; one page of A4, signed by both.

Source: Circular 17/2017/TT-BTTTT art. 11.2 (a damaged envelope is listed and recorded).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from labels import payload, record, typesetting
from labels.record import Party

TITLE = "BIÊN BẢN SỰ VIỆC"


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentRecord:
    """What both sides sign; whatever is not known yet is a line to write on."""

    code: str
    """The record's own: ten symbols, with or without hyphen."""
    kind: str
    """What happened in a few words, such as “niêm phong không khớp”."""
    item_codes: tuple[str, ...] = ()
    bag_code: str = ""
    trip: str = ""
    seal_on_bag: str = ""
    """As it was read; printed, or left to be written, where the record is about a bag."""
    seal_on_manifest: str = ""
    found_at: str = ""
    found_place: str = ""
    maker: Party
    other: Party
    description: tuple[str, ...] = ()
    maker_note: str = ""
    other_note: str = ""
    due: str = ""
    """Until when it is to be settled."""


def incident_record_pdf(incident: IncidentRecord) -> bytes:
    """Return the record on A4: one page, unless what people wrote is longer than one.

    Raises: Unprintable, for a wrong code.
    """
    return typesetting.pdf("incident-record", record.numbered(incident.code) | _typeset(incident))


def _typeset(incident: IncidentRecord) -> dict[str, typesetting.Json]:
    return {
        "title": TITLE,
        "kind": incident.kind,
        "about": [[name, value] for name, value in _about(incident)],
        "time": incident.found_at,
        "place": incident.found_place,
        "maker": record.party(incident.maker),
        "other": record.party(incident.other),
        "description": list(incident.description),
        "maker_note": incident.maker_note,
        "other_note": incident.other_note,
        "due": incident.due,
    }


def _about(incident: IncidentRecord) -> Iterator[tuple[str, str]]:
    if incident.item_codes or not incident.bag_code:
        yield "Bưu gửi", ", ".join(payload.shown(code) for code in incident.item_codes)
    if incident.bag_code:
        yield "Túi", payload.shown(incident.bag_code)
        yield "Niêm phong trên túi", incident.seal_on_bag
        yield "Niêm phong theo bảng kê", incident.seal_on_manifest
    if incident.trip:
        yield "Chuyến", incident.trip
