"""What plans of an office reckon with: what its runs taught, from how many, what was used before, what was pinned."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from postal.domain import permissions
from postal.domain.learned import WINDOW_DAYS, Learned, RoundFigures
from postal.domain.people import Actor, Role
from postal.domain.permissions import Permission
from postal.domain.places import VEHICLE_NAMES, VehicleKind
from postal.store import Reader, Store


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One figure as people read it."""

    name: str
    used: str
    before: str
    usual: str
    rests_on: str


@dataclass(frozen=True, kw_only=True, slots=True)
class LearnedPart:
    """What an office or one of its territories taught."""

    name: str
    headline: str
    rows: tuple[Row, ...]
    basis: str


@dataclass(frozen=True, kw_only=True, slots=True)
class FiguresPage:
    """The figures of an office. `usual` says in words what is reckoned with where nothing was learned."""

    office: str
    office_name: str
    offices: tuple[tuple[str, str], ...]
    learned: tuple[LearnedPart, ...]
    pinned: bool
    pinned_since: datetime | None
    pinned_reason: str
    can_pin: bool
    usual: str
    window_days: int


def figures_page(store: Store, *, actor: Actor, usual: Mapping[str, RoundFigures], office: str = "") -> FiguresPage:
    """Return what plans of an office use; only a coordinator looks at other offices. `usual` is by kind of vehicle."""
    permissions.require(actor, Permission.PLAN_RUN)
    with store.read() as reader:
        offices = offices_of(reader, actor)
        chosen = office if office in offices else actor.place if actor.place in offices else next(iter(offices), "")
        names = {each.code: each.name for each in reader.reference.territories(office=chosen)}
        found = sorted(reader.learned.newest([chosen]).values(), key=lambda each: (each.kind, each.territory))
        pins = reader.learned.pinned([chosen])
    pin = next(iter(pins.values()), None)
    return FiguresPage(
        office=chosen,
        office_name=offices.get(chosen, ""),
        offices=tuple(offices.items()) if len(offices) > 1 else (),
        learned=tuple(
            _part(each, names.get(each.territory, "Cả bưu cục"), usual=usual[each.kind], is_pinned=pin is not None)
            for each in found
        ),
        pinned=pin is not None,
        pinned_since=pin.since if pin else None,
        pinned_reason=pin.reason if pin else "",
        can_pin=bool(found),
        usual="; ".join(
            f"{VEHICLE_NAMES[VehicleKind(kind)]} {speed(each)}, {minutes(each.door_seconds)} một cửa"
            for kind, each in usual.items()
        ),
        window_days=WINDOW_DAYS,
    )


def offices_of(reader: Reader, actor: Actor) -> dict[str, str]:
    """Return the offices with territories whose figures somebody sees: the own one, every one for a coordinator."""
    found = sorted({territory.office for territory in reader.reference.territories()})
    wanted = found if Role.COORDINATOR in actor.roles else [actor.place]
    return {code: place.name for code, place in sorted(reader.reference.places(wanted).items())}


def speed(figures: RoundFigures) -> str:
    """Return a speed as people write it: 17 km/h."""
    return f"{figures.speed_kmh:.0f} km/h"


def minutes(seconds: int) -> str:
    """Return minutes as people write them: 4,5 phút."""
    return f"{seconds / 60:.1f}".removesuffix(".0").replace(".", ",") + " phút"


def _part(learned: Learned, name: str, *, usual: RoundFigures, is_pinned: bool) -> LearnedPart:
    used = usual if is_pinned else learned.figures
    said = (
        f"{speed(used)} (mức thường; mức đã học {speed(learned.figures)} không dùng)."
        if is_pinned
        else f"{speed(used)} (học từ {learned.runs} chuyến, trước: {learned.before.speed_kmh:.0f})."
    )
    left_out = f" Bỏ ra {learned.left_out} chặng không thể có thật." if learned.left_out else ""
    return LearnedPart(
        name=f"{name} · {VEHICLE_NAMES[VehicleKind(learned.kind)]}",
        headline=f"Kế hoạch sau sẽ dùng: {said}",
        rows=tuple(_rows(learned, used=used, usual=usual)),
        basis=(
            f"Chuyến từ {learned.first_on:%d/%m/%Y} đến {learned.last_on:%d/%m/%Y}, "
            f"tính ngày {learned.worked_on:%d/%m/%Y}.{left_out}"
        ),
    )


def _rows(learned: Learned, *, used: RoundFigures, usual: RoundFigures) -> Iterator[Row]:
    three = (used, learned.before, usual)
    hops, several = f"{learned.hops} chặng", f"{learned.hops_of_several} chặng có nhiều việc ở một cửa"
    odometers = f"{learned.odometers} chuyến ghi km" if learned.odometers else "chưa có chuyến nào ghi km"
    yield _row("Tốc độ trên đường", [speed(each) for each in three], hops)
    yield _row("Đường thật so với đường thẳng", [_times(each) for each in three], odometers)
    yield _row("Ở một cửa", [minutes(each.door_seconds) for each in three], hops)
    yield _row("Mỗi việc thêm ở cùng cửa", [minutes(each.further_seconds) for each in three], several)


def _row(name: str, values: list[str], rests_on: str) -> Row:
    used, before, usual = values
    return Row(name=name, used=used, before=before, usual=usual, rests_on=rests_on)


def _times(figures: RoundFigures) -> str:
    return f"{figures.detour:.2f} lần".replace(".", ",")
