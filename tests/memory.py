"""Puts what tests write into memory: thousands of small databases wait for no disk, and none must outlive its test.

What a killed process leaves behind is the same in both places; losing power is not tested.
"""

import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108 - only the place; names are made by tempfile
NEEDED = 4 * 2**30
"""Bytes that must be free there: a whole run needs a fifth of them."""


def use() -> None:
    """Let temporary files of this process and of those it starts be in memory, unless somebody chose their place."""
    if "TMPDIR" not in os.environ and _has_room():
        os.environ["TMPDIR"] = str(MEMORY)
        tempfile.tempdir = None


def _has_room() -> bool:
    return MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= NEEDED
