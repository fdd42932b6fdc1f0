"""Whether the parts the product stands on answer."""

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from postal.store import Store


def checks(store: Store) -> dict[str, bool]:
    """Return each part by name and whether it is well."""
    return {"database": _answers(store), "migrations": _is_current(store)}


def _answers(store: Store) -> bool:
    try:
        with store.read() as reader:
            return bool(reader.rows(text("SELECT 1")))
    except SQLAlchemyError:
        return False


def _is_current(store: Store) -> bool:
    try:
        return not store.migration_pending()
    except SQLAlchemyError:
        return False
