"""How OpenRouteService is asked for a table, and how its answer is read.

Source: openrouteservice API, POST /v2/matrix/{profile}. A server takes 2,500 pairs a question unless its configuration
says otherwise. It has no profile for motorbikes; a car's ways are the nearest it knows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from routes.matrix_dialect import Ways, member, ways
from routes.matrix_http import Question
from routes.model import Place, VehicleKind

PROFILES: Mapping[VehicleKind, str] = {
    VehicleKind.MOTORBIKE: "driving-car",
    VehicleKind.VAN: "driving-car",
    VehicleKind.ON_FOOT: "foot-walking",
}

USUAL_PAIRS = 2500


class OpenRouteService:
    """Asks an OpenRouteService server for one profile, with its key where there is one."""

    name = "OpenRouteService"

    def __init__(self, kind: VehicleKind, *, key: str = "", most_pairs: int = USUAL_PAIRS) -> None:
        self.profile = PROFILES[kind]
        self.side = max(math.isqrt(most_pairs), 1)
        self._key = key

    def question(self, origins: Sequence[Place], destinations: Sequence[Place]) -> Question:
        """Return what to ask."""
        body = {
            "locations": [[place.lon, place.lat] for place in (*origins, *destinations)],
            "sources": [str(number) for number in range(len(origins))],
            "destinations": [str(len(origins) + number) for number in range(len(destinations))],
            "metrics": ["distance", "duration"],
            "units": "m",
        }
        headers = {"Authorization": self._key} if self._key else {}
        return Question(path=f"/v2/matrix/{self.profile}", body=body, headers=headers)

    def read(self, answer: object, *, rows: int, columns: int) -> Ways:
        """Return metres and seconds of an answer. Raises: ValueError when it is none."""
        return ways(member(answer, "distances"), member(answer, "durations"), rows=rows, columns=columns)
