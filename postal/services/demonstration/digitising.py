"""Papers of the demo that are digitised: a sheet that says it is made up, small enough to lie in the database."""

import hashlib
from datetime import datetime

from postal.domain import status
from postal.domain.dossier import Dossier
from postal.domain.events import PaperScanned
from postal.domain.scanning import Scan
from postal.domain.status import Status
from postal.services.demonstration.cases import Load
from postal.services.demonstration.world import World
from postal.services.sheets import PDF
from postal.store import Ledger

EVERY = 3
"""One of so many dossiers that still lie at a counter is digitised."""

_DRAWN = b"BT /F 28 Tf 120 700 Td (DU LIEU GIA) Tj ET"
_OBJECTS = (
    b"<</Type/Catalog/Pages 2 0 R>>",
    b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
    b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F 5 0 R>>>>/Contents 4 0 R>>",
    b"<</Length %d>>stream\n%s\nendstream" % (len(_DRAWN), _DRAWN),
    b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
)


def digitise_some(world: World, loads: list[Load], *, key: str, at: datetime) -> None:
    """Digitise every paper of some of the dossiers that lie at a counter."""
    waiting = [load.case.dossier for load in loads if _is_at_counter(world, load)]
    by = world.staff.holders[key]
    for code in waiting[::EVERY]:
        with world.store.begin(at=at) as ledger:
            found = ledger.dossier(code)
            for line in range(1, found.paper_lines + 1):
                scan = _kept(ledger, code, line, at=at)
                found = ledger.append(found, found.scan(scan, left=found.paper_lines - line, by=by))


def _is_at_counter(world: World, load: Load) -> bool:
    found, items = world.dossier(load.case)
    return _has_papers(found) and status.word(found, items) is Status.ACCEPTED


def _has_papers(found: Dossier) -> bool:
    return found.may(PaperScanned) and found.paper_lines > 0


def _kept(ledger: Ledger, code: str, line: int, *, at: datetime) -> Scan:
    content = _paper(line)
    ledger.files.put(code, media_type=PDF, content=content)
    digest = hashlib.sha256(content).hexdigest()
    return Scan(line=line, file=digest, pages=1, size=len(content), kind=PDF, at=at)


def _paper(line: int) -> bytes:
    """Return a PDF of one page, another one for each line."""
    written, starts = b"%%PDF-1.4\n%% paper %d\n" % line, []
    for number, body in enumerate(_OBJECTS, start=1):
        starts.append(len(written))
        written += b"%d 0 obj%s\nendobj\n" % (number, body)
    entries = b"".join(b"%010d 00000 n \n" % start for start in starts)
    table = b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Size %d/Root 1 0 R>>" % (
        len(_OBJECTS) + 1,
        entries,
        len(_OBJECTS) + 1,
    )
    return written + table + b"\nstartxref\n%d\n%%%%EOF\n" % len(written)
