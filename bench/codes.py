"""Whether a damaged or made-up code ever opens a wrong dossier, as one JSON line: `python -m bench.codes`.

`--count 1000000` sets how many mutants are tried, `--seed` which ones.
"""

import argparse
import dataclasses
import json
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass

from postal.domain import codes, scans
from postal.domain.codes import CodeKind
from postal.domain.refusals import Refused
from postal.domain.scans import OurCode, ReceiptSecret
from tests import keyboards, mutants

MUTANTS_OF_EACH = 20
"""How many mutants are made of each code and secret; the more are issued, the more there is to hit by mistake."""
SINGLE_IN = 3
"""One mutant of three is a single error."""


@dataclass(slots=True)
class Attack:
    """What was tried and what came of it.

    `wrong_opened`: something issued was found that is not what the text was made from. `single_errors_missed`: a code
    with one wrong symbol or two swapped ones was taken for a code, whether it was issued or not. `genuine_refused`: an
    undamaged text, also behind an address or typed through Telex or VNI, did not lead to what it names.
    """

    tried: int = 0
    wrong_opened: int = 0
    single_errors: int = 0
    single_errors_missed: int = 0
    genuine: int = 0
    genuine_refused: int = 0

    @property
    def ok(self) -> bool:
        """Tell whether nothing wrong was opened, nothing single was missed, and nothing genuine was refused."""
        return self.tried > 0 < self.genuine and not (
            self.wrong_opened or self.single_errors_missed or self.genuine_refused
        )


def main() -> None:
    """Attack as often as asked, print what came of it, and fail when something got through."""
    asked = argparse.ArgumentParser(prog="bench.codes", description=__doc__)
    asked.add_argument("--count", type=int, default=1_000_000)
    asked.add_argument("--seed", type=int, default=1)
    given = asked.parse_args()
    begun = time.perf_counter()
    found = attack(count=given.count, seed=given.seed)
    took = round(time.perf_counter() - begun, 1)
    print(json.dumps({**dataclasses.asdict(found), "seconds": took, "ok": found.ok}))
    raise SystemExit(0 if found.ok else 1)


def attack(*, count: int, seed: int = 1) -> Attack:
    """Try so many mutants of codes and receipt secrets on the scan box, and every genuine text they are made of."""
    chance, result = random.Random(seed), Attack()
    issued = _issued(max(count // MUTANTS_OF_EACH, 100), chance)
    everything = frozenset(issued)
    for text in issued:
        _try_genuine(text, chance, result)
    while result.tried < count:
        text, other = chance.choice(issued), chance.choice(issued)
        _try_mutant(text, other, everything, chance, result)
    return result


def _issued(many: int, chance: random.Random) -> Sequence[str]:
    """Return codes of every kind and, one in three, receipt secrets."""
    kinds = list(CodeKind)
    minted = [codes.mint(kinds[n % len(kinds)], below=chance.randrange).text for n in range(many * 2 // 3)]
    secrets = [codes.encode_secret(chance.randbytes(codes.SECRET_BYTES)) for _ in range(many - len(minted))]
    return [*minted, *secrets]


def _try_genuine(text: str, chance: random.Random, result: Attack) -> None:
    dressed = mutants.dressed(text, chance)
    through = [keyboards.typed(dressed, method) for method in (keyboards.TELEX, keyboards.VNI)]
    for given in (text, dressed, *through):
        result.genuine += 1
        result.genuine_refused += _opened(given) != text


def _try_mutant(text: str, other: str, everything: frozenset[str], chance: random.Random, result: Attack) -> None:
    is_code = len(text) == codes.CODE_LENGTH
    single = chance.randrange(SINGLE_IN) == 0
    damages = mutants.SINGLE_ERRORS if single else mutants.WORSE if is_code else mutants.OF_A_SECRET
    mutant = chance.choice(damages)(text, other, chance)
    if codes.squeezed(mutant) in (text, other):
        return  # chance has left it whole
    opened = _opened(mutants.dressed(mutant, chance))
    result.tried += 1
    result.wrong_opened += opened in everything and opened != text
    if single and is_code:
        result.single_errors += 1
        result.single_errors_missed += opened is not None


def _opened(given: str) -> str | None:
    """Return the code or secret that the scan box finds in a text, None when it finds none or refuses."""
    try:
        scan = scans.read_scan(given)
    except Refused:
        return None
    if isinstance(scan, OurCode):
        return scan.code.text
    return codes.encode_secret(scan.raw) if isinstance(scan, ReceiptSecret) else None


if __name__ == "__main__":
    main()
