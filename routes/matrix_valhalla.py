"""How Valhalla is asked for a table, and how its answer is read.

Source: Valhalla matrix API, /sources_to_targets. A server takes 2,500 pairs a question unless its configuration says
otherwise. It knows motor scooters: slow, on every road, as a postman's motorbike drives.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from routes.matrix_dialect import Ways, member, ways
from routes.matrix_http import Question
from routes.model import Place, VehicleKind

PROFILES: Mapping[VehicleKind, str] = {
    VehicleKind.MOTORBIKE: "motor_scooter",
    VehicleKind.VAN: "auto",
    VehicleKind.ON_FOOT: "pedestrian",
}

USUAL_PAIRS = 2500


class Valhalla:
    """Asks a Valhalla server for one costing."""

    name = "Valhalla"

    def __init__(self, kind: VehicleKind, *, most_pairs: int = USUAL_PAIRS) -> None:
        self.profile = PROFILES[kind]
        self.side = max(math.isqrt(most_pairs), 1)

    def question(self, origins: Sequence[Place], destinations: Sequence[Place]) -> Question:
        """Return what to ask."""
        body = {
            "sources": [{"lat": place.lat, "lon": place.lon} for place in origins],
            "targets": [{"lat": place.lat, "lon": place.lon} for place in destinations],
            "costing": self.profile,
            "units": "kilometers",
            "verbose": False,
        }
        return Question(path="/sources_to_targets", body=body)

    def read(self, answer: object, *, rows: int, columns: int) -> Ways:
        """Return metres and seconds of an answer, also of the longer form of older servers.

        Raises: ValueError when it is none.
        """
        if member(answer, "units") != "kilometers":
            raise ValueError("the answer is not in kilometres")
        table = member(answer, "sources_to_targets")
        if isinstance(table, dict):
            kilometres, seconds = member(table, "distances"), member(table, "durations")
        else:
            kilometres, seconds = _column(table, "distance"), _column(table, "time")
        return ways(kilometres, seconds, rows=rows, columns=columns, metres_each=1000.0)


def _column(table: object, name: str) -> list[list[object]]:
    """Return one number of every pair."""
    if not isinstance(table, list) or not all(isinstance(row, list) for row in table):
        raise ValueError("the answer has no rows")
    return [[member(pair, name) for pair in row] for row in table]
