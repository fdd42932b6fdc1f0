"""The register of pages that wait to become part of a paper, and of the files they were taken from."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from postal.domain.lifecycle import Overtaken
from postal.store.tables import SheetRow, StackRow, table_of

_STACK, _SHEET = table_of(StackRow), table_of(SheetRow)


@dataclass(frozen=True, kw_only=True, slots=True)
class Stack:
    """A file that was taken apart: where, by whom (empty: by the watched folder), how many pages, when."""

    id: str
    place: str
    account: str
    pages: int
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """A page that waits: its file, a small picture of it, and the dossier it belongs to or why it is held."""

    file: str
    picture: str
    stack: str
    number: int
    dossier: str
    place: str
    held: str
    begins: bool
    at: datetime

    def showing(self, picture: str) -> "Sheet":
        """Return the page with its small picture."""
        return replace(self, picture=picture)


class Stacks:
    """Stacks and their sheets inside one transaction or snapshot."""

    def __init__(self, connection: Connection, *, at: datetime) -> None:
        self._connection = connection
        self._at = at

    def get(self, stack: str) -> Stack | None:
        """Return a file that was taken apart before, or None."""
        row = self._connection.execute(select(_STACK).where(_STACK.c.id == stack)).mappings().first()
        return None if row is None else Stack(**row)

    def add(self, stack: Stack, sheets: Sequence[Sheet]) -> None:
        """Keep a file's pages, waiting; a file whose pages are all gone may come again. Raises: Overtaken."""
        if self.sheets_of_stack(stack.id):
            raise Overtaken(thing="Tệp quét")
        self._connection.execute(delete(_STACK).where(_STACK.c.id == stack.id))
        try:
            self._connection.execute(insert(_STACK).values(**asdict(stack)))
        except IntegrityError as error:
            raise Overtaken(thing="Tệp quét") from error
        self._connection.execute(insert(_SHEET), [asdict(sheet) for sheet in sheets])

    def sheets(self, files: Collection[str]) -> list[Sheet]:
        """Return the pages that still wait, in the order of their stack."""
        return self._found(_SHEET.c.file.in_(sorted(files)))

    def sheets_of_stack(self, stack: str) -> list[Sheet]:
        """Return what still waits of a file."""
        return self._found(_SHEET.c.stack == stack)

    def sheets_of(self, dossier: str) -> list[Sheet]:
        """Return the pages of a dossier that wait, the oldest stack first."""
        return self._found(_SHEET.c.dossier == dossier)

    def held_at(self, place: str) -> list[Sheet]:
        """Return the pages of a place that belong to nobody yet, the oldest stack first."""
        return self._found((_SHEET.c.dossier == "") & (_SHEET.c.place == place))

    def waiting(self, dossiers: Collection[str]) -> dict[str, int]:
        """Return how many pages wait, by dossier."""
        query = select(_SHEET.c.dossier, func.count()).where(_SHEET.c.dossier.in_(sorted(dossiers)))
        return {code: int(many) for code, many in self._connection.execute(query.group_by(_SHEET.c.dossier))}

    def waiting_at(self, place: str) -> dict[str, int]:
        """Return how many pages of a place's stacks wait, by dossier; the empty one is what is held."""
        query = select(_SHEET.c.dossier, func.count()).where(_SHEET.c.place == place)
        return {code: int(many) for code, many in self._connection.execute(query.group_by(_SHEET.c.dossier))}

    def assign(self, files: Collection[str], *, dossier: str) -> int:
        """Let held pages belong to a dossier; return how many were still held."""
        held = _SHEET.c.file.in_(sorted(files)) & (_SHEET.c.dossier == "")
        return self._connection.execute(update(_SHEET).where(held).values(dossier=dossier, held="")).rowcount

    def take(self, files: Collection[str]) -> int:
        """Let pages wait no longer; return how many did."""
        return self._connection.execute(delete(_SHEET).where(_SHEET.c.file.in_(sorted(files)))).rowcount

    def erase(self, dossier: str) -> None:
        """Forget the waiting pages of a dossier."""
        self._connection.execute(delete(_SHEET).where(_SHEET.c.dossier == dossier))

    def _found(self, which: ColumnElement[bool]) -> list[Sheet]:
        query = select(_SHEET).where(which).order_by(_SHEET.c.at, _SHEET.c.stack, _SHEET.c.number)
        return [Sheet(**row) for row in self._connection.execute(query).mappings()]
