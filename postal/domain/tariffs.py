"""Price tables: postage by service, area and weight; fees of the state by procedure. Whole đồng, with their decisions.

The product ships no prices: the table of Circular 22/2017/TT-BTTTT was not found, and nothing is invented. Where no
price is in force the clerk types the sum that hangs in the office.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import TypeVar

from postal.domain import cash
from postal.domain.events import Service
from postal.domain.refusals import Refused

ANYWHERE, INSIDE, OUTSIDE = "any", "inside", "outside"

NO_TABLE = "Chưa có bảng giá: nhập số tiền theo bảng giá niêm yết tại bưu cục."
"""What the clerk reads where no price is in force."""

NO_WEIGHT = "Nhập khối lượng rồi nhấn Enter để tính cước theo bảng giá."
NO_WAY = "Chọn thủ tục và xã, phường rồi nhấn Enter để tính cước theo bảng giá."

SERVICE_NAMES: dict[Service, str] = {
    Service.SEND: "gửi hồ sơ",
    Service.RECEIVE: "nhận kết quả",
    Service.BOTH: "gửi hồ sơ và nhận kết quả",
}

_AREA_NAMES = {ANYWHERE: "mọi nơi", INSIDE: "trong tỉnh", OUTSIDE: "ngoài tỉnh"}
_TIER = re.compile(r"J\+([0-9]{1,2})")


class NotAPrice(Refused):
    """A price is above nothing."""

    code = "not_a_price"
    vi = "Giá {amount} đ không dùng được: giá phải lớn hơn 0. Sửa số tiền; không thu thì bỏ dòng này."
    en = "A price of {amount} đ cannot be used: it must be above 0. Mend it, or leave the row out."


class FractionOfADong(Refused):
    """There are whole đồng only."""

    code = "fraction_of_a_dong"
    vi = "“{text}” có phần lẻ của đồng. Ghi số đồng nguyên, ví dụ 30000 hoặc 30.000."
    en = "“{text}” is no whole number of đồng. Write 30000 or 30.000."


class WrongArea(Refused):
    """An area is one of a few words, or a tier of a lane."""

    code = "wrong_area"
    vi = "Không có khu vực “{text}”. Ghi any, inside (trong tỉnh), outside (ngoài tỉnh) hoặc mức tuyến như J+2."
    en = "“{text}” is no area. Write any, inside, outside, or a tier like J+2."


class WrongStep(Refused):
    """A weight step ends above where it begins."""

    code = "wrong_step"
    vi = "Nấc khối lượng từ {over} đến {up_to} g không dùng được: số sau phải lớn hơn số trước."
    en = "A weight step from {over} to {up_to} g cannot be used."


class OverlappingSteps(Refused):
    """One weight has one price."""

    code = "overlapping_steps"
    vi = "{table}: nấc từ {over} g chồng lên nấc đến {before} g. Sửa để nấc sau bắt đầu đúng chỗ nấc trước hết."
    en = "{table}: the step over {over} g overlaps the one up to {before} g."


class GapInSteps(Refused):
    """Every weight up to the last step has a price."""

    code = "gap_in_steps"
    vi = "{table}: chưa có giá cho khối lượng trên {before} g đến {over} g. Thêm nấc còn thiếu."
    en = "{table}: no price for more than {before} g up to {over} g."


class OverlappingDays(Refused):
    """One day has one price."""

    code = "overlapping_days"
    vi = "{table}: giá từ {begins} chồng lên giá áp dụng đến {ends}. Sửa ngày bắt đầu hoặc ngày hết."
    en = "{table}: the price from {begins} overlaps the one until {ends}."


class GapInDays(Refused):
    """Between two prices no day is without one."""

    code = "gap_in_days"
    vi = "{table}: từ sau {ends} đến trước {begins} không có giá nào. Sửa ngày bắt đầu hoặc ngày hết."
    en = "{table}: no price after {ends} and before {begins}."


class MixedAreas(Refused):
    """A service is priced by tiers, by province, or everywhere alike: one way at a time."""

    code = "mixed_areas"
    vi = "{service}: bảng giá trộn {first} với {second}. Tính theo một cách: theo J+n, theo tỉnh, hoặc một giá mọi nơi."
    en = "{service}: the table mixes {first} with {second}. Use tiers, the province, or one price everywhere."


class PriceInUse(Refused):
    """What was in force stays as it was; a new price begins later."""

    code = "price_in_use"
    vi = "{table}: giá từ {begins} đã áp dụng nên không sửa. Nhập giá mới có ngày bắt đầu sau hôm nay."
    en = "{table}: the price from {begins} is in use. Enter a new one that begins after today."


@dataclass(frozen=True, kw_only=True, slots=True)
class PostagePrice:
    """What the post takes for a service in an area for more than `over_g` up to `up_to_g` grams, in whole đồng.

    `decision` is its number, `basis` the law it rests on. It holds from `valid_from` until `valid_to`, both included.
    """

    service: Service
    area: str
    over_g: int
    up_to_g: int
    amount: int
    decision: str
    basis: str
    valid_from: date
    valid_to: date | None = None

    @property
    def key(self) -> str:
        """Return what no two prices have in common."""
        return f"{self.service.value}|{self.area}|{self.over_g}|{self.valid_from}"

    @property
    def table(self) -> str:
        """Return which list of steps it belongs to, as people name it."""
        return f"Cước {SERVICE_NAMES[self.service]}, {area_name(self.area)}"

    @property
    def step(self) -> str:
        """Return its weights in words."""
        return f"trên {self.over_g} đến {self.up_to_g} g" if self.over_g else f"đến {self.up_to_g} g"


@dataclass(frozen=True, kw_only=True, slots=True)
class StateFee:
    """What an authority takes for a procedure, in whole đồng; `version` 0 is every version of it.

    A fee with a `case` is only due in that case (a child, a second copy); without one it is always due.
    """

    procedure: str
    name: str
    amount: int
    decision: str
    basis: str
    valid_from: date
    valid_to: date | None = None
    version: int = 0
    case: str = ""

    @property
    def key(self) -> str:
        """Return what no two fees have in common."""
        return f"{self.procedure}|{self.version}|{self.name}|{self.case}|{self.valid_from}"

    @property
    def table(self) -> str:
        """Return what it is taken for, as people name it."""
        version = f" phiên bản {self.version}" if self.version else ""
        case = f" ({self.case})" if self.case else ""
        return f"{self.procedure}{version}: {self.name}{case}"


Price = PostagePrice | StateFee
P = TypeVar("P", bound=Price)
Problem = tuple[int, Refused]
"""Which of the prices, by its place, and what is wrong with it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Way:
    """What of a dossier's way decides its postage: the tier of its lane, and whether it stays in the province."""

    tier_days: int | None
    is_inside: bool | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Quote:
    """The sum that a table says, with its basis; `amount` None where it says none, and `why` then tells the clerk."""

    amount: int | None = None
    basis: str = ""
    why: str = ""


