"""Import files: CSV in, domain values and row-by-row errors out. Nothing is written here.

Our own formats and the public national lists are told apart by their header. Rows are numbered as a spreadsheet shows
them: the header is row 1. An error is a sentence for the person who will mend the file.

`table` reads CSV, `cells` makes values of cells, `formats` finds the format; then there is one module per kind of file.
"""

from postal.services.importing.authorities import COLUMNS as AUTHORITY_COLUMNS
from postal.services.importing.authorities import read_authorities
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
from postal.services.importing.papers import read_papers
from postal.services.importing.procedures import COLUMNS as PROCEDURE_COLUMNS
from postal.services.importing.procedures import read_procedures
from postal.services.importing.public_offices import COLUMNS as POST_LIST_COLUMNS
from postal.services.importing.report import ImportReport, RowError
from postal.services.importing.territories import COLUMNS as TERRITORY_COLUMNS
from postal.services.importing.territories import read_territories

__all__ = [
    "AUTHORITY_COLUMNS",
    "CATALOGUE_COLUMNS",
    "DURATION_COLUMNS",
    "ERROR_COLUMN",
    "LANE_COLUMNS",
    "OFFICE_COLUMNS",
    "PAPER_COLUMNS",
    "POST_CHANNEL",
    "POST_LIST_COLUMNS",
    "PROCEDURE_COLUMNS",
    "TERRITORY_COLUMNS",
    "ImportReport",
    "RowError",
    "error_file",
    "read_authorities",
    "read_lanes",
    "read_offices",
    "read_papers",
    "read_procedures",
    "read_territories",
]
