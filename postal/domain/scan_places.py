"""Where the papers of a dossier are handled: only there somebody digitises them."""

from collections.abc import Iterable

from postal.domain.dossier import Dossier
from postal.domain.item import Item


def of(found: Dossier, items: Iterable[Item]) -> frozenset[str]:
    """Return its office, desk and department, and the places of who holds an envelope of it."""
    holders = {item.custodian.place for item in items}
    return frozenset({found.office, found.desk, found.department, *holders} - {""})
