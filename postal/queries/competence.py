"""Looking up who is competent for a case."""

from datetime import date

from postal.domain.competence import Competence
from postal.store import Store


def competent(store: Store, code: str, *, case_commune: str, on: date) -> Competence:
    """Return who decides a case of this commune, and why.

    Raises: NoCompetentPlace, UnknownProcedure, CommuneGone, UnknownPlace.
    """
    with store.read() as reader:
        version = reader.reference.procedure(code, on=on)
        return reader.reference.competent(version, case_commune=case_commune, on=on)
