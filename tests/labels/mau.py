"""Forms 01 to 07 as the tests of this folder print them, with the longest names there are."""

from labels.apology import Apology
from labels.control_slip import ControlSlip, Hop, InTime
from labels.official_form import Applicant, Head
from labels.reception_slip import HandedIn, ReceptionSlip
from labels.refusal_slip import RefusalSlip
from labels.register_book import RegisterBook, RegisterLine
from labels.result_handover import ResultHandover, ResultLine
from labels.stop_notice import StopNotice
from labels.supplement_request import AskedPaper, SupplementRequest
from tests.labels import forms

BASIS = "Ban hành kèm theo Thông tư số 03/2025/TT-VPCP ngày 15/9/2025"
OFFICIAL = "H48.17-261116-0001"
PROCEDURE = "Cấp bản sao trích lục hộ tịch, bản sao Giấy khai sinh (2.000635)"
OFFICER, OFFICER_PHONE = "Lý Thanh Xuân", "0236 3000 000"


def head(number: int) -> Head:
    """Return the head of a form."""
    return Head(
        form=f"Mẫu số {number:02d}",
        basis=BASIS,
        authority="Ủy ban nhân dân phường Hải Châu",
        desk=forms.LONGEST_DESK,
        place_and_day="Đà Nẵng, ngày 17 tháng 11 năm 2026",
        code="7K2M4-9RTBQ",
        official_code=OFFICIAL,
        book="01",
        entry="1204",
    )


