"""The delivery list a postman takes along: the post's own paper, A4, in the order of his round."""

from dataclasses import dataclass

from labels import payload, qr, typesetting

TITLE = "DANH SÁCH PHÁT"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStop:
    """One item to deliver."""

    order: int
    code: str
    """Ten symbols, with or without hyphen."""
    receiver: str
    address: str
    count: int
    """Sheets or pieces that the receiver counts."""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSheet:
    """A round on a day."""

    code: str
    """The run's own code: ten symbols, with or without hyphen."""
    office: str
    territory: str
    day: str
    postman: str
    stops: tuple[RunStop, ...]


def runsheet_pdf(run: RunSheet) -> bytes:
    """Return the list on A4, with a box to sign at every stop.

    Raises: Unprintable, for a wrong code; ValueError, for a run without stops.
    """
    if not run.stops:
        raise ValueError("A run without stops needs no list.")
    return typesetting.pdf("runsheet", _typeset(run))


def _typeset(run: RunSheet) -> dict[str, typesetting.Json]:
    return {
        "title": TITLE,
        "code": payload.shown(run.code),
        "qr": typesetting.picture(qr.symbol(payload.item_code(run.code))),
        "office": run.office,
        "territory": run.territory,
        "day": run.day,
        "postman": run.postman,
        "stops": [_stop(stop) for stop in run.stops],
    }


def _stop(stop: RunStop) -> dict[str, typesetting.Json]:
    return {
        "order": stop.order,
        "code": payload.shown(stop.code),
        "receiver": stop.receiver,
        "address": stop.address,
        "count": stop.count,
        "note": stop.note,
    }
