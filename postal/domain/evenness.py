"""How evenly hours lie between postmen: one number, and the hours of those who have most and least."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Evenness:
    """The hours of the postmen who drive. `most` and `least` are their accounts, minutes are worked minutes.

    `gini` is the Gini coefficient of the share of the own hours, in thousandths: 0 where all work the same share, less
    than 1000 always; less is fairer. Nobody drives: no accounts, and 0.
    """

    gini: int
    drivers: int
    most: str
    most_minutes: int
    least: str
    least_minutes: int

    @property
    def difference(self) -> int:
        """The minutes between who works most and who works least."""
        return self.most_minutes - self.least_minutes
