"""Looking up communes, places, lanes and rounds."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, case, func, literal, not_, or_, select

from postal.domain import search
from postal.domain.places import Lane, Place, PlaceKind, Precision, Territory, Unit
from postal.store import Reader, Store
from postal.store.tables import table_of
from postal.store.tables_reference import PlaceRow, UnitNameRow

MOST_OLD_NAMES = 3
_ROWS_A_COMMUNE = 40
"""An old district's name leads to a commune through each of its old communes."""
_CANDIDATES = 3
"""So many times more are looked at than asked for, to prefer those spelled with the same marks."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CommuneFound:
    """A commune of today; `formerly` are the old names it was found by, empty when its own name matched."""

    code: str
    name: str
    province_code: str
    province: str
    formerly: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """Return the line a clerk reads."""
        old = f" (trước đây: {'; '.join(self.formerly)})" if self.formerly else ""
        return f"{self.name}, {self.province}{old}"


@dataclass(frozen=True, kw_only=True, slots=True)
class PlacePage:
    """A place with the names of its commune and province."""

    place: Place
    commune: str
    province: str

    @property
    def is_point_rough(self) -> bool:
        """Tell whether its point is only the middle of its commune or district."""
        return self.place.precision is not Precision.EXACT


def search_communes(
    store: Store, words: str, *, limit: int = 10, on: date, near: str | None = None
) -> tuple[CommuneFound, ...]:
    """Return the communes somebody may mean, best first; old names lead to all their successors.

    Of equally good ones those spelled with the same marks come first, then those of the province `near`.
    """
    wanted = search.words(words)
    if not wanted:
        return ()
    with store.read() as reader:
        rows = reader.rows(_names(wanted, near=near, limit=limit * _ROWS_A_COMMUNE))
        best: dict[str, tuple[int, list[str]]] = {}
        for row in rows:
            rank, labels = best.setdefault(row.commune, (row.rank, []))
            if row.is_old and row.rank == rank:
                labels.append(row.label)
        codes = list(best)[: limit * _CANDIDATES]
        found = _found(reader, codes, {code: best[code][1] for code in codes}, on=on)
    spelled = unicodedata.normalize("NFC", words).casefold().strip()
    found.sort(key=lambda commune: (best[commune.code][0], spelled not in commune.label.casefold()))
    return tuple(found[:limit])


def _names(wanted: Sequence[str], *, near: str | None, limit: int) -> Any:
    """Return the statement: every word begins a word of the name, numbers whole; better matches have a lower rank.

    `named` is the name and then more, as in "long thanh dong nai".
    """
    table = table_of(UnitNameRow)
    typed = " ".join(wanted)
    own = not_(table.c.is_old)
    exact = or_(table.c.short == typed, table.c.full == typed)
    begins = or_(table.c.short.startswith(typed, autoescape=True), table.c.full.startswith(typed, autoescape=True))
    named = or_(*(literal(f"{typed} ").like(name.concat(" %")) for name in (table.c.short, table.c.full)))
    phrase = table.c.folded.contains(f" {typed} ", autoescape=True)
    better = (own & exact, exact, own & begins, own & named, named, phrase, own, begins)
    rank = case(*((condition, place) for place, condition in enumerate(better)), else_=len(better))
    has_all = and_(*(table.c.folded.contains(_part(word), autoescape=True) for word in wanted))
    query = select(table.c.commune, table.c.is_old, table.c.label, rank.label("rank")).where(has_all)
    elsewhere = case((table.c.province_code == near, 0), else_=1)
    return query.order_by(rank, elsewhere, table.c.short, table.c.commune, table.c.label).limit(limit)


def _part(word: str) -> str:
    """Return what a name must hold: a word that begins so, or a number that is just that."""
    return f" {word} " if word.isdigit() else f" {word}"


def _found(reader: Reader, codes: list[str], formerly: dict[str, list[str]], *, on: date) -> list[CommuneFound]:
    communes = reader.reference.units(codes, on=on)
    provinces = reader.reference.units({unit.province_code for unit in communes.values()}, on=on)
    return [
        CommuneFound(
            code=code,
            name=communes[code].name,
            province_code=communes[code].province_code,
            province=provinces[communes[code].province_code].name,
            formerly=tuple(formerly[code][:MOST_OLD_NAMES]),
        )
        for code in codes
    ]


def commune(store: Store, code: str, *, on: date) -> Unit:
    """Return a commune of today. Raises: CommuneGone with its successors, UnknownPlace."""
    with store.read() as reader:
        return reader.reference.commune(code, on=on)


def provinces(store: Store, *, on: date) -> tuple[Unit, ...]:
    """Return today's provinces by code."""
    with store.read() as reader:
        return tuple(reader.reference.provinces(on=on))


def place(store: Store, code: str, *, on: date) -> PlacePage:
    """Return a place with its surroundings. Raises: UnknownPlace."""
    with store.read() as reader:
        found = reader.reference.place(code)
        units = reader.reference.units((code for code in (found.unit, found.province_code) if code), on=on)
        return PlacePage(place=found, commune=_name(units, found.unit), province=_name(units, found.province_code))


def _name(units: dict[str, Unit], code: str | None) -> str:
    return units[code].name if code in units else ""


def search_places(
    store: Store, words: str, *, kinds: Sequence[PlaceKind] = tuple(PlaceKind), limit: int = 10
) -> tuple[Place, ...]:
    """Return the places whose name, code or address has every word, whole phrases and short names first."""
    wanted = search.words(words)
    if not wanted:
        return ()
    table = table_of(PlaceRow)
    has_all = and_(*(table.c.folded.contains(f" {word}", autoescape=True) for word in wanted))
    whole = case((table.c.folded.contains(f" {' '.join(wanted)} ", autoescape=True), 0), else_=1)
    query = select(table.c.code).where(has_all, table.c.kind.in_([kind.value for kind in kinds]))
    with store.read() as reader:
        order = (whole, func.length(table.c.folded), table.c.code)
        codes = [row.code for row in reader.rows(query.order_by(*order).limit(limit))]
        found = reader.reference.places(codes)
    return tuple(found[code] for code in codes)


def lane_between(store: Store, origin: str, destination: str, *, on: date) -> Lane:
    """Return the lane to use from one place to another. Raises: NoLane, UnknownPlace."""
    with store.read() as reader:
        register = reader.reference
        return register.lane(register.place(origin), register.place(destination), on=on)


def territories(store: Store, *, office: str | None = None) -> tuple[Territory, ...]:
    """Return the postmen's rounds of an office, or all."""
    with store.read() as reader:
        return tuple(reader.reference.territories(office=office))
