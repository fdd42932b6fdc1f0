"""People nobody is: names put together by chance, numbers that are given to nobody, addresses that say so."""

import random

from postal.domain.people import Person

MARK = "(dữ liệu giả)"

_FAMILY = (
    "Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Huỳnh", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương",
    "Lý", "Đinh", "Trương", "Mai", "Tô", "Cao", "Châu", "Tạ", "Thái", "Lương", "Kiều", "Đoàn", "Lâm", "Quách", "Ông",
)  # fmt: skip
_WOMEN = (
    ("Thị", "Thị", "Thị", "Ngọc", "Thu", "Kim", "Minh", "Thanh", "Bích", "Hoài"),
    ("Lan", "Hoa", "Mai", "Hương", "Hạnh", "Yến", "Thảo", "Trang", "Nga", "Vân", "Phượng", "Loan", "Tuyết", "Diệu"),
)
_MEN = (
    ("Văn", "Văn", "Văn", "Đức", "Quang", "Hữu", "Minh", "Công", "Xuân", "Đình"),
    ("Hùng", "Dũng", "Sơn", "Tài", "Lợi", "Phúc", "Khang", "Bình", "Thành", "Toàn", "Hải", "Long", "Việt", "Đạt"),
)
_STREETS = (
    "Bằng Lăng", "Hoa Sữa", "Mai Vàng", "Phượng Đỏ", "Sen Hồng", "Cúc Trắng", "Lúa Mới", "Cầu Ván", "Giếng Đá",
    "Bến Thuyền", "Đồi Thông", "Vườn Dừa",
)  # fmt: skip
_COMPANIES = ("Nắng Mai", "Sông Xanh", "Cánh Buồm", "Hạt Gạo", "Mái Ngói", "Đèn Lồng", "Cầu Vồng", "Lá Cọ")


def somebody(chance: random.Random, *, commune: str) -> Person:
    """Return a person who lives in a commune and does not exist.

    The phone begins with 050, which no operator has; the identity number with 000, which is no province.
    """
    is_woman = chance.random() < 0.5
    middles, names = _WOMEN if is_woman else _MEN
    return Person(
        name=f"{chance.choice(_FAMILY)} {chance.choice(middles)} {chance.choice(names)}",
        identity_number=f"000{chance.randrange(10**9):09d}",
        phone=f"+84500{chance.randrange(10**6):06d}",
        sex="Nữ" if is_woman else "Nam",
        birth=f"{chance.randrange(1950, 2006)}-{chance.randrange(1, 13):02d}-{chance.randrange(1, 29):02d}",
        address=_door(chance),
        commune=commune,
    )


def company(chance: random.Random, *, commune: str) -> Person:
    """Return an organisation that does not exist; its tax code begins with 00, which is no province."""
    return Person(
        name=f"Công ty TNHH {chance.choice(_COMPANIES)} {MARK}",
        kind="organisation",
        tax_code=f"00{chance.randrange(10**8):08d}",
        phone=f"+84500{chance.randrange(10**6):06d}",
        address=_door(chance),
        commune=commune,
    )


def _door(chance: random.Random) -> str:
    return f"Số {chance.randrange(1, 200)}, đường {chance.choice(_STREETS)} {MARK}"