# --- what is in force -------------------------------------------------------------------------------------------------


def holds(price: Price, on: date) -> bool:
    """Tell whether a price is in force on a day."""
    return price.valid_from <= on and (price.valid_to is None or on <= price.valid_to)


def postage(
    prices: Iterable[PostagePrice], *, service: Service, way: Way | None, weight_g: int | None, on: date
) -> Quote:
    """Return the postage that the table of a day says."""
    table = [each for each in prices if each.service is service and holds(each, on)]
    if not table:
        return Quote(why=NO_TABLE)
    if way is None:
        return Quote(why=NO_WAY)
    here = [each for each in table if each.area in _areas_of(way)]
    if not here:
        return Quote(why=NO_TABLE)
    if not weight_g:
        return Quote(why=NO_WEIGHT)
    price = next((each for each in here if each.over_g < weight_g <= each.up_to_g), None)
    if price is None:
        top = max(each.up_to_g for each in here)
        return Quote(why=f"Bảng giá chỉ đến {top} g: nhập số tiền theo bảng giá niêm yết tại bưu cục.")
    return Quote(amount=price.amount, basis=basis_of(price))


def basis_of(price: PostagePrice) -> str:
    """Return what a sum rests on that was taken by a step: its decision, its table, its weights."""
    return f"{price.decision}: {price.table.removeprefix('Cước ')}, {price.step}"


def basis_taken(quote: Quote, *, amount: int, said: str) -> str:
    """Return what a sum rests on: the table where it says the same, else what was said beside what the table says."""
    if quote.amount is None or amount == quote.amount:
        return said or quote.basis
    return f"{said} (bảng giá: {cash.grouped(quote.amount)} đ, {quote.basis})".strip()


