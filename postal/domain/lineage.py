"""What became of an administrative unit: renamed, merged into another, divided among several, from a day on.

What happened on 1 July 2025 is in the list of old units; here stands what came after it and what others enter.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from postal.domain.clocks import Step
from postal.domain.places import NEW_UNITS_SINCE, Unit
from postal.domain.refusals import Refused

UNITS_TABLE = "Bảng đơn vị hành chính trước và sau 01/7/2025 (vietnamadminunits 1.0.4); chưa đối chiếu từng nghị quyết"


class Fate(StrEnum):
    """What happened to a unit."""

    RENAMED = "renamed"
    MERGED = "merged"
    SPLIT = "split"

    @property
    def label(self) -> str:
        """Return the word a clerk reads."""
        return _FATES[self]


_FATES = {Fate.RENAMED: "đổi tên", Fate.MERGED: "nhập vào đơn vị khác", Fate.SPLIT: "tách ra nhiều đơn vị"}


class WrongSuccession(Refused):
    """What became of a unit contradicts itself or what is known."""

    code = "wrong_succession"
    vi = "Không ghi được việc kế thừa của {unit}: {why}"
    en = "This succession of {unit} cannot be entered: {why}"


class LineageInCircle(Refused):
    """The entries lead from a unit back to itself."""

    code = "lineage_in_circle"
    vi = "Danh mục ghi các đơn vị kế thừa nhau thành vòng quanh {unit}. Nhờ quản trị sửa ở trang Đơn vị kế thừa."
    en = "The catalogue has units that follow each other in a circle around {unit}."


@dataclass(frozen=True, kw_only=True, slots=True)
class Succession:
    """What became of a commune of today's list, from `valid_from` on.

    A renamed one keeps its code and is called `name`; a merged one has one successor, a divided one several.
    """

    code: str
    unit: str
    fate: Fate
    successors: tuple[str, ...] = ()
    name: str = ""
    valid_from: date
    basis: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Following:
    """Who follows a unit on a day: one commune, or several to choose from; each hop is a step."""

    communes: tuple[str, ...]
    steps: tuple[Step, ...] = ()


def check(new: Succession, *, unit: Unit, known: Iterable[Succession], has_unit: Callable[[str], bool]) -> None:
    """Refuse what contradicts itself, an earlier entry, or the list of units. Raises: WrongSuccession."""
    for is_wrong, why in (
        (not new.basis, "thiếu căn cứ (số nghị quyết). Ghi căn cứ rồi lưu lại."),
        (new.valid_from <= NEW_UNITS_SINCE, "ngày có hiệu lực phải sau 01/7/2025. Sửa ngày."),
        (new.fate is Fate.RENAMED and not new.name, "đổi tên thì phải có tên mới. Ghi tên mới."),
        (new.fate is Fate.MERGED and len(new.successors) != 1, "nhập vào thì có đúng một đơn vị kế thừa. Sửa mã."),
        (new.fate is Fate.SPLIT and len(new.successors) < 2, "tách ra thì có từ hai đơn vị kế thừa. Ghi thêm mã."),
        (new.unit in new.successors and new.fate is Fate.MERGED, "không thể kế thừa chính mình. Sửa mã."),
        (len(set(new.successors)) != len(new.successors), "một mã kế thừa có hai lần. Xóa một mã."),
    ):
        if is_wrong:
            raise WrongSuccession(unit=unit.name, why=why)
    strange = next((code for code in new.successors if not has_unit(code)), "")
    if strange:
        raise WrongSuccession(unit=unit.name, why=f"chưa có xã, phường mã {strange}. Xem lại mã 5 số.")
    _must_be_alone(new, unit, known)


def _must_be_alone(new: Succession, unit: Unit, known: Iterable[Succession]) -> None:
    for earlier in known:
        if earlier.code == new.code or earlier.unit != new.unit:
            continue
        if Fate.RENAMED not in (earlier.fate, new.fate) or earlier.valid_from == new.valid_from:
            why = f"đã ghi {earlier.fate.label} từ {earlier.valid_from:%d/%m/%Y}. Xem lại dòng đó."
            raise WrongSuccession(unit=unit.name, why=why)


def ended_by(commune: str, successions: Iterable[Succession], *, on: date) -> Succession | None:
    """Return what ended a commune by that day, None while it stands; a new name ends nothing, nor does a part cut off.

    A commune that a part was cut off is among its own successors.
    """
    ending = (each for each in successions if each.unit == commune and each.fate is not Fate.RENAMED)
    return next((each for each in ending if each.valid_from <= on and commune not in each.successors), None)


def divided_by(commune: str, successions: Iterable[Succession], *, on: date) -> Succession | None:
    """Return what cut a part off a commune by that day: an address from before may lie in either."""
    return next((s for s in successions if s.unit == commune and commune in s.successors and s.valid_from <= on), None)


def follow(commune: str, successions: Sequence[Succession], *, on: date, name: Callable[[str], str]) -> Following:
    """Return who continues a commune on a day, however many times it was merged; a division stops and asks.

    Raises: LineageInCircle.
    """
    steps: list[Step] = []
    met = [commune]
    while (ending := ended_by(met[-1], successions, on=on)) is not None:
        steps.append(_step(ending, name))
        if len(ending.successors) > 1:
            return Following(communes=ending.successors, steps=tuple(steps))
        if ending.successors[0] in met:
            raise LineageInCircle(unit=name(commune))
        met.append(ending.successors[0])
    return Following(communes=(met[-1],), steps=tuple(steps))


def _step(ending: Succession, name: Callable[[str], str]) -> Step:
    successors = "; ".join(name(code) for code in ending.successors)
    said = f"{name(ending.unit)} {ending.fate.label} từ {ending.valid_from:%d/%m/%Y}: {successors}."
    return Step(text=said, basis=ending.basis)
