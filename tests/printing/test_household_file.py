"""一户一档: what is on it, for whom, and that it copies, repeats and decodes right."""

from __future__ import annotations

import dataclasses
import io

import pytest
from pypdf import PdfReader

from fieldapp.printing.fonts import missing_characters
from fieldapp.printing.household_sections import household_file
from fieldapp.printing.record import Answer
from fieldapp.printing.short_code import CodeRefused, FileCode, household_ending, parse_qr, short_code
from sync.scope import Role
from tests.printing.household_examples import PRINTED, RARE_NAMES, household, quarter


def words_of(pdf: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def test_the_file_holds_the_household_its_members_and_the_quarters():
    pdf = household_file(household(quarters=(quarter("2026Q1"),)), Role.TSUP, PRINTED)
    words = words_of(pdf)
    for expected in ("周德顺", "5299001010010012", "周成员4", "26年一季", "7,879.56", "31,415.90", "第 1 页"):
        assert expected in words


def test_telephone_numbers_are_starred_in_the_middle():
    words = words_of(household_file(household(), Role.TSUP, PRINTED))
    assert "199****1234" in words
    assert "19900001234" not in words


def test_health_is_printed_in_broad_classes_only():
    words = words_of(household_file(household(members=1), Role.CADM, PRINTED))
    assert "尿毒症" not in words


def test_a_village_secretary_gets_no_income_consumption_or_debt():
    words = words_of(household_file(household(quarters=(quarter("2026Q1"),)), Role.VSEC, PRINTED))
    for secret in ("7,879.56", "6,000.00", "31,415.90", "砖混", "城乡居民医保", "5,120.10"):
        assert secret not in words
    assert words.count("本版不含") >= 4
    assert "周成员2" in words


def test_rare_characters_print_and_copy_out_right():
    assert missing_characters("".join(RARE_NAMES)) == ""
    words = words_of(household_file(household(members=6, names=RARE_NAMES), Role.TSUP, PRINTED))
    for name in RARE_NAMES:
        assert name in words


def test_a_character_no_face_has_is_named_before_printing():
    assert missing_characters("周德顺\U000f0000") == "\U000f0000"


def test_thirty_members_go_on_across_pages_with_their_headings():
    pdf = household_file(household(members=30), Role.TSUP, PRINTED)
    words = words_of(pdf)
    assert "周成员30" in words
    assert len(PdfReader(io.BytesIO(pdf)).pages) >= 3


def test_an_empty_household_says_so_instead_of_leaving_lines_to_fill_in():
    words = words_of(household_file(household(members=0), Role.TSUP, PRINTED))
    assert "本期无" in words


def test_a_conflict_is_printed_never_hidden():
    assert "2 处答案两人填得不一样" in words_of(household_file(household(conflicts=2), Role.TSUP, PRINTED))


def test_every_page_names_household_and_printer():
    reader = PdfReader(io.BytesIO(household_file(household(quarters=(quarter("2026Q1"),)), Role.TSUP, PRINTED)))
    for page in reader.pages:
        assert "5299001010010012　杨秀兰" in page.extract_text()


def test_the_same_household_gives_the_same_bytes():
    record = household(quarters=(quarter("2026Q1"),))
    assert household_file(record, Role.TSUP, PRINTED) == household_file(record, Role.TSUP, PRINTED)


def test_the_qr_decoded_from_the_page_names_household_version_and_content():
    pdfium = pytest.importorskip("pypdfium2")
    import zxingcpp

    document = pdfium.PdfDocument(household_file(household(), Role.TSUP, PRINTED))
    picture = document[0].render(scale=3).to_pil()
    codes = zxingcpp.read_barcodes(picture)
    assert parse_qr(codes[0].text) == FileCode("5299001010010012", 3, "0123456789abcdef")


@pytest.mark.parametrize("hh_id", ["5299001010010012", "5299000000000000", "5299009999999999"])
def test_the_short_code_leads_back_to_exactly_that_household(hh_id):
    code = short_code(hh_id)
    assert household_ending(code.lower().replace("-", " ")) == hh_id[-10:]


def test_a_slip_of_the_finger_in_a_short_code_is_told():
    code = short_code("5299001010010012")
    wrong = ("3" if code[0] != "3" else "4") + code[1:]
    with pytest.raises(CodeRefused):
        household_ending(wrong)


def test_no_line_begins_with_a_comma_or_a_stop():
    long_address = "双河村三组大坪，" * 12
    record = household()
    record = dataclasses.replace(record, fields={**record.fields, "hh_address": Answer(long_address, long_address)})
    reader = PdfReader(io.BytesIO(household_file(record, Role.TSUP, PRINTED)))
    for page in reader.pages:
        assert [line for line in page.extract_text().splitlines() if line[:1] in tuple("，。；：、）”")] == []
