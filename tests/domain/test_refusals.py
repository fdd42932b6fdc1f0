"""How the product says no: a stable code, one sentence in each language, and the fields it needs."""

import ast
import importlib
import pickle
import re
import string
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import postal
from postal.domain.refusals import Refused

ROOT = Path(postal.__file__).parent
WHOLE = re.compile(r"(\.|\{\w+\}|\n  \S[^\n]*)$")
"""A sentence ends with a full stop, with what was handed in, or with a command on a line of its own."""

BANNED = (
    "thao tác thành công",
    "thao tác thất bại",
    "lỗi hệ thống",
    "không được để trống",
    "có lỗi xảy ra",
    "invalid",
    "ok/cancel",
)


def _modules() -> list[Path]:
    return [path for path in sorted(ROOT.rglob("*.py")) if "versions" not in path.parts and path.name != "env.py"]


def _name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT.parent).with_suffix("").parts).removesuffix(".__init__")


def _all(kind: type[Refused]) -> Iterator[type[Refused]]:
    for child in kind.__subclasses__():
        yield child
        yield from _all(child)


for _path in _modules():
    importlib.import_module(_name(_path))
REFUSALS = sorted({kind for kind in _all(Refused) if kind.__module__.startswith("postal")}, key=lambda k: k.__name__)
OWN = [kind for kind in REFUSALS if "code" in vars(kind)]


def _fields(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def _facts(kind: type[Refused]) -> set[str]:
    """Return what a refusal must be given: what its sentences name, in either language."""
    return _fields(kind.vi) | _fields(kind.en)


def _of_everything(kind: type[Refused]) -> Refused:
    return kind(**dict.fromkeys(_facts(kind), "X"))


def test_every_refusal_has_a_code_and_no_two_share_one() -> None:
    assert OWN == REFUSALS
    assert [code for code, count in Counter(kind.code for kind in REFUSALS).items() if count > 1] == []
    assert Refused.code not in {kind.code for kind in REFUSALS}


def test_a_code_is_for_machines() -> None:
    assert [kind for kind in REFUSALS if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", kind.code)] == []


def test_a_refusal_is_said_in_both_languages() -> None:
    said = [_of_everything(kind) for kind in REFUSALS]
    assert [refusal for refusal in said if "{" in str(refusal) + refusal.in_english()] == []


def test_a_refusal_is_whole_sentences_in_composed_letters() -> None:
    said = [(kind.__name__, text) for kind in REFUSALS for text in (kind.vi, kind.en)]
    assert [each for each in said if each[1] != unicodedata.normalize("NFC", each[1]).strip()] == []
    assert [each for each in said if not WHOLE.search(each[1])] == []
    assert [(*each, word) for each in said for word in BANNED if word in each[1].lower()] == []


def test_a_refusal_survives_the_way_between_processes() -> None:
    for kind in REFUSALS:
        refusal = _of_everything(kind)
        again = pickle.loads(pickle.dumps(refusal))  # noqa: S301 - our own bytes
        assert (type(again), str(again), again.in_english()) == (kind, str(refusal), refusal.in_english())


def _raised(path: Path) -> Iterator[tuple[int, type[Refused], set[str]]]:
    """Return every place of a module that makes a refusal, with the fields it is given."""
    module = importlib.import_module(_name(path))
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            made = _named(module, ast.unparse(node.func))
            if isinstance(made, type) and issubclass(made, Refused) and all(k.arg for k in node.keywords):
                yield node.lineno, made, {str(keyword.arg) for keyword in node.keywords}


def _named(module: ModuleType, dotted: str) -> object:
    """Return what a dotted name means in a module, None if it is no global name."""
    found: object = module
    for part in dotted.split("."):
        found = getattr(found, part, None)
    return found


def test_a_refusal_is_given_exactly_the_facts_its_sentence_names() -> None:
    wrong = [
        f"{_name(path)}, line {line}: {kind.__name__} needs {sorted(_facts(kind))}, is given {sorted(given)}"
        for path in _modules()
        for line, kind, given in _raised(path)
        if given != _facts(kind)
    ]
    assert wrong == []


def test_the_sentence_is_what_a_person_reads() -> None:
    assert str(Refused()) == Refused.vi
    assert Refused().in_english() == Refused.en
