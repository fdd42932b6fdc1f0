"""Looking up who is competent for a case: from a procedure, a subject and an address of any era."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, or_, select

from postal.domain import calendars, gazetteer, search, who_decides
from postal.domain.calendars import WorkCalendar
from postal.domain.clocks import Step
from postal.domain.competence import Competence, Subject
from postal.domain.dossier import Dossier
from postal.domain.gazetteer import Found, Gazetteer, Reading, UnitName
from postal.domain.lineage import Succession
from postal.domain.places import Lane, Place, Unit
from postal.domain.procedures import ProcedureVersion
from postal.domain.refusals import Refused
from postal.domain.who_decides import Answer, Located, Question
from postal.store import Reader, Store
from postal.store.tables import table_of
from postal.store.tables_reference import UnitNameRow

_MOST_NAMES = 2000


def competent(store: Store, code: str, *, case_commune: str, on: date) -> Competence:
    """Return who decides a case of this commune, and why.

    Raises: NoCompetentPlace, UnknownProcedure, CommuneGone, UnknownPlace.
    """
    with store.read() as reader:
        version = reader.reference.procedure(code, on=on)
        return reader.reference.competent(version, case_commune=case_commune, on=on)


def answer(
    store: Store,
    *,
    procedure: str,
    address: str,
    at: datetime,
    chosen: str = "",
    subject: Subject = Subject.PERSON,
    handed_in: str = "",
) -> Answer:
    """Return who decides a case at an address of any era, where it is received, on which lane, or what to choose.

    `at` is when the papers come; the rules of that day hold. Raises: UnknownProcedure, UnknownPlace.
    """
    on = calendars.local(at).date()
    with store.read() as reader:
        question = Question(
            procedure=reader.reference.procedure(procedure, on=on),
            address=address,
            at=at,
            chosen=chosen,
            subject=subject,
            handed_in=handed_in,
        )
        return who_decides.answer(_Stored(reader, on=on), question)


def of_dossier(reader: Reader, dossier: Dossier) -> tuple[Step, ...]:
    """Return why this desk and this authority, told from what held on the day the dossier was registered.

    Nothing where a clerk chose them himself, or where what held that day has since been entered differently.
    """
    if not dossier.case_commune or not dossier.procedure_version:
        return ()
    on = calendars.local(dossier.opened_at).date()
    try:
        version = reader.reference.procedure_version(dossier.procedure, dossier.procedure_version)
        told = [_of_day(reader, version, dossier.case_commune, subject, on=on) for subject in Subject]
    except Refused:
        return ()
    named = (dossier.desk, dossier.department)
    return next((found.steps for found in told if (found.desk.code, found.authority.code) == named), ())


def _of_day(reader: Reader, version: ProcedureVersion, commune: str, subject: Subject, *, on: date) -> Competence:
    return reader.reference.competent(version, case_commune=commune, on=on, subject=subject)


def locate(store: Store, address: str, *, on: date, chosen: str = "") -> Located:
    """Return the commune an address of any era lies in, or those to choose from."""
    with store.read() as reader:
        return who_decides.locate(_Stored(reader, on=on), address, chosen=chosen, on=on)


class _Stored:
    """The catalogue as the store has it on a day."""

    def __init__(self, reader: Reader, *, on: date) -> None:
        self.reader = reader
        self.on = on

    def read(self, address: str) -> Found:
        """Return what an address says of its commune."""
        found = Gazetteer(self._names_like(address)).read(address)
        if found.reading in (Reading.NONE, Reading.DISTRICT):
            return Gazetteer(self._names_around(address)).read(address)
        return found

    def commune(self, code: str) -> Unit | None:
        """Return a commune of today's list, or None."""
        return self.reader.reference.units([code], on=self.on).get(code)

    def province(self, code: str) -> str:
        """Return the name of a province, empty for an unknown code."""
        found = self.reader.reference.units([code], on=self.on).get(code)
        return found.name if found else ""

    def successions(self) -> Sequence[Succession]:
        """Return what became of communes since the present list began."""
        return self.reader.reference.successions()

    def competent(self, procedure: ProcedureVersion, commune: str, subject: Subject) -> Competence:
        """Return who decides. Raises: NoCompetentPlace."""
        return self.reader.reference.competent(procedure, case_commune=commune, on=self.on, subject=subject)

    def place(self, code: str) -> Place:
        """Return an office or a desk. Raises: UnknownPlace."""
        return self.reader.reference.place(code)

    def lane(self, origin: Place, destination: Place) -> Lane:
        """Return the lane from one place to another. Raises: NoLane."""
        return self.reader.reference.lane(origin, destination, on=self.on)

    def post_calendar(self) -> WorkCalendar:
        """Return the working calendar of the post."""
        return self.reader.reference.calendar("post")

    def _names_like(self, address: str) -> list[UnitName]:
        """Return the names that stand in an address, with or without their kind."""
        table = table_of(UnitNameRow)
        keys = sorted(gazetteer.stretches_of(address))
        return self._named(or_(table.c.full_key.in_(keys), table.c.short_key.in_(keys)))

    def _names_around(self, address: str) -> list[UnitName]:
        """Return the old names of the districts an address names, for want of anything nearer."""
        table = table_of(UnitNameRow)
        districts = gazetteer.districts_in(address)
        inside = (table.c.folded.contains(f" {name} ", autoescape=True) for name in districts)
        return self._named(and_(table.c.is_old, or_(*inside))) if districts else []

    def _named(self, condition: ColumnElement[bool]) -> list[UnitName]:
        table = table_of(UnitNameRow)
        columns = (table.c.commune, table.c.province_code, table.c.label, table.c.full)
        rows = self.reader.rows(select(*columns).where(condition).order_by(table.c.id).limit(_MOST_NAMES))
        units = self.reader.reference.units(_codes(rows), on=self.on)
        return [
            UnitName(
                commune=row.commune,
                name=row.label.split(", ")[0] if row.label else _spelled(units.get(row.commune), row.full),
                province=units[row.province_code].name if row.province_code in units else "",
                label=row.label,
            )
            for row in rows
        ]


def _codes(rows: Iterable[Row[Any]]) -> set[str]:
    return {code for row in rows for code in (row.commune, row.province_code)}


def _spelled(unit: Unit | None, folded: str) -> str:
    """Return a commune's name as it is written; a further name it is known by stays as it is looked up."""
    return unit.name if unit is not None and search.fold(unit.name) == folded else folded