APPLICANT = Applicant(
    owner="Công ty TNHH Một thành viên Thương mại và Dịch vụ Vận tải Hòa Khánh",
    submitter="Nguyễn Thị Hồng Nhung",
    address="Tổ 5, kiệt 12 Nguyễn Lương Bằng, phường Hòa Khánh, thành phố Đà Nẵng",
    phone="0905 123 456",
    email="hongnhung@example.vn",
    identity="048190001234",
)
NOBODY = Applicant()
PAPERS = (
    HandedIn(name="Tờ khai cấp bản sao trích lục hộ tịch", originals=1),
    HandedIn(name="Giấy ủy quyền có chứng thực", originals=1, certified=1),
    HandedIn(name="Căn cước của người ủy quyền", copies=2),
)
RECEPTION = ReceptionSlip(
    head=head(1),
    applicant=APPLICANT,
    asks_for=PROCEDURE,
    papers=PAPERS,
    limit="3 ngày làm việc",
    received_at="10 giờ 20 phút, ngày 17 tháng 11 năm 2026",
    due_at="17 giờ 00 phút, ngày 20 tháng 11 năm 2026",
    return_at="Trả tận nhà qua bưu điện",
    fees="8.000 đ",
    submitter="Nguyễn Thị Hồng Nhung",
    officer=OFFICER,
    hotline="1900 0000",
)
SUPPLEMENT = SupplementRequest(
    head=head(2),
    applicant=APPLICANT,
    asks_for=PROCEDURE,
    papers=(
        AskedPaper(name="Giấy khám sức khỏe (bản chính, trong 12 tháng)", reason="bản đã nộp hết hạn"),
        AskedPaper(name="Ảnh 3×4", reason="thiếu"),
    ),
    reason="phát hiện khi thẩm định",
    due="thứ Hai, 30/11/2026",
    clock="Thời hạn giải quyết được tính lại từ ngày nhận đủ giấy tờ.",
    website="hoso.example.vn",
    officer=OFFICER,
    officer_phone=OFFICER_PHONE,
    hotline="1900 0000",
)
REFUSAL = RefusalSlip(
    head=head(3),
    applicant=APPLICANT,
    asks_for=PROCEDURE,
    reason="Hồ sơ không thuộc thẩm quyền giải quyết của phường.",
    website="hoso.example.vn",
    officer=OFFICER,
    officer_phone=OFFICER_PHONE,
    submitter="Nguyễn Thị Hồng Nhung",
    hotline="1900 0000",
)
APOLOGY = Apology(
    head=head(4),
    applicant=APPLICANT,
    asks_for=PROCEDURE,
    authority="Ủy ban nhân dân phường Hải Châu",
    received_at="17/11/2026",
    due_at="17:00, 20/11/2026",
    cause="phải xác minh tại nơi đăng ký khai sinh cũ",
    new_due_at="17:00, 27/11/2026",
    signer="Trần Văn Hòa",
    hotline="1900 0000",
)
STOP = StopNotice(
    head=head(5),
    applicant=APPLICANT,
    asks_for=PROCEDURE,
    requester="Nguyễn Thị Hồng Nhung",
    requested_on="18/11/2026",
    channel="Qua bưu chính",
    reason="Người nộp đổi ý, không còn nhu cầu.",
    basis="Nghị định 118/2025/NĐ-CP, Điều 21; Thông tư 03/2025/TT-VPCP, Điều 7",
    stopped_on="19/11/2026",
    returned=PAPERS[:2],
    refunded="8.000 đ",
    signer="Trần Văn Hòa",
    hotline="1900 0000",
)
HOP = Hop(
    giver="Bưu điện trung tâm Đà Nẵng",
    receiver=forms.LONGEST_DESK,
    at="10 giờ 20 phút, ngày 17 tháng 11 năm 2026",
    giver_person="Võ Đức Tài",
    receiver_person=OFFICER,
    note="Biên bản G5R2X-6VTHC, ký trên hệ thống",
)
CONTROL = ControlSlip(
    head=head(6),
    owner=APPLICANT.owner,
    asks_for=PROCEDURE,
    received_at="10:20, 17/11/2026",
    due_at="17:00, 20/11/2026",
    authority="Ủy ban nhân dân phường Hải Châu",
    hops=(
        HOP,
        Hop(
            giver=forms.LONGEST_DESK,
            receiver="Bưu điện trung tâm Đà Nẵng",
            at="15 giờ 05 phút, ngày 19 tháng 11 năm 2026",
            giver_person=OFFICER,
            receiver_person="Võ Đức Tài",
            result=InTime.BEFORE,
            note="Kết quả",
        ),
    ),
    blank_rows=1,
)
LINE = RegisterLine(
    number="1204",
    official_code=OFFICIAL,
    what=PROCEDURE,
    owner=APPLICANT.owner,
    address=APPLICANT.address,
    phone="0905 123 456",
    authority="Ủy ban nhân dân phường Hải Châu",
    received_on="17/11/2026",
    due_on="20/11/2026",
    returned_on="19/11/2026",
    way="Tận nhà",
    officer=OFFICER,
    note="đã trả",
)
REGISTER = RegisterBook(
    form="Mẫu số 07",
    basis=BASIS,
    authority="Ủy ban nhân dân phường Hải Châu",
    desk=forms.LONGEST_DESK,
    subtitle="Năm 2026 · Quyển số 01 · Tháng 11",
    closing="Tháng này có 2 hồ sơ, từ số 1204 đến số 1205.",
    lines=(LINE, LINE),
)
RESULTS = ResultHandover(
    head=Head(
        form="",
        desk=forms.LONGEST_DESK,
        authority="Ủy ban nhân dân phường Hải Châu",
        code="G5R2X-6VTHC",
        is_record=True,
    ),
    giver="Sở Tư pháp thành phố Đà Nẵng",
    receiver=forms.LONGEST_DESK,
    at="10 giờ 20 phút, ngày 17 tháng 11 năm 2026",
    giver_person="Đỗ Minh Quân",
    receiver_person=OFFICER,
    lines=(
        ResultLine(
            official_code=OFFICIAL,
            what=PROCEDURE,
            result="Trích lục khai sinh (1 bản chính)",
            owner=APPLICANT.owner,
            address=APPLICANT.address,
            has_fee=True,
            by_post=True,
        ),
    ),
)
