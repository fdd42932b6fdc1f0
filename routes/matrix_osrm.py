"""How OSRM is asked for a table, and how its answer is read.

Source: OSRM HTTP API 5 and 6, /table. Its server takes 100 places a question unless it is started with another
`--max-table-size`; which vehicle a server knows is decided when its map is prepared, the profile in the path is a name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from routes.matrix_dialect import Ways, member, ways
from routes.matrix_http import Question
from routes.model import Place, VehicleKind

PROFILES: Mapping[VehicleKind, str] = {
    VehicleKind.MOTORBIKE: "driving",
    VehicleKind.VAN: "driving",
    VehicleKind.ON_FOOT: "foot",
}

USUAL_PLACES = 100


class Osrm:
    """Asks an OSRM server for one profile."""

    name = "OSRM"

    def __init__(self, kind: VehicleKind, *, most_places: int = USUAL_PLACES) -> None:
        self.profile = PROFILES[kind]
        self.side = max(most_places // 2, 1)

    def question(self, origins: Sequence[Place], destinations: Sequence[Place]) -> Question:
        """Return what to ask: rows first, then columns."""
        spots = ";".join(f"{place.lon:.5f},{place.lat:.5f}" for place in (*origins, *destinations))
        rows = ";".join(str(number) for number in range(len(origins)))
        columns = ";".join(str(len(origins) + number) for number in range(len(destinations)))
        wanted = f"annotations=duration,distance&sources={rows}&destinations={columns}"
        return Question(path=f"/table/v1/{self.profile}/{spots}?{wanted}")

    def read(self, answer: object, *, rows: int, columns: int) -> Ways:
        """Return metres and seconds of an answer. Raises: ValueError when it is none."""
        if member(answer, "code") != "Ok":
            raise ValueError("the answer is not Ok")
        metres, seconds = member(answer, "distances"), member(answer, "durations")
        return ways(metres, seconds, rows=rows, columns=columns)
