"""Many rows at once, handed to the driver as it wants them: what devices send comes by the hundreds.

SQLAlchemy looks at each parameter of each row, which takes longer than the database does. Here the text of a statement
is made once for a table, and only a column whose type says so is converted: in the same way, by the same type.
"""

import contextlib
import functools
import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Dialect, LargeBinary, Table
from sqlalchemy.exc import DBAPIError, StatementError

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Question(Generic[T_co]):
    """What is asked of the database, and how its rows are read; without a statement it is not asked."""

    statement: str
    values: tuple[Any, ...]
    read: Callable[[Sequence[Any]], T_co]


class Asking:
    """Takes questions; each gives what its answer is called by, once all of them are asked."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def __call__(self, question: Question[T]) -> Callable[[], T]:
        if not question.statement:
            return lambda: question.read(())
        cursor = _sent(self._connection, question)
        return functools.cache(lambda: question.read(cursor.fetchall()))


@contextlib.contextmanager
def together(connection: Connection) -> Iterator[Asking]:
    """Ask several questions at once, where the database can: one way there and back. The answers come after the block.

    Only questions belong inside. Raises: what SQLAlchemy raises for its own statements.
    """
    with _raising(connection), _pipeline(connection):
        yield Asking(connection)


def ask(connection: Connection, question: Question[T]) -> T:
    """Return the answer to one question. Raises: what SQLAlchemy raises for its own statements."""
    if not question.statement:
        return question.read(())
    with _raising(connection):
        rows = _sent(connection, question).fetchall()
    return question.read(rows)


def _sent(connection: Connection, question: Question[Any]) -> Any:
    """Send a question, and say so to whoever listens to the statements of this connection."""
    cursor = connection.connection.cursor()
    for listener in connection.dispatch.before_cursor_execute:
        listener(connection, cursor, question.statement, question.values, None, False)
    cursor.execute(question.statement, question.values)
    return cursor


def _pipeline(connection: Connection) -> contextlib.AbstractContextManager[Any]:
    if connection.dialect.name != "postgresql":
        return contextlib.nullcontext()
    raw: Any = connection.connection.dbapi_connection
    return raw.pipeline()  # type: ignore[no-any-return]


@contextlib.contextmanager
def _raising(connection: Connection) -> Iterator[None]:
    """Raise the errors of the driver as SQLAlchemy does: that is what everybody waits for."""
    errors = connection.dialect.loaded_dbapi.Error
    try:
        yield
    except errors as error:
        raise DBAPIError.instance(None, None, error, errors, dialect=connection.dialect) from error


def insert_all(connection: Connection, table: Table, rows: Iterable[Sequence[Any]], *, names: tuple[str, ...]) -> None:
    """Insert rows of some columns. Raises: what SQLAlchemy raises for its own statements."""
    connection.exec_driver_sql(_insertion(table, names, sign(connection)), _bound(connection, table, names, rows))


def update_all(
    connection: Connection,
    table: Table,
    rows: Iterable[Sequence[Any]],
    *,
    names: tuple[str, ...],
    known: tuple[str, ...],
) -> int:
    """Write over the rows that have the values `known`, one for each; return how many there were.

    A row holds the new values of `names`, then those of `known` that it must still have.
    """
    values = _bound(connection, table, names + known, rows)
    return connection.exec_driver_sql(_change(table, names, known, sign(connection)), values).rowcount


def among(
    connection: Connection, table: Table, column: str, wanted: Iterable[Any], *, names: Sequence[str], also: str = ""
) -> Sequence[Any]:
    """Return some columns of the rows whose `column` is among the wanted; see `rows_among`."""
    return ask(connection, rows_among(connection, table, {column: wanted}, names=names, read=_as_they_are, also=also))


def rows_among(
    connection: Connection,
    table: Table,
    wanted: Mapping[str, Iterable[Any]],
    *,
    names: Sequence[str],
    read: Callable[[Sequence[Any]], T],
    also: str = "",
) -> Question[T]:
    """Ask for some columns of the rows of which one column or another is among what is wanted of it.

    The rows are plain tuples, as the driver gives them: only for texts, bytes and whole numbers, which are the same in
    every driver. `also` is what else the statement says.
    """
    asked = {column: values for column, each in wanted.items() if (values := sorted(each))}
    if not asked:
        return Question("", (), read)
    conditions, parameters = zip(*(_condition(connection, *each) for each in asked.items()), strict=True)
    statement = f"{_selection(table, tuple(names))} WHERE ({' OR '.join(conditions)}) {also}"
    return Question(statement, tuple(itertools.chain.from_iterable(parameters)), read)


def rows_matching(
    connection: Connection,
    table: Table,
    values: Mapping[str, Any],
    *,
    names: Sequence[str],
    read: Callable[[Sequence[Any]], T],
) -> Question[T]:
    """Ask for some columns of the rows that have all these values; see `rows_among`."""
    known = f" = {sign(connection)} AND ".join(values) + f" = {sign(connection)}"
    return Question(f"{_selection(table, tuple(names))} WHERE {known}", tuple(values.values()), read)


def _as_they_are(rows: Sequence[Any]) -> Sequence[Any]:
    return rows


def _condition(connection: Connection, column: str, values: Sequence[Any]) -> tuple[str, Sequence[Any]]:
    """Return that a column is among some values, with the parameters that it needs."""
    if connection.dialect.name == "postgresql":
        array, kind = _array(values)
        return f"{column} = ANY(%s::{kind}[])", (array,)
    return f"{column} IN ({_signs('?', len(values))})", values


# --- statements: made of the names of our own tables, nothing from outside --------------------------------------------


def sign(connection: Connection) -> str:
    """Return how a statement says where a value goes."""
    return "?" if connection.dialect.paramstyle == "qmark" else "%s"


def _signs(sign: str, count: int) -> str:
    return ", ".join([sign] * count)


@functools.cache
def _insertion(table: Table, names: tuple[str, ...], sign: str) -> str:
    return f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({_signs(sign, len(names))})"  # noqa: S608 - see above


@functools.cache
def _change(table: Table, names: tuple[str, ...], known: tuple[str, ...], sign: str) -> str:
    new, old = ([f"{name} = {sign}" for name in each] for each in (names, known))
    return f"UPDATE {table.name} SET {', '.join(new)} WHERE {' AND '.join(old)}"  # noqa: S608 - see above


@functools.cache
def _selection(table: Table, names: tuple[str, ...]) -> str:
    return f"SELECT {', '.join(names)} FROM {table.name}"  # noqa: S608 - see above


def _array(values: Sequence[Any]) -> tuple[Any, str]:
    """Return values as an array of PostgreSQL and their type; written in one go where nothing in them is special.

    The driver looks for quotes in each of them, which takes longer than the question.
    """
    if isinstance(values[0], bytes):
        return "{" + ",".join([rf'"\\x{value.hex()}"' for value in values]) + "}", "bytea"
    text = ",".join(values)
    is_plain = _PLAIN.fullmatch(text) is not None and all(values) and text.count(",") == len(values) - 1
    return ("{" + text + "}" if is_plain and "NULL" not in values else list(values)), "text"


_PLAIN = re.compile(r"[A-Z0-9a-f,]+")
"""Codes and numbers in hex, one after the other."""


# --- values -----------------------------------------------------------------------------------------------------------


def _bound(
    connection: Connection, table: Table, names: Sequence[str], rows: Iterable[Sequence[Any]]
) -> list[tuple[Any, ...]]:
    """Return rows as the driver wants them; a column at a time, since most columns stay as they are."""
    columns = zip(names, zip(*rows, strict=True), strict=True)
    done = (_column(values, _process(connection.dialect, table, name)) for name, values in columns)
    return list(zip(*done, strict=True))


def _column(values: Sequence[Any], process: Callable[[Any], Any] | None) -> Sequence[Any]:
    if process is None:
        return values
    try:
        done = {value: process(value) for value in {*values}}  # in a batch much happens at the same instant
    except ValueError as error:
        raise StatementError(str(error), None, None, error) from error
    return [done[value] for value in values]


@functools.cache
def _process(dialect: Dialect, table: Table, name: str) -> Callable[[Any], Any] | None:
    """Return what a column's type does to a value; every driver takes bytes as they are."""
    kind = table.c[name].type
    return None if isinstance(kind, LargeBinary) else kind.dialect_impl(dialect).bind_processor(dialect)
