"""The shape of the code: layers, what each may import, no clock and no chance below the doors, every event handled."""

import ast
import importlib
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

PACKAGES = ("postal", "routes", "labels")
TOP_LEVEL = {
    ".ci", ".env.example", ".gitignore", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile", "README.md", "bench",
    "docs", "labels", "main.py", "postal", "pyproject.toml", "requirements-dev.lock", "requirements.lock", "routes",
    "templates", "tests", "tools",
}  # fmt: skip

# Who may import whom. Doors are wired by main.py alone, so none imports another.
DOORS_MAY_IMPORT = {
    "postal.settings", "postal.services", "postal.queries", "postal.printing", "postal.store", "postal.domain",
    "labels",
}  # fmt: skip
MAY_IMPORT: dict[str, set[str]] = {
    "routes": set(),
    "labels": set(),
    "postal.domain": set(),
    "postal.settings": {"postal.domain"},
    "postal.data": {"postal.domain"},
    "postal.store": {"postal.domain"},
    "postal.gateways": {"postal.domain"},
    "postal.queries": {"postal.domain", "postal.store"},
    "postal.printing": {"postal.domain", "postal.queries", "postal.settings", "postal.store", "labels"},
    "postal.services": {"postal.domain", "postal.store", "postal.data", "routes", "labels"},
    "postal.web": DOORS_MAY_IMPORT,
    "postal.cli": DOORS_MAY_IMPORT | {"postal.gateways", "postal.data"},
    "postal.worker": DOORS_MAY_IMPORT | {"postal.gateways"},
}
SPEAK_SQL = ("postal.store", "postal.queries")
SPEAK_HTTP = ("postal.web",)

# A name that says nothing about what is inside; a module is named after the thing it is about.
EMPTY_NAMES = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "misc",
    "shared",
    "base",
    "core",
    "lib",
    "manager",
    "handlers",
}

# Only doors read the clock. Measuring how long something took is not reading it.
CLOCK = {
    "datetime.now",
    "datetime.today",
    "datetime.utcnow",
    "date.today",
    "time.time",
    "time.time_ns",
    "time.localtime",
}
# A generator with a seed, or one passed in, is no chance.
CHANCE = {"random", "secrets", "os.urandom", "uuid.uuid1", "uuid.uuid4"}
NO_CHANCE = {"random.Random"}
WITHOUT_CLOCK = (
    "postal/domain",
    "postal/services",
    "postal/queries",
    "postal/store",
    "postal/gateways",
    "routes",
    "labels",
)
WITHOUT_CHANCE = ("postal/domain", "postal/services", "postal/queries", "routes", "labels")
# What the standard library offers that is not pure.
IMPURE = {
    "asyncio", "http", "io", "multiprocessing", "os", "pathlib", "random", "secrets", "shutil", "socket", "sqlite3",
    "ssl", "subprocess", "tempfile", "threading", "time", "urllib", "uuid",
}  # fmt: skip


# ------------------------------------------------------------------------------------------------------- reading code
def modules(*folders: str) -> list[Path]:
    """Return every Python file under the given folders of the root."""
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


