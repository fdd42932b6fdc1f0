"""The delivery list a postman takes along: the post's own paper, A4, in the order of his round."""

from dataclasses import dataclass

from labels import payload, qr, typesetting

TITLE = "DANH SÁCH PHÁT"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStop:
    """One thing to do at a door: an item to give, an invitation to leave, papers to fetch."""

    order: int
    code: str
    """Ten symbols, with or without hyphen."""
    receiver: str
    address: str
    count: int
    """Sheets or pieces that the receiver counts; 0 where nobody knows yet."""
    note: str = ""
    task: str = ""
    """What is to be done, in two or three words."""
    phone: str = ""
    collect: int = 0
    """Money to collect, whole đồng."""
    recover: int = 0
    """Papers to get back for the authority."""
    identity: bool = False
    """Whether an identity paper is looked at, one by one."""
    window: str = ""
    """The hours promised to the citizen."""
    where: str = ""
    """How far off the point on the map may be."""
    arrives: str = ""
    """When the plan arrives there."""

    @property
    def duties(self) -> tuple[str, ...]:
        """Return what must not be forgotten at this door, in words."""
        return (
            *((f"Hẹn {self.window}",) if self.window else ()),
            *((f"Thu {money(self.collect)}",) if self.collect else ()),
            *((f"Thu hồi {self.recover} giấy tờ",) if self.recover else ()),
            *(("Xem căn cước hoặc hộ chiếu",) if self.identity else ()),
            *((self.note,) if self.note else ()),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSheet:
    """A round on a day."""

    code: str
    """The run's own code: ten symbols, with or without hyphen; empty for a proposed one, which has no paper."""
    office: str
    territory: str
    day: str
    postman: str
    stops: tuple[RunStop, ...]
    facts: tuple[str, ...] = ()
    """What the plan says of the whole round: how far, how long, when it begins."""
    sketch: str = ""
    """The round as an SVG drawing; empty where there is nothing to draw."""


def money(amount: int) -> str:
    """Return an amount as people write it.

    >>> money(30_000)
    '30.000 đ'
    """
    return f"{amount:,} đ".replace(",", ".")


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
        "facts": " · ".join(run.facts),
        "sketch": run.sketch,
        "stops": [_stop(stop) for stop in run.stops],
        "collect": money(sum(stop.collect for stop in run.stops)),
        "recover": sum(stop.recover for stop in run.stops),
    }


def _stop(stop: RunStop) -> dict[str, typesetting.Json]:
    return {
        "order": stop.order,
        "code": payload.shown(stop.code),
        "receiver": stop.receiver,
        "address": stop.address,
        "count": str(stop.count or ""),
        "task": stop.task,
        "phone": stop.phone,
        "where": stop.where,
        "arrives": stop.arrives,
        "duties": list(stop.duties),
    }