def fees(found: Iterable[StateFee], *, procedure: str, version: int, on: date) -> tuple[StateFee, ...]:
    """Return the fees of a procedure on a day; those of its own version stand before those of every version."""
    here = [each for each in found if each.procedure == procedure and holds(each, on)]
    own = [each for each in here if each.version == version]
    return tuple(own or [each for each in here if not each.version])


def fees_due(found: Sequence[StateFee]) -> Quote:
    """Return the sum of what is due in every case, with the decisions; fees of some cases are left to the clerk."""
    always = [each for each in found if not each.case]
    if not always:
        return Quote()
    basis = "; ".join(dict.fromkeys(f"{each.name} ({each.decision})" for each in always))
    return Quote(amount=sum(each.amount for each in always), basis=basis)


def area_name(area: str) -> str:
    """Return an area in words.

    >>> area_name("inside"), area_name("J+2")
    ('trong tỉnh', 'tuyến J+2')
    """
    return _AREA_NAMES.get(area) or f"tuyến {area}"


def parse_area(text: str) -> str:
    """Return the area that a text names. Raises: WrongArea.

    >>> parse_area("j+02"), parse_area("Trong tỉnh")
    ('J+2', 'inside')
    """
    word = " ".join(text.split()).casefold()
    named = {name: area for area, name in _AREA_NAMES.items()}
    if match := _TIER.fullmatch(word.upper().replace(" ", "")):
        return f"J+{int(match[1])}"
    area = named.get(word, word)
    if area not in _AREA_NAMES:
        raise WrongArea(text=text)
    return area


def _areas_of(way: Way) -> set[str]:
    tier = {f"J+{way.tier_days}"} if way.tier_days is not None else set()
    province = set() if way.is_inside is None else {INSIDE if way.is_inside else OUTSIDE}
    return {ANYWHERE} | tier | province


# --- a new table beside the old ones ----------------------------------------------------------------------------------


def beside(known: Sequence[P], new: Sequence[P], *, on: date) -> tuple[tuple[P, ...], list[Problem]]:
    """Return which known prices stay, as they then stand, and what is wrong with the new ones by their places.

    An open end closes the day before its follower begins. What has not begun on `on` is replaced by a new table of the
    same first day; of what has, only the last day and the words may change.
    """
    kept: tuple[P, ...] = tuple(_closed(old, new) for old in known if not _is_replaced(old, new, on=on))
    wrong = [problem for place, each in enumerate(new) for problem in _in_use(known, each, place, on=on)]
    whole: list[Price] = [*kept, *new]
    for place, refused in problems(whole):
        wrong.append((_to_blame(kept, new, place), refused))
    return kept, sorted(wrong, key=lambda problem: problem[0])


def without(known: Sequence[P], table: str, begins: date, *, on: date) -> tuple[P, ...]:
    """Return what is left when a table that has not begun is withdrawn; what it would have followed goes on.

    Raises: PriceInUse.
    """
    gone = [each for each in known if _series(each) == table and each.valid_from == begins]
    if gone and begins <= on:
        raise PriceInUse(table=table, begins=_written(begins))
    left = [each for each in known if each not in gone]
    eve = begins - timedelta(days=1)
    reopened = [
        replace(each, valid_to=None) if each.valid_to == eve and any(_follows(one, each) for one in gone) else each
        for each in left
    ]
    return tuple(_closed(each, left) for each in reopened)


def _closed(old: P, new: Sequence[P]) -> P:
    later = [each.valid_from for each in new if each.valid_from > old.valid_from and _follows(each, old)]
    return replace(old, valid_to=min(later) - timedelta(days=1)) if old.valid_to is None and later else old


def _follows(new: Price, old: Price) -> bool:
    """Tell whether a price takes the place of another: the same series, or its service reckoned in another way."""
    if isinstance(new, PostagePrice) and isinstance(old, PostagePrice):
        is_other_way = new.service is old.service and _kind(new.area) != _kind(old.area)
        return is_other_way or _series(new) == _series(old)
    return _series(new) == _series(old)


def _is_replaced(old: P, new: Sequence[P], *, on: date) -> bool:
    same = [each for each in new if _series(each) == _series(old) and each.valid_from == old.valid_from]
    return bool(same) if old.valid_from > on else any(each.key == old.key for each in same)


