"""What a workstation takes along to register without network: procedures, places and communes of its province.

Nobody's data is in it. It is JSON in short words, since a counter may have to load it over a weak line.
"""

import contextlib
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from postal.domain import calendars, competence, places, tariffs
from postal.domain.competence import NoCompetentPlace
from postal.domain.delegations import Delegation
from postal.domain.people import Actor
from postal.domain.places import Lane, Level, Place, PlaceKind
from postal.domain.procedures import ProcedureVersion
from postal.domain.tariffs import PostagePrice
from postal.store import Store
from postal.store.reader import Reader

Json = dict[str, Any]

LONGEST_SILENCE = timedelta(days=7)
"""How long a workstation registers without having heard of us; after that the page takes nothing more."""


def offline_kit(store: Store, *, actor: Actor, at: datetime) -> Json:
    """Return the procedures with their papers, the desks they go to, and the communes of the actor's province.

    A procedure's `way` is a number in `ways`: desk and department by commune, or for all under the empty one; none
    where no rule names them.
    """
    on = calendars.local(at).date()
    with store.read() as reader:
        office = reader.reference.place(actor.place)
        province = office.province_code or ""
        around = reader.reference.places_of(province, kinds=(PlaceKind.OFFICE, PlaceKind.DESK, PlaceKind.DEPARTMENT))
        versions = reader.reference.procedures(on=on)
        communes = _communes(reader, province, on=on)
        prices, lanes = reader.tariffs.all(PostagePrice), reader.reference.lanes()
        delegations = reader.reference.delegations(place.code for place in around)
    here = [place for place in around if places.in_force(place, on)]
    named = [code for code, _ in communes]
    ways = _Ways(around, province=province, communes=named, delegations=delegations, on=on)
    return {
        "office": {"code": office.code, "name": office.name, "phone": office.phone},
        "procedures": [_procedure(versions[code], ways) for code in sorted(versions)],
        "prices": [_price(each) for each in prices if _is_soon(each.valid_from, each.valid_to, on)],
        "tiers": _tiers(lanes, office, here, on=on),
        "ways": ways.found,
        "communes": communes,
        "offices": _named(here, PlaceKind.OFFICE),
        "desks": _named(here, PlaceKind.DESK),
        "departments": _named(here, PlaceKind.DEPARTMENT),
    }


class _Ways:
    """Who is competent where: procedures with the same rule go the same way."""

    def __init__(
        self,
        here: Sequence[Place],
        *,
        province: str,
        communes: Sequence[str],
        delegations: Sequence[Delegation],
        on: date,
    ) -> None:
        self.found: list[dict[str, tuple[str, str]]] = []
        self._here = here
        self._province = province
        self._communes = communes
        self._delegations = delegations
        self._on = on
        self._known: dict[tuple[Level, str, tuple[str, ...]], int | None] = {}

    def of(self, version: ProcedureVersion) -> int | None:
        """Return the number of the way of a procedure, None where no rule names it."""
        rule = version.competence
        if rule is None:
            return None
        key = (rule.level, rule.department, self._delegated(version))
        if key not in self._known:
            self._known[key] = self._add(version, [""] if rule.level is not Level.COMMUNE else self._communes)
        return self._known[key]

    def _delegated(self, version: ProcedureVersion) -> tuple[str, ...]:
        """Return the delegations in force that are about a procedure: with others it goes another way."""
        return tuple(each.code for each in self._delegations if each.holds(self._on) and each.covers(version))

    def _add(self, version: ProcedureVersion, communes: Sequence[str]) -> int | None:
        way = {commune: found for commune in communes if (found := self._competent(version, commune))}
        if not way:
            return None
        self.found.append(way)
        return len(self.found) - 1

    def _competent(self, version: ProcedureVersion, commune: str) -> tuple[str, str] | None:
        try:
            found = competence.decide(
                version,
                commune=commune,
                province=self._province,
                places=self._here,
                on=self._on,
                delegations=self._delegations,
            )
        except NoCompetentPlace:
            return None
        return found.desk.code, found.authority.code


def _procedure(version: ProcedureVersion, ways: _Ways) -> Json:
    return {
        "code": version.code,
        "name": version.name,
        "short": list(version.short_names),
        "way": ways.of(version),
        "fee": version.fee,
        "fee_basis": version.fee_basis,
        "may_send": version.carriable is not False,
        "is_verified": version.papers_verified,
        "until": version.valid_to.isoformat() if version.valid_to else "",
        "papers": [
            [p.name, int(p.required), p.originals, p.certified, p.copies, int(bool(p.returned_to_citizen))]
            for p in version.papers
        ],
    }


def _is_soon(begins: date, ends: date | None, on: date) -> bool:
    """Tell whether something holds on one of the days for which the kit may be used."""
    return begins <= on + LONGEST_SILENCE and (ends is None or ends >= on)


def _price(price: PostagePrice) -> tuple[str | int, ...]:
    """Return a step of a table; an empty last day is none."""
    step = (price.service.value, price.area, price.over_g, price.up_to_g, price.amount)
    return (*step, tariffs.basis_of(price), price.valid_from.isoformat(), str(price.valid_to or ""))


def _tiers(lanes: Sequence[Lane], office: Place, around: Sequence[Place], *, on: date) -> dict[str, int]:
    """Return the J+n of the lane to each desk that can be reached today."""
    found: dict[str, int] = {}
    for desk in (place for place in around if place.kind is PlaceKind.DESK):
        with contextlib.suppress(places.NoLane):
            found[desk.code] = places.best_lane(lanes, origin=office, destination=desk, on=on).tier_days
    return found


def _communes(reader: Reader, province: str, *, on: date) -> list[tuple[str, str]]:
    codes = [code for code, of in reader.reference.commune_provinces().items() if of == province]
    units = reader.reference.units(codes, on=on)
    return sorted(((code, unit.name) for code, unit in units.items()), key=lambda found: found[1])


def _named(here: Sequence[Place], kind: PlaceKind) -> list[tuple[str, str]]:
    return sorted(((place.code, place.name) for place in here if place.kind is kind), key=lambda found: found[1])
