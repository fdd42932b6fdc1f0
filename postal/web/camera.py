"""Codes in a photo: what a scanner would have typed. The photo is looked at and forgotten."""

import zxingcpp

from postal.domain.refusals import Refused
from postal.web import photos

LONGEST_SIDE = 2400
"""Pixels; a symbol that fills a tenth of such a photo has eight pixels a module."""

FORMATS = zxingcpp.BarcodeFormats(
    [zxingcpp.BarcodeFormat.QRCode, zxingcpp.BarcodeFormat.Code128, zxingcpp.BarcodeFormat.Code39]
)
"""Labels, receipts and identity cards have QR symbols; bags and the post's numbers have bars."""


class NoCodeInPhoto(Refused):
    """The decoder found nothing."""

    code = "no_code_in_photo"
    vi = "Không thấy mã nào trong ảnh. Chụp gần hơn, đủ sáng, thẳng với nhãn; hoặc gõ 10 ký tự in dưới mã."
    en = "There is no code in the photo. Go closer, use more light, or type the 10 symbols below the code."


class TwoCodesInPhoto(Refused):
    """Which one was meant nobody can tell."""

    code = "two_codes_in_photo"
    vi = "Trong ảnh có {count} mã khác nhau. Che các mã khác hoặc chụp gần hơn để chỉ còn một mã."
    en = "There are {count} different codes in the photo. Cover the others or go closer, so that one is left."


def code_in(content: bytes) -> str:
    """Return the text of the one code in a photo; the same text twice is one code.

    Raises: NoCodeInPhoto, TwoCodesInPhoto, NotAPhoto, PhotoTooLarge.
    """
    seen = zxingcpp.read_barcodes(photos.grey(content, longest_side=LONGEST_SIDE), formats=FORMATS)
    texts = {symbol.text for symbol in seen if symbol.text.strip()}
    if not texts:
        raise NoCodeInPhoto
    if len(texts) > 1:
        raise TwoCodesInPhoto(count=len(texts))
    return texts.pop()
