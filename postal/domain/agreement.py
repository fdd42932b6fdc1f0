"""How well what was recorded at a door agrees with the plan, in words: facts and measures, never a motive.

This grade (độ khớp lần phát) is not the evidence of a hand-over (mức chứng cứ): that one says who signed and how.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

PURPOSE = (
    "Độ khớp lần phát cho biết dữ liệu ghi khi phát (vị trí, thời gian) khớp với kế hoạch đến đâu, để khi có khiếu nại "
    "biết dữ liệu nào dùng được. Đây không phải đánh giá người phát: máy đo sai, hẹn ở cổng, gửi bảo vệ hay ghi gộp "
    "đều có thể làm độ khớp thấp. Không chặn việc gì, không dùng để xếp hạng. Bưu tá và kiểm soát viên thấy như nhau."
)
"""What the grade is for, as every page that shows it says."""

SLOWEST_TOLD_KMH = 1

MEASURE = "Ngưỡng do bưu chính tự đặt, chưa kiểm chứng, không phải quy định pháp luật."


class Agreement(Enum):
    """How well a record agrees with the plan; without enough data there is no grade, and that is not a low one."""

    A = "A"
    B = "B"
    C = "C"
    NOT_ENOUGH = "not_enough"


AGREEMENT_NAMES: dict[Agreement, str] = {
    Agreement.A: "A",
    Agreement.B: "B",
    Agreement.C: "C",
    Agreement.NOT_ENOUGH: "Chưa đủ dữ liệu",
}


MEANINGS: dict[Agreement, str] = {
    Agreement.A: "Vị trí ghi ở ngay điểm dự kiến: trong 250 m kể cả sai số, đủ cho khu chung cư, hẻm, cổng có bảo vệ.",
    Agreement.B: "Vị trí ghi ở gần: trong 1 km kể cả sai số; hoặc ở ngay điểm nhưng thời gian chưa rõ.",
    Agreement.C: "Vị trí ghi ở nơi khác, cách hơn 1 km sau khi đã trừ hết sai số. Có thể do hẹn gặp ở nơi khác.",
    Agreement.NOT_ENOUGH: "Máy không ghi vị trí, chưa biết điểm ở đâu, hoặc sai số quá lớn. Không phải mức thấp.",
}
"""What each grade says; the distances are those of `routes.grades.Limits`."""


class Basis(Enum):
    """What an agreement rests on."""

    AT_THE_DOOR = "at_the_door"
    NEAR_THE_DOOR = "near_the_door"
    ELSEWHERE = "elsewhere"
    TOO_VAGUE = "too_vague"
    NO_PLACE = "no_place"
    NO_PLAN = "no_plan"
    STAYED = "stayed"
    SHORT_STAY = "short_stay"
    POSSIBLE_WAY = "possible_way"
    FAST_WAY = "fast_way"


SENTENCES: dict[Basis, str] = {
    Basis.AT_THE_DOOR: "vị trí ghi cách điểm dự kiến {metres} (sai số {error})",
    Basis.NEAR_THE_DOOR: "vị trí ghi cách điểm dự kiến {metres} (sai số {error})",
    Basis.ELSEWHERE: "vị trí ghi cách điểm dự kiến {metres} (sai số {error})",
    Basis.TOO_VAGUE: "vị trí ghi cách điểm dự kiến {metres}, sai số {error} nên chưa nói được gì",
    Basis.NO_PLACE: "máy không ghi vị trí",
    Basis.NO_PLAN: "chưa biết vị trí của điểm này",
    Basis.STAYED: "trang của điểm mở {stayed}",
    Basis.SHORT_STAY: "trang của điểm chỉ mở {stayed}",
    Basis.POSSIBLE_WAY: "từ lần ghi trước đến đây ít nhất {kmh} km/h",
    Basis.FAST_WAY: "từ lần ghi trước đến đây ít nhất {kmh} km/h, có thể ghi gộp nhiều điểm hoặc đồng hồ lệch",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Agreed:
    """An agreement with what was measured; None where it is unknown. `kmh` is the least speed that explains it."""

    grade: Agreement
    bases: tuple[Basis, ...]
    metres: int | None = None
    error_m: int | None = None
    stayed_s: int | None = None
    kmh: float | None = None

    @property
    def name(self) -> str:
        """Return the grade as people read it."""
        return AGREEMENT_NAMES[self.grade]

    @property
    def facts(self) -> str:
        """Return what was measured, most telling first."""
        values = {
            "metres": distance(self.metres or 0),
            "error": distance(self.error_m or 0),
            "stayed": stay(self.stayed_s or 0),
            "kmh": f"{self.kmh or 0:.0f}",
        }
        return "; ".join(SENTENCES[basis].format(**values) for basis in self.bases if self._tells(basis))

    def _tells(self, basis: Basis) -> bool:
        """Tell whether a fact is worth a word: that nobody had to hurry from the next house is not."""
        return basis is not Basis.POSSIBLE_WAY or (self.kmh or 0) >= SLOWEST_TOLD_KMH

    @property
    def sentence(self) -> str:
        """Return grade and facts: B – vị trí ghi cách điểm dự kiến 420 m (sai số 300 m)."""
        return f"{self.name} – {self.facts}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """A run as it was recorded: its way in straight lines, the factor to the road, and what agrees, by thing and step.

    `straight_m` is None where fewer than two places are known; `placed` are the stops with a place.
    """

    straight_m: int | None
    placed: int
    detour: float
    agreed: Mapping[tuple[str, int], Agreed]

    @property
    def metres(self) -> int | None:
        """Return about how far it was on the road."""
        return None if self.straight_m is None else round(self.straight_m * self.detour)


def distance(metres: int) -> str:
    """Return a distance as people say it.

    >>> distance(420), distance(2500)
    ('420 m', '2,5 km')
    """
    return f"{metres} m" if metres < 1000 else f"{metres / 1000:.1f} km".replace(".", ",")


def stay(seconds: int) -> str:
    """Return a short time as people say it.

    >>> stay(8), stay(150)
    ('8 giây', '2 phút 30 giây')
    """
    minutes, rest = divmod(seconds, 60)
    return f"{minutes} phút {rest:02} giây" if minutes else f"{rest} giây"