@cache
def tree_of(path: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse(path.read_text(), filename=str(path))


def name_of(path: Path) -> str:
    """Return the dotted name of a module."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def unit_of(module: str) -> str:
    """Return the row of the table a module belongs to: `postal.web.pages.track` is in `postal.web`."""
    parts = module.split(".")
    return ".".join(parts[:2]) if parts[0] == "postal" else parts[0]


def imports_of(path: Path) -> Iterator[str]:
    """Return what a file imports, as dotted names; `from postal import store` counts as `postal.store`."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def calls_of(path: Path) -> Iterator[tuple[int, str]]:
    """Return every call in a file as its line and the last two parts of its name: `datetime.now`."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call):
            yield node.lineno, ".".join(ast.unparse(node.func).split(".")[-2:])


def wrong_in(paths: list[Path], judge: Callable[[Path], list[str]]) -> dict[str, list[str]]:
    """Return what a judge objects to in each module; there must be modules to judge."""
    assert paths
    return {name_of(path): found for path in paths if (found := judge(path))}


def files_of_the_project() -> list[Path]:
    """Return the files that are or would be committed."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [ROOT / name for name in listing.stdout.split("\0") if name and (ROOT / name).is_file()]


def texts_of_the_project() -> Iterator[tuple[Path, str]]:
    """Return the project's text files; pictures and packed data have no text."""
    for path in files_of_the_project():
        content = path.read_bytes()
        if b"\0" not in content[:8192]:
            yield path.relative_to(ROOT), content.decode(errors="replace")


# ------------------------------------------------------------------------------------------------------------- layers
def test_the_import_contracts_are_kept() -> None:
    checked = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def may_not_import(path: Path) -> list[str]:
    """Return the layers that a module imports although its own layer may not."""
    unit = unit_of(name_of(path))
    allowed = MAY_IMPORT[unit] | {unit} if unit != "postal" else set[str]()
    ours = {unit_of(imported) for imported in imports_of(path) if imported.split(".")[0] in PACKAGES}
    return sorted(ours - allowed)


def test_every_module_is_in_a_layer_or_has_a_row_of_its_own() -> None:
    units = {unit_of(name_of(path)) for path in modules(*PACKAGES)} - {"postal"}
    assert units <= MAY_IMPORT.keys(), "put it into a layer, or add a row to the table with its reason"


def test_a_module_imports_only_what_its_layer_may() -> None:
    assert wrong_in(modules(*PACKAGES), may_not_import) == {}


def foreign_to(path: Path) -> list[str]:
    """Return the libraries of SQL and HTTP that a module imports although its layer speaks neither."""
    sql = set() if name_of(path).startswith(SPEAK_SQL) else {"alembic", "psycopg", "sqlalchemy", "sqlite3", "sqlmodel"}
    http = set() if name_of(path).startswith(SPEAK_HTTP) else {"fastapi", "starlette"}
    return sorted({imported.split(".")[0] for imported in imports_of(path)} & (sql | http))


def test_a_module_speaks_sql_or_http_only_where_its_layer_does() -> None:
    assert wrong_in(modules("postal"), foreign_to) == {}


def stores_in(path: Path) -> list[str]:
    """Return what a module imports of the store."""
    return [name for name in imports_of(path) if name.startswith("postal.store")]


def test_pages_hand_on_the_store_they_are_given() -> None:
    assert wrong_in(modules("postal/web/pages", "postal/web/api"), stores_in) == {}


def impure_in(path: Path) -> list[str]:
    """Return what a module imports beside the product and the pure part of the standard library."""
    foreign = {imported.split(".")[0] for imported in imports_of(path)} - {"postal"}
    return sorted(foreign - (sys.stdlib_module_names - IMPURE))


def test_the_domain_uses_the_pure_part_of_the_standard_library() -> None:
    assert wrong_in(modules("postal/domain"), impure_in) == {}


def clock_read_in(path: Path) -> list[str]:
    """Return where a module reads the clock."""
    return [f"line {line}: {call}()" for line, call in calls_of(path) if call in CLOCK]


def test_only_doors_read_the_clock() -> None:
    assert wrong_in(modules(*WITHOUT_CLOCK), clock_read_in) == {}


def chance_drawn_in(path: Path) -> list[str]:
    """Return where a module draws random numbers."""
    drawn = [(line, call) for line, call in calls_of(path) if call not in NO_CHANCE]
    return [f"line {line}: {call}()" for line, call in drawn if {call, call.split(".")[0]} & CHANCE]


def test_only_doors_draw_random_numbers() -> None:
    assert wrong_in(modules(*WITHOUT_CHANCE), chance_drawn_in) == {}


# -------------------------------------------------------------------------------------------------------------- names
def test_the_top_of_the_tree_is_as_designed() -> None:
    found = {path.relative_to(ROOT).parts[0] for path in files_of_the_project()}
    assert found <= TOP_LEVEL, f"not part of the tree: {sorted(found - TOP_LEVEL)}"


def test_a_module_is_named_after_what_it_is_about() -> None:
    paths = [path.relative_to(ROOT) for path in modules(*PACKAGES, "tools", "bench")]
    assert [str(path) for path in paths if set(path.with_suffix("").parts) & EMPTY_NAMES] == []


def test_no_file_names_a_place_on_one_machine_or_a_package_host() -> None:
    words = [
        "/wo" + "rk/",
        "/ro" + "ot/",
        "py" + "pi.org",
        "python" + "hosted",
        "npm" + "js.",
        "deb.deb" + "ian",
        "/opt/py" + "pi",
    ]
    named = [f"{path}: {word}" for path, text in texts_of_the_project() for word in words if word in text]
    assert named == []


# ------------------------------------------------------------------------------------------------------------- domain
def dataclasses_of(path: Path) -> Iterator[tuple[ast.ClassDef, set[str]]]:
    """Return each public dataclass in a file, with the options that are switched on."""
    for node in ast.walk(tree_of(path)):
        if not isinstance(node, ast.ClassDef) or node.name.startswith("_"):
            continue
        for decorator in node.decorator_list:
            if re.fullmatch(r"(dataclasses\.)?dataclass(\(.*\))?", ast.unparse(decorator), re.DOTALL):
                options = decorator.keywords if isinstance(decorator, ast.Call) else []
                yield node, {str(option.arg) for option in options if ast.unparse(option.value) == "True"}


def options_wanted(thing: ast.ClassDef) -> set[str]:
    """Return what a thing of the domain must be; one of one or two fields, like a code, needs no names for them."""
    fields = [node for node in thing.body if isinstance(node, ast.AnnAssign)]
    return {"frozen", "slots"} | ({"kw_only"} if len(fields) > 2 else set())


def lacking_in(path: Path) -> list[str]:
    """Return each dataclass of a file that lacks an option, with those it lacks."""
    lacking = {thing.name: sorted(options_wanted(thing) - options) for thing, options in dataclasses_of(path)}
    return [f"{name} lacks {options}" for name, options in lacking.items() if options]


def test_things_of_the_domain_never_change_and_name_their_fields() -> None:
    assert wrong_in(modules("postal/domain"), lacking_in) == {}


# A position has a holder and no other state, so there is no table of what may follow what; a claim changes no state.
EVENTS_WITHOUT_STATES = {"PositionTaken", "ShiftHandedOver", "Claimed"}


def subclasses(kind: type[object]) -> Iterator[type[object]]:
    """Return every subclass that has none of its own."""
    for child in kind.__subclasses__():
        if child.__subclasses__():
            yield from subclasses(child)
        else:
            yield child


def events_in_a_life_cycle() -> set[type[object]]:
    """Return the events that some LIFECYCLE table of the domain allows."""
    domain = [importlib.import_module(name_of(path)) for path in modules("postal/domain")]
    return {event for module in domain for _, event in getattr(module, "LIFECYCLE", ())}


def test_every_event_has_its_place_in_a_life_cycle() -> None:
    placed = events_in_a_life_cycle()  # first: it imports the modules that may define events
    events = importlib.import_module("postal.domain.events")
    all_of_them = {event.__name__ for event in subclasses(events.Event)}
    assert all_of_them == {event.__name__ for event in placed} | EVENTS_WITHOUT_STATES
