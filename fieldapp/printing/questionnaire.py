"""The questionnaire written out for reading through, as a paper: cover with the marks of the project, then every question."""

from __future__ import annotations

from datetime import datetime

from fieldapp.printing.document import Block, Cover, Document, Grid, Item, Section, Words, render
from forms.questionnaires.reading_text import Entry, ReadingText, entry_head, entry_lines
from forms.questionnaires.reading_text import Section as Piece

_NO_PROJECT = "没有连着任何项目，只供核对问卷，不得用于调查"


def questionnaire_pdf(
    text: ReadingText,
    *,
    county_name: str = "",
    use: str = "",
    marks: tuple[tuple[str, str], ...] = (),
    by: str = "",
    at: datetime | None = None,
) -> bytes:
    """The reading text as PDF.

    Args:
        use: 工作监测 or 统计调查, "" for a text made away from any project.
        marks: 表号, 制定机关, 文号, 有效期 of a statistical survey; nothing under WORK, where none may be printed.
        by, at: who prints it and when; left out on a text made away from any project, so that it repeats byte for byte.
    """
    return render(compose_questionnaire(text, county_name=county_name, use=use, marks=marks, by=by, at=at))


def compose_questionnaire(
    text: ReadingText,
    *,
    county_name: str = "",
    use: str = "",
    marks: tuple[tuple[str, str], ...] = (),
    by: str = "",
    at: datetime | None = None,
) -> Document:
    """The same before layout."""
    sections = [_section(piece, new_page=n == 0) for n, piece in enumerate(text.sections)]
    if text.lists:
        rows = tuple((name, "；".join(f"{code} {label}" for code, label in options)) for name, options in text.lists)
        sections.append(Section("选项表", (Grid(("表名", "选项"), rows, (8, 40)),), new_page=True))
    printed = "　".join(part for part in (by, at.strftime("%Y-%m-%d %H:%M") if at else "") if part)
    cover = Cover(
        title=text.title,
        subtitle="　".join(part for part in (county_name, "通读稿") if part),
        facts=(
            ("用途", use or _NO_PROJECT),
            *marks,
            ("问卷", f"{text.form_id}　版本 {text.version or '—'}"),
            ("题量", f"{text.questions} 题，计算项 {text.computed} 个"),
            ("校验", f"【错】{text.hard} 条，【核】{text.soft} 条"),
        ),
        contents=tuple(f"{'　' * (piece.depth - 1)}{piece.title}" for piece in text.sections if 0 < piece.depth < 2),
        notice=text.heading,
    )
    return Document(
        title=text.title,
        header="　".join((text.title, *(f"{name}：{value}" for name, value in marks[:1]))),
        footer=f"{text.form_id} {text.version}" + (f"　打印：{printed}" if printed else ""),
        watermark="",
        sections=tuple(sections),
        cover=cover,
    )


def _section(piece: Piece, *, new_page: bool) -> Section:
    blocks: list[Block] = [Words(f"{what}：{words}", small=True) for what, words in piece.rules]
    blocks += [_item(entry) for entry in piece.entries]
    return Section(piece.title, tuple(blocks), new_page)


def _item(entry: Entry) -> Item:
    number, words = entry_head(entry)
    facts = "　".join((entry.name, *entry.facts))
    return Item(number, words, facts, tuple(f"{what}：{said}" for what, said in entry_lines(entry)))
