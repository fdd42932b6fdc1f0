"""Servers that know addresses: Nominatim, Photon or Pelias of one's own, asked by geopy; none is asked by default.

An address goes to the configured server alone: no proxy, no redirect. Nobody's name goes with it.
"""

import http.client
import json
import math
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import urlsplit

from geopy.adapters import AdapterHTTPError, BaseSyncAdapter
from geopy.exc import GeocoderParseError, GeocoderServiceError, GeocoderTimedOut, GeocoderUnavailable, GeopyError
from geopy.geocoders import Nominatim, Pelias, Photon

from postal.domain import points
from postal.domain.geocoding import AddressAsked, AddressFound
from postal.domain.map_servers import AddressServer, Gazetteer
from postal.domain.sending import NotTaken

_AGENT = "postal-dossiers"
_MOST_BYTES = 1_000_000
_HOUSE_M, _STREET_M, _ELSE_M = 30, 400, 10_000
"""How large a thing is of which a server tells no box: a house, a street, anything larger."""

_KINDS: Mapping[str, int] = {
    "house": _HOUSE_M,
    "building": _HOUSE_M,
    "address": _HOUSE_M,
    "venue": _HOUSE_M,
    "place_of_worship": _HOUSE_M,
    "street": _STREET_M,
    "road": _STREET_M,
}


class Geocoder(Protocol):
    """Knows where addresses are."""

    def find(self, asked: AddressAsked) -> AddressFound | None:
        """Return where an address is, None when the server does not know it. Raises: NotTaken."""
        ...


def geocoder(server: AddressServer) -> Geocoder:
    """Return what asks a server."""
    return GeopyGeocoder(server)


class GeopyGeocoder:
    """Asks a server of one's own through geopy."""

    def __init__(self, server: AddressServer) -> None:
        parts = urlsplit(server.url)
        domain = parts.netloc + parts.path.rstrip("/")
        common = {
            "scheme": parts.scheme,
            "timeout": server.seconds,
            "user_agent": _AGENT,
            "proxies": {},
            "adapter_factory": _Adapter,
        }
        self._more: dict[str, Any] = {}
        match server.kind:
            case Gazetteer.NOMINATIM:
                self._asker: Any = Nominatim(domain=domain, **common)
                self._more = {"country_codes": "vn"}
            case Gazetteer.PHOTON:
                self._asker = Photon(domain=domain, **common)
            case Gazetteer.PELIAS:
                self._asker = Pelias(domain, api_key=server.key or None, **common)
                self._more = {"countries": ["VNM"]}

    def find(self, asked: AddressAsked) -> AddressFound | None:
        """Return where an address is, None when the server does not know it. Raises: NotTaken."""
        try:
            found = self._asker.geocode(asked.line, **self._more)
            return None if found is None else _read(found.latitude, found.longitude, found.raw)
        except (GeopyError, ValueError, TypeError, KeyError, AttributeError, LookupError) as error:
            raise NotTaken(f"Máy chủ tìm tọa độ không trả lời được ({type(error).__name__}).") from None


def _read(lat: object, lon: object, raw: object) -> AddressFound:
    """Return what an answer says. Raises: ValueError when it is no point on earth."""
    if not isinstance(lat, float | int) or not isinstance(lon, float | int):
        raise ValueError("no numbers")
    if not (math.isfinite(lat) and math.isfinite(lon) and abs(lat) <= 90 and abs(lon) <= 180):
        raise ValueError("no point on earth")
    return AddressFound(lat=float(lat), lon=float(lon), accuracy_m=_size(raw if isinstance(raw, dict) else {}))


def _size(raw: Mapping[str, Any]) -> int:
    """Return how large the thing is that was found, in metres: half of its box's diagonal, else by what it is."""
    box = _box(raw)
    if box is not None:
        south, north, west, east = box
        return math.ceil(points.apart(south, west, north, east) / 2)
    own = raw.get("properties")
    kinds = [raw.get("addresstype"), *((own.get("type"), own.get("layer")) if isinstance(own, dict) else ())]
    return next((_KINDS[kind] for kind in kinds if isinstance(kind, str) and kind in _KINDS), _ELSE_M)


def _box(raw: Mapping[str, Any]) -> tuple[float, float, float, float] | None:
    """Return south, north, west, east of an answer, None when it has no usable box."""
    own = raw.get("properties")
    extent = own.get("extent") if isinstance(own, dict) else None
    try:
        if "boundingbox" in raw:
            south, north, west, east = map(float, raw["boundingbox"])
        elif "bbox" in raw:
            west, south, east, north = map(float, raw["bbox"])
        elif extent is not None:
            west, north, east, south = map(float, extent)
        else:
            return None
    except (TypeError, ValueError):
        return None
    is_box = -90 <= south <= north <= 90 and -180 <= west <= east <= 180
    return (south, north, west, east) if is_box else None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        """Follow nothing."""


class _Adapter(BaseSyncAdapter):  # type: ignore[misc]  # geopy carries no types
    """How geopy reaches the network: without proxy and redirect, and not for more than an answer can be long."""

    def __init__(self, *, proxies: object, ssl_context: object) -> None:
        super().__init__(proxies=proxies, ssl_context=ssl_context)
        self._opener = urllib.request.build_opener(_NoRedirect, urllib.request.ProxyHandler({}))

    def get_json(self, url: str, *, timeout: float, headers: Mapping[str, str]) -> object:
        """Return the JSON of an answer."""
        try:
            found: object = json.loads(self.get_text(url, timeout=timeout, headers=headers))
        except (ValueError, RecursionError) as error:
            raise GeocoderParseError("no JSON") from error
        return found

    def get_text(self, url: str, *, timeout: float, headers: Mapping[str, str]) -> str:
        """Return an answer."""
        request = urllib.request.Request(url, headers=dict(headers))  # noqa: S310 - the settings let only http(s) pass
        try:
            with self._opener.open(request, timeout=timeout) as answer:
                content: bytes = answer.read(_MOST_BYTES + 1)
        except urllib.error.HTTPError as error:
            error.close()
            raise AdapterHTTPError("refused", status_code=error.code, headers={}, text="") from None
        except TimeoutError as error:
            raise GeocoderTimedOut("no answer in time") from error
        except urllib.error.URLError as error:
            kind = GeocoderTimedOut if isinstance(error.reason, TimeoutError) else GeocoderUnavailable
            raise kind("no connection") from None
        except (OSError, http.client.HTTPException) as error:
            raise GeocoderServiceError("broken off") from error
        if len(content) > _MOST_BYTES:
            raise GeocoderParseError("too long")
        return content.decode("utf-8", errors="replace")
