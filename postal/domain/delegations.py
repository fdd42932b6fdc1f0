"""Delegation (ủy quyền): an authority lets another unit decide a procedure, or a field, between two days."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from postal.domain.procedures import ProcedureVersion
from postal.domain.refusals import Refused


class WrongDelegation(Refused):
    """A delegation contradicts itself or another one."""

    code = "wrong_delegation"
    vi = "Không ghi được ủy quyền của {authority}: {why}"
    en = "This delegation by {authority} cannot be entered: {why}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Delegation:
    """Who acts for whom: `delegate` for `authority`, both codes of places, on one `procedure` or a whole `field`.

    `valid_to` is the last day; None while nobody ended it. `desk` receives for the delegate where its own does not.
    """

    code: str
    authority: str
    delegate: str
    procedure: str = ""
    field: str = ""
    desk: str = ""
    basis: str
    valid_from: date
    valid_to: date | None = None

    @property
    def scope(self) -> str:
        """Return what is delegated, in words."""
        return f"thủ tục {self.procedure}" if self.procedure else f"lĩnh vực {self.field}"

    def holds(self, on: date) -> bool:
        """Tell whether it is in force on that day."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)

    def covers(self, procedure: ProcedureVersion) -> bool:
        """Tell whether it is about this procedure, by code or by field."""
        if self.procedure:
            return self.procedure == procedure.code
        return self.field.casefold() == procedure.field.casefold()


def in_force(
    delegations: Iterable[Delegation], *, authority: str, procedure: ProcedureVersion, on: date
) -> Delegation | None:
    """Return the delegation to act upon: one for the procedure goes before one for its field; None for none."""
    own = (each for each in delegations if each.authority == authority)
    fitting = [each for each in own if each.holds(on) and each.covers(procedure)]
    return min(fitting, key=lambda each: (not each.procedure, -each.valid_from.toordinal(), each.code), default=None)


def check(new: Delegation, *, others: Iterable[Delegation], named: str) -> None:
    """Refuse a delegation to oneself, of nothing, without basis, or at the same time as another one.

    `named` is the authority's name. Whoever acts for another does not delegate that on.

    Raises: WrongDelegation.
    """
    known = tuple(others)
    for is_wrong, why in (
        (new.authority == new.delegate, "không thể ủy quyền cho chính mình. Chọn nơi khác."),
        (bool(new.procedure) == bool(new.field), "ghi một mã thủ tục hoặc một lĩnh vực, không để trống cả hai."),
        (not new.basis, "thiếu căn cứ (số quyết định ủy quyền). Ghi căn cứ rồi lưu lại."),
        (_ends_too_early(new), "ngày cuối trước ngày đầu. Sửa một trong hai."),
        (any(_is_handed_on(new, each) for each in known), "nơi này đang làm theo ủy quyền nên không ủy quyền tiếp."),
    ):
        if is_wrong:
            raise WrongDelegation(authority=named, why=why)
    overlapping = next((each for each in known if _overlaps(new, each)), None)
    if overlapping is not None:
        why = f"trùng thời gian với ủy quyền {overlapping.code}. Kết thúc ủy quyền đó trước, hoặc sửa ngày."
        raise WrongDelegation(authority=named, why=why)


def _ends_too_early(new: Delegation) -> bool:
    return new.valid_to is not None and new.valid_to < new.valid_from


def _overlaps(new: Delegation, other: Delegation) -> bool:
    return (
        new.authority == other.authority
        and _is_of_the_same(new, other)
        and other.code != new.code
        and _at_the_same_time(new, other)
    )


def _is_handed_on(new: Delegation, other: Delegation) -> bool:
    chained = new.authority == other.delegate or new.delegate == other.authority
    return _is_of_the_same(new, other) and chained and _at_the_same_time(new, other)


def _is_of_the_same(one: Delegation, other: Delegation) -> bool:
    """Tell whether two are of one procedure or one field, written large or small."""
    return (one.procedure, one.field.casefold()) == (other.procedure, other.field.casefold())


def _at_the_same_time(one: Delegation, other: Delegation) -> bool:
    begins = max(one.valid_from, other.valid_from)
    return all(each.valid_to is None or begins <= each.valid_to for each in (one, other))
