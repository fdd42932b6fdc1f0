"""Amounts of money in words, as they stand on a Vietnamese receipt."""

_DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_BILLION = 1_000_000_000


def in_words(amount: int) -> str:
    """Return an amount of whole đồng in words.

    Raises: ValueError, for less than nothing.

    >>> in_words(135_000)
    'một trăm ba mươi lăm nghìn đồng'
    >>> in_words(1_005_021)
    'một triệu không trăm linh năm nghìn không trăm hai mươi mốt đồng'
    """
    if amount < 0:
        raise ValueError(f"An amount in words is never negative: {amount}.")
    return f"{' '.join(_number(amount)) or _DIGITS[0]} đồng"


def _number(amount: int, *, is_inner: bool = False) -> list[str]:
    """Return a number in words, nothing for 0; an inner one follows larger groups and names its empty hundreds."""
    billions, rest = divmod(amount, _BILLION)
    words = [*_number(billions, is_inner=is_inner), "tỷ"] if billions else []
    for unit, name in ((1_000_000, "triệu"), (1_000, "nghìn"), (1, "")):
        group = rest // unit % 1_000
        if group:
            words += _group(group, is_inner=is_inner or bool(words))
            words += [name] if name else []
    return words


def _group(number: int, *, is_inner: bool) -> list[str]:
    """Return a number from 1 to 999 in words."""
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    words = [_DIGITS[hundreds], "trăm"] if hundreds or is_inner else []
    if tens > 1:
        words += [_DIGITS[tens], "mươi"]
    elif tens == 1:
        words += ["mười"]
    elif ones and words:
        words += ["linh"]
    return [*words, _ones(ones, tens=tens)] if ones else words


def _ones(digit: int, *, tens: int) -> str:
    """Return the last digit; after tens some have a form of their own."""
    after_tens = {1: "mốt", 4: "tư", 5: "lăm"} if tens > 1 else {5: "lăm"} if tens == 1 else {}
    return after_tens.get(digit, _DIGITS[digit])
