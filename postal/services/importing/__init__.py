"""Import files: CSV in, domain values and row-by-row errors out. Nothing is written here.

Our own formats and the public national lists are told apart by their header. Rows are numbered as a spreadsheet shows
them: the header is row 1. An error is a sentence for the person who will mend the file.

`table` reads CSV, `cells` makes values of cells, `formats` finds the format; then there is one module per kind of file.
"""

from postal.services.importing.authorities import COLUMNS as AUTHORITY_COLUMNS
from postal.services.importing.authorities import read_authorities
from postal.services.importing.delegations import COLUMNS as DELEGATION_COLUMNS
from postal.services.importing.delegations import read_delegations
from postal.services.importing.formats import ERROR_COLUMN
from postal.services.importing.kept_out import error_file
from postal.services.importing.lanes import COLUMNS as LANE_COLUMNS
from postal.services.importing.lanes import read_lanes
from postal.services.importing.national_catalogue import COLUMNS as CATALOGUE_COLUMNS
from postal.services.importing.national_durations import COLUMNS as DURATION_COLUMNS
from postal.services.importing.national_durations import POST_CHANNEL
from postal.services.importing.offices import COLUMNS as OFFICE_COLUMNS
from postal.services.importing.offices import read_offices
from postal.services.importing.papers import COLUMNS as PAPER_COLUMNS
from postal.services.importing.papers import MORE_COLUMNS as MORE_PAPER_COLUMNS
from postal.services.importing.papers import paper_of, read_papers
from postal.services.importing.planning import Counted, Plan, plan, read_catalogue
from postal.services.importing.procedures import COLUMNS as PROCEDURE_COLUMNS
from postal.services.importing.procedures import MORE_COLUMNS as MORE_PROCEDURE_COLUMNS
from postal.services.importing.procedures import read_procedures, version_of
from postal.services.importing.public_offices import COLUMNS as POST_LIST_COLUMNS
from postal.services.importing.report import ImportReport, RowError, WrongCell
from postal.services.importing.successions import COLUMNS as SUCCESSION_COLUMNS
from postal.services.importing.successions import read_successions
from postal.services.importing.territories import COLUMNS as TERRITORY_COLUMNS
from postal.services.importing.territories import read_territories

__all__ = [
    "AUTHORITY_COLUMNS",
    "CATALOGUE_COLUMNS",
    "DELEGATION_COLUMNS",
    "DURATION_COLUMNS",
    "ERROR_COLUMN",
    "LANE_COLUMNS",
    "MORE_PAPER_COLUMNS",
    "MORE_PROCEDURE_COLUMNS",
    "OFFICE_COLUMNS",
    "PAPER_COLUMNS",
    "POST_CHANNEL",
    "POST_LIST_COLUMNS",
    "PROCEDURE_COLUMNS",
    "SUCCESSION_COLUMNS",
    "TERRITORY_COLUMNS",
    "Counted",
    "ImportReport",
    "Plan",
    "RowError",
    "WrongCell",
    "error_file",
    "paper_of",
    "plan",
    "read_authorities",
    "read_catalogue",
    "read_delegations",
    "read_lanes",
    "read_offices",
    "read_papers",
    "read_procedures",
    "read_successions",
    "read_territories",
    "version_of",
]
