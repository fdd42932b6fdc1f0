"""How evenly hours lie between postmen, in words a coordinator reads."""

from collections.abc import Mapping
from dataclasses import dataclass

from postal.domain.evenness import Evenness
from postal.queries import runs

MINUTE = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class EvennessView:
    """`number` is the Gini coefficient in hundredths (`8,3%`), `difference` and `who` are the plain hours."""

    number: str
    difference: str
    who: str
    explained: str


def in_words(found: Evenness, *, names: Mapping[str, str]) -> EvennessView | None:
    """Return the figure with its words; None where fewer than two drive, which is always fair."""
    if found.drivers < 2:
        return None
    most = f"{names.get(found.most, found.most)} {runs.duration(MINUTE * found.most_minutes)}"
    least = f"{names.get(found.least, found.least)} {runs.duration(MINUTE * found.least_minutes)}"
    return EvennessView(
        number=f"{found.gini / 10:.1f}%".replace(".", ","),
        difference=runs.duration(MINUTE * found.difference),
        who=f"nhiều nhất {most}, ít nhất {least}",
        explained=(
            f"Hệ số Gini của phần giờ đã dùng trên giờ có thể làm, tính trên {found.drivers} bưu tá có chuyến: "
            "0% là đều nhau, càng gần 100% càng lệch. Người làm nửa buổi với nửa việc được tính là đều."
        ),
    )
