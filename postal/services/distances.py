"""How far it is from door to door: what the map server of the settings says, else straight lines; told in words."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

from postal.domain import calendars
from postal.domain.cash import grouped
from postal.domain.map_servers import MapServer, Roads
from routes import matrix
from routes.matrix import Fault, Gap, GreatCircleMatrix, Provenance, Tabulating
from routes.matrix_cache import Cache
from routes.matrix_dialect import Dialect
from routes.matrix_http import Breaker, Server
from routes.matrix_openrouteservice import OpenRouteService
from routes.matrix_osrm import Osrm
from routes.matrix_server import Patience, ServerMatrix
from routes.matrix_valhalla import Valhalla
from routes.model import VehicleKind

PATIENCE = Patience(whole_seconds=45, oldest=timedelta(days=30), told_percent=10)
"""Roads change slowly: what a server told a month ago is asked again."""

WHY: dict[Fault, str] = {
    Fault.HANGS: "máy chủ bản đồ không trả lời kịp",
    Fault.AWAY: "không nối được tới máy chủ bản đồ",
    Fault.REFUSES: "máy chủ bản đồ từ chối",
    Fault.GARBAGE: "máy chủ bản đồ trả lời sai dạng",
    Fault.TOO_LARGE: "máy chủ bản đồ trả lời dài bất thường",
    Fault.MOVED: "máy chủ bản đồ chỉ sang địa chỉ khác",
    Fault.UNREACHABLE: "máy chủ bản đồ không biết đường nào",
    Fault.IMPLAUSIBLE: "số máy chủ bản đồ đưa ra không thể đúng",
    Fault.NOT_ASKED: "tạm không hỏi máy chủ bản đồ đang hỏng",
    Fault.NO_TIME: "hết thời gian hỏi máy chủ bản đồ",
}


def matrix_for(
    server: MapServer | None,
    kind: VehicleKind,
    *,
    at: datetime,
    detour: float = matrix.USUAL_DETOUR,
    speed_kmh: float = matrix.USUAL_SPEED_KMH,
) -> Tabulating:
    """Return what knows the ways of a kind of vehicle at a moment; `detour` and `speed_kmh` are for straight lines.

    Ask it for the `table` of all places of a plan once and plan with that one. It asks over the network, so outside of
    every transaction.
    """
    own = GreatCircleMatrix(detour=detour, speed_kmh=speed_kmh)
    if server is None:
        return own
    return ServerMatrix(
        _dialect(server, kind),
        server=Server(server.url, seconds=server.seconds),
        at=at,
        fallback=own,
        cache=_cache(server.directory, server.secret),
        breaker=_breaker(server.url),
        patience=PATIENCE,
    )


def told(provenance: Provenance) -> tuple[str, ...]:
    """Return in sentences where the ways of a plan come from, and which of them are a guess and why."""
    if provenance.source == matrix.GREAT_CIRCLE:
        return ("Quãng đường ước theo đường chim bay nhân hệ số đường vòng, không dùng bản đồ.",)
    return tuple(_sentences(provenance))


def _sentences(provenance: Provenance) -> Iterable[str]:
    named = f"Quãng đường theo {provenance.source}, bản {provenance.version}"
    kept = f", {grouped(provenance.kept)} chặng đã hỏi từ trước" if provenance.kept else ""
    yield f"{named}: {grouped(provenance.legs)} chặng{kept}."
    yield from (_gap(gap) for gap in provenance.gaps)
    if provenance.drift is not None:
        drift = provenance.drift
        yield (
            f"Máy chủ bản đồ vừa đổi câu trả lời: {grouped(drift.legs)} trên {grouped(drift.asked_again)} chặng "
            f"hỏi lại khác trước, nhiều nhất {drift.largest_percent}%."
        )


def _gap(gap: Gap) -> str:
    since = ""
    if gap.since is not None:
        local = calendars.local(gap.since)
        since = f" (từ {local:%H:%M} ngày {calendars.written(local.date())})"
    return f"{grouped(gap.legs)} chặng ước theo đường chim bay vì {WHY[gap.fault]}{since}."


def _dialect(server: MapServer, kind: VehicleKind) -> Dialect:
    most = {"most_places": server.most} if server.most else {}
    pairs = {"most_pairs": server.most**2} if server.most else {}
    match server.kind:
        case Roads.OSRM:
            return Osrm(kind, **most)
        case Roads.VALHALLA:
            return Valhalla(kind, **pairs)
        case Roads.OPENROUTESERVICE:
            return OpenRouteService(kind, key=server.key, **pairs)


@lru_cache(maxsize=4)
def _cache(directory: str, secret: str) -> Cache:
    """Return what this process remembers of answers."""
    return Cache(Path(directory) if directory else None, secret=secret.encode())


@lru_cache(maxsize=8)
def _breaker(_: str) -> Breaker:
    """Return what this process knows of the failures of the server at an address."""
    return Breaker()