def _in_use(known: Sequence[P], new: P, place: int, *, on: date) -> Iterator[Problem]:
    old = next((each for each in known if each.key == new.key and each.valid_from <= on), None)
    if old is None or old == new:
        return
    as_it_was = replace(new, valid_to=old.valid_to, decision=old.decision, basis=old.basis)
    ends_in_the_past = new.valid_to != old.valid_to and min(new.valid_to or on, old.valid_to or on) < on
    if as_it_was != old or ends_in_the_past:
        yield place, PriceInUse(table=new.table, begins=_written(new.valid_from))


def _to_blame(kept: Sequence[P], new: Sequence[P], place: int) -> int:
    """Return the place among the new prices of what is wrong: a known price is never the wrong one."""
    if place >= len(kept):
        return place - len(kept)
    return next((number for number, each in enumerate(new) if _follows(each, kept[place])), 0)


def problems(prices: Sequence[Price]) -> list[Problem]:
    """Return what is wrong with prices that are to hold together, the place of each with it, in their order."""
    found = [*_wrong_alone(prices)]
    if not found:
        found += _wrong_steps(prices)
        found += _wrong_days(prices)
        found += _mixed(prices)
    return sorted(found, key=lambda problem: problem[0])


def _wrong_alone(prices: Sequence[Price]) -> Iterator[Problem]:
    for place, each in enumerate(prices):
        if each.amount <= 0:
            yield place, NotAPrice(amount=each.amount)
        if isinstance(each, PostagePrice) and not 0 <= each.over_g < each.up_to_g:
            yield place, WrongStep(over=each.over_g, up_to=each.up_to_g)


def _wrong_steps(prices: Sequence[Price]) -> Iterator[Problem]:
    """Yield steps that overlap or leave weights out, within one table of one time."""
    for group in _grouped(prices, lambda each: (_series(each), each.valid_from, each.valid_to)):
        steps = sorted(
            ((each.over_g, each.up_to_g, place) for place, each in group if isinstance(each, PostagePrice)),
        )
        reached = 0
        for over, up_to, place in steps:
            table = prices[place].table
            if over > reached:
                yield place, GapInSteps(table=table, before=reached, over=over)
            elif over < reached:
                yield place, OverlappingSteps(table=table, before=reached, over=over)
            reached = max(reached, up_to)


def _wrong_days(prices: Sequence[Price]) -> Iterator[Problem]:
    """Yield times of one table that overlap or leave days out; the row that came later is the wrong one."""
    for group in _grouped(prices, _series):
        spans: dict[tuple[date, date], int] = {}
        for place, each in group:
            spans[each.valid_from, each.valid_to or date.max] = place
        for (earlier, first), (later, second) in pairwise(sorted(spans.items())):
            place, table = max(first, second), prices[first].table
            begins, ends = _written(later[0]), _written(earlier[1])
            if later[0] <= earlier[1]:
                yield place, OverlappingDays(table=table, begins=begins, ends=ends)
            elif later[0] > earlier[1] + timedelta(days=1):
                yield place, GapInDays(table=table, begins=begins, ends=ends)


def _mixed(prices: Sequence[Price]) -> Iterator[Problem]:
    """Yield prices that are reckoned in another way than an earlier one of the same service and time."""
    seen: dict[Service, list[PostagePrice]] = {}
    for place, each in enumerate(prices):
        if not isinstance(each, PostagePrice):
            continue
        others = [old for old in seen.setdefault(each.service, []) if _kind(old.area) != _kind(each.area)]
        other = next((old for old in others if _meet(old, each)), None)
        if other is not None:
            name = SERVICE_NAMES[each.service].capitalize()
            first, second = area_name(other.area), area_name(each.area)
            yield place, MixedAreas(service=name, first=first, second=second)
        seen[each.service].append(each)


def _meet(one: Price, other: Price) -> bool:
    ends = (one.valid_to or date.max, other.valid_to or date.max)
    return max(one.valid_from, other.valid_from) <= min(ends)


def _kind(area: str) -> str:
    return "tier" if area.startswith("J+") else "province" if area in (INSIDE, OUTSIDE) else ANYWHERE


def _series(price: Price) -> str:
    """Return what follows one another in time: the steps of an area, or one fee of a procedure."""
    return price.table


def _grouped(prices: Sequence[Price], key: Callable[[Price], object]) -> Iterable[list[tuple[int, Price]]]:
    found: dict[object, list[tuple[int, Price]]] = {}
    for place, each in enumerate(prices):
        found.setdefault(key(each), []).append((place, each))
    return found.values()


def _written(day: date) -> str:
    return "khi có giá mới" if day == date.max else f"{day:%d/%m/%Y}"
