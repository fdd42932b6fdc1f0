"""Files outside the database: in a folder, in memory, and what an address of a bucket must look like."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from postal.domain.scanning import ShelfUnreachable
from postal.gateways import files
from postal.gateways.files import ObjectFiles, UnsafeBucket

NAME, OTHER = "ab" * 32, "cd" * 32


@pytest.fixture(params=["folder", "memory"])
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectFiles:
    """Return files in a folder that is not there yet, and in memory."""
    return files.opened(str(tmp_path / "new" / "files")) if request.param == "folder" else files.in_memory()


def test_what_was_put_is_there_under_its_name(shelf: ObjectFiles) -> None:
    shelf.put(NAME, b"sealed")
    shelf.put(OTHER, b"also sealed")
    assert (shelf.get(NAME), shelf.get(OTHER)) == (b"sealed", b"also sealed")
    assert {name for name, _ in shelf.names()} == {NAME, OTHER}


def test_each_name_says_since_when_it_lies_there(shelf: ObjectFiles) -> None:
    shelf.put(NAME, b"sealed")
    ((_, since),) = shelf.names()
    assert abs(datetime.now(UTC) - since) < timedelta(minutes=1)


def test_what_is_not_there_is_none_and_deleting_it_is_no_fault(shelf: ObjectFiles) -> None:
    assert shelf.get(NAME) is None
    shelf.delete(NAME)
    shelf.put(NAME, b"sealed")
    shelf.delete(NAME)
    assert shelf.get(NAME) is None
    assert list(shelf.names()) == []


def test_a_folder_is_made_only_when_something_is_put(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    files.opened(str(folder))
    assert not folder.exists()


def test_names_are_spread_over_folders(tmp_path: Path) -> None:
    files.opened(str(tmp_path)).put(NAME, b"sealed")
    assert (tmp_path / "ab" / NAME).read_bytes() == b"sealed"


def test_a_folder_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    in_the_way = tmp_path / "files"
    in_the_way.write_text("a file, no folder")
    with pytest.raises(ShelfUnreachable, match="Chưa ghi gì"):
        files.opened(str(in_the_way)).put(NAME, b"sealed")


@pytest.mark.parametrize(
    "where",
    ["s3://", "s3://kho?endpoint=http://192.0.2.7:9000", "s3://kho?endpoint=ftp://example.vn", "s3://?region=a"],
)
def test_a_bucket_reached_in_the_clear_is_refused(where: str) -> None:
    with pytest.raises(UnsafeBucket, match="POSTAL_FILES"):
        files.opened(where)


def test_a_bucket_that_does_not_answer_says_so() -> None:
    closed = files.opened("s3://kho/nhanh?endpoint=http://127.0.0.1:9", key="k", secret="s")
    with pytest.raises(ShelfUnreachable):
        closed.put(NAME, b"sealed")
