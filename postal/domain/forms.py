"""The forms of the one-stop circulars: which set applied on a day, and which number a form has in it.

A dossier keeps the set that was in force when it was received: the same paper was form 05 and is form 06 now.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from types import MappingProxyType

from postal.domain.refusals import Refused


class FormKind(Enum):
    """A paper by what it is for; the value is its name in Vietnamese without marks, as commands take it."""

    RECEPTION = "giay-tiep-nhan"
    SUPPLEMENT = "yeu-cau-bo-sung"
    REFUSAL = "tu-choi"
    APOLOGY = "xin-loi"
    STOP = "dung-giai-quyet"
    CONTROL = "phieu-kiem-soat"
    REGISTER = "so-theo-doi"


FORM_NAMES: Mapping[FormKind, str] = MappingProxyType(
    {
        FormKind.RECEPTION: "Giấy tiếp nhận hồ sơ và hẹn trả kết quả",
        FormKind.SUPPLEMENT: "Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ",
        FormKind.REFUSAL: "Phiếu từ chối tiếp nhận giải quyết hồ sơ",
        FormKind.APOLOGY: "Văn bản xin lỗi và đề nghị gia hạn",
        FormKind.STOP: "Thông báo dừng giải quyết hồ sơ",
        FormKind.CONTROL: "Phiếu kiểm soát quá trình giải quyết hồ sơ",
        FormKind.REGISTER: "Sổ theo dõi hồ sơ",
    }
)


class NoSuchForm(Refused):
    """The set that applied has no form of this number, or never had this paper."""

    code = "no_such_form"
    vi = "Bộ mẫu của {circular} không có “{form}”. Bộ này có: {known}."
    en = "The set of {circular} has no “{form}”. It has: {known}."


class FormDoesNotApply(Refused):
    """What the form would say has not happened."""

    code = "form_does_not_apply"
    vi = "Chưa in được “{form}” cho {thing}: {why}. In được lúc này: {possible}."
    en = "“{form}” cannot be printed for {thing} yet. What can be printed now: {possible}."


@dataclass(frozen=True, kw_only=True, slots=True)
class FormSet:
    """The numbers of the forms between two days, and what that rests on.

    `circular` is printed on the form; `basis` says why it applied on those days, also that nobody has verified it.
    """

    circular: str
    valid_from: date | None
    valid_to: date | None
    basis: str
    numbers: Mapping[FormKind, int]

    @property
    def title(self) -> str:
        """Return what stands beside the number of a form."""
        return f"Ban hành kèm theo {self.circular}"

    @property
    def is_first(self) -> bool:
        """Tell whether papers are counted in three columns and the older titles stand on the forms."""
        return FormKind.STOP not in self.numbers

    def holds(self, on: date) -> bool:
        """Tell whether it applied on a day."""
        return (self.valid_from or date.min) <= on <= (self.valid_to or date.max)

    def number(self, kind: FormKind) -> int:
        """Return the number of a form. Raises: NoSuchForm."""
        if kind not in self.numbers:
            raise NoSuchForm(circular=self.circular, form=FORM_NAMES[kind], known=self.known)
        return self.numbers[kind]

    def kind(self, number: int) -> FormKind:
        """Return which form has a number. Raises: NoSuchForm."""
        found = next((kind for kind, own in self.numbers.items() if own == number), None)
        if found is None:
            raise NoSuchForm(circular=self.circular, form=label(number), known=self.known)
        return found

    def label(self, kind: FormKind) -> str:
        """Return what stands on the form, such as “Mẫu số 06”. Raises: NoSuchForm."""
        return label(self.number(kind))

    @property
    def known(self) -> str:
        """Return every form of the set in words."""
        return ", ".join(f"{label(number)} {FORM_NAMES[kind]}" for kind, number in self.numbers.items())


def label(number: int) -> str:
    """Return how a number of a form is written.

    >>> label(6)
    'Mẫu số 06'
    """
    return f"Mẫu số {number:02d}"


_OF_2018 = MappingProxyType(
    {
        FormKind.RECEPTION: 1,
        FormKind.SUPPLEMENT: 2,
        FormKind.REFUSAL: 3,
        FormKind.APOLOGY: 4,
        FormKind.CONTROL: 5,
        FormKind.REGISTER: 6,
    }
)
_OF_2025 = MappingProxyType(
    {
        FormKind.RECEPTION: 1,
        FormKind.SUPPLEMENT: 2,
        FormKind.REFUSAL: 3,
        FormKind.APOLOGY: 4,
        FormKind.STOP: 5,
        FormKind.CONTROL: 6,
        FormKind.REGISTER: 7,
    }
)

_CIRCULAR_2018 = "Thông tư số 01/2018/TT-VPCP"
_CIRCULAR_2025 = "Thông tư số 03/2025/TT-VPCP ngày 15/9/2025"

FORM_SETS: tuple[FormSet, ...] = (
    FormSet(
        circular=_CIRCULAR_2018,
        valid_from=None,
        valid_to=date(2025, 6, 30),
        basis="Nghị định 61/2018/NĐ-CP; Thông tư 01/2018/TT-VPCP Điều 9",
        numbers=_OF_2018,
    ),
    FormSet(
        circular=_CIRCULAR_2018,
        valid_from=date(2025, 7, 1),
        valid_to=date(2025, 9, 14),
        basis=(
            "Nghị định 118/2025/NĐ-CP thay Nghị định 61/2018/NĐ-CP từ 1/7/2025 nhưng mẫu mới ban hành 15/9/2025: "
            "dùng tiếp mẫu của Thông tư 01/2018/TT-VPCP, chưa xác minh"
        ),
        numbers=_OF_2018,
    ),
    FormSet(
        circular=_CIRCULAR_2025,
        valid_from=date(2025, 9, 15),
        valid_to=None,
        basis="Thông tư 03/2025/TT-VPCP ngày 15/9/2025, lấy ngày ban hành làm ngày áp dụng, chưa xác minh",
        numbers=_OF_2025,
    ),
)
"""Every set with its days; together they cover every day, and no two the same."""


def in_force(on: date) -> FormSet:
    """Return the set that applied on a day.

    >>> in_force(date(2025, 8, 1)).label(FormKind.CONTROL), in_force(date(2026, 8, 1)).label(FormKind.CONTROL)
    ('Mẫu số 05', 'Mẫu số 06')
    """
    return next(each for each in FORM_SETS if each.holds(on))
