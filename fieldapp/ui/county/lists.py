"""The lists of the county screen: columns, problems, what is new, what differs, and the parameter table."""

from __future__ import annotations

from dataclasses import dataclass

from fieldapp.services.opening_county import Line
from fieldapp.services.opening_differences import (
    CONFLICT,
    MEMBER_ABSENT,
    MEMBER_LEFT,
    MEMBER_NEW,
    MOVED,
    Difference,
)
from fieldapp.services.opening_lists import LIST_HEADS, ListLine
from fieldapp.ui.tables import Column, RowsModel, Shown
from fieldapp.words import _, say
from forms.monitoring.opening import Column as TableColumn
from forms.monitoring.opening import Level, Problem, letters
from forms.monitoring.opening_fields import HOUSEHOLD, MEMBER, field_zh, value_zh
from forms.monitoring.opening_register import DOUBT_ZH
from forms.monitoring.parameters import ParameterRecord, parameter_zh


@dataclass(frozen=True, slots=True)
class ColumnRow:
    """A column of a sheet, with a cell of it."""

    column: TableColumn
    sample: str


@dataclass(frozen=True, slots=True)
class FieldRow:
    """Something that a column may be; "" is not used."""

    field: str
    words: str


@dataclass(frozen=True, slots=True)
class NewRow:
    """A new household or line of a list; ``taken`` None where nothing is to be decided."""

    line: Line | ListLine
    taken: bool | None = None


@dataclass(frozen=True, slots=True)
class KindRow:
    """All differences of one field, by whether a person changed it since; ``kind`` ("", False) is all of a list."""

    kind: tuple[str, bool]
    count: int
    taken: bool


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    """One difference; ``household`` is the word said about its whole household, ``taken`` what comes of it."""

    difference: Difference
    household: bool | None
    taken: bool


Row = str | ColumnRow | FieldRow | NewRow | KindRow | DifferenceRow | Problem | ListLine


def heading(row: object) -> str | None:
    """A text among the rows is the head of a group."""
    return row if isinstance(row, str) else None


def fields_of(kind: str) -> dict[str, str]:
    """What a column of this kind of table may be, in words."""
    if kind not in LIST_HEADS:
        return {one.field: _(one.zh) for one in (*HOUSEHOLD, *MEMBER)}
    return {field: _(_LIST_WORDS.get(field, field)) for field in LIST_HEADS[kind].values()}


def columns_model() -> RowsModel[Row]:
    """What each column was taken for."""

    def taken(row: Row) -> Shown:
        if not isinstance(row, ColumnRow):
            return Shown("")
        if not row.column.field:
            return Shown(_("不用"), tone="quiet")
        words = _(_LIST_WORDS.get(row.column.field) or field_zh(row.column.field))
        return Shown(
            words, second="" if row.column.guessed else _("您指明的"), tone="ok" if not row.column.guessed else ""
        )

    return RowsModel(
        [
            Column(_("列"), lambda row: letters(row.column.at) if isinstance(row, ColumnRow) else "", 76),
            Column(_("表头"), lambda row: row.column.head if isinstance(row, ColumnRow) else "", 240),
            Column(_("样子"), lambda row: Shown(row.sample if isinstance(row, ColumnRow) else "", tone="plain"), 300),
            Column(_("当作"), taken),
        ],
        heading=heading,
    )


def fields_model() -> RowsModel[Row]:
    """What a column may be."""
    return RowsModel([Column(_("这一列是"), lambda row: row.words if isinstance(row, FieldRow) else "")])


_LIST_WORDS = {
    "code": "代码", "name": "名称", "township": "乡镇", "level": "级别", "urban_class": "城乡分类", "groups": "村民小组",
    "valid_from": "生效日期", "valid_to": "失效日期", "new_code": "新代码", "old_code": "旧代码", "value": "值", "year": "年度",
    "doc_no": "文号", "q_period": "季度", "item": "项目码", "item_name": "项目名称", "price": "参考价",
}  # fmt: skip
_TONE = {Level.FILE: "hard", Level.ROW: "hard", Level.CELL: "soft", Level.WARN: "plain"}


def problems_model() -> RowsModel[Row]:
    """What is wrong, where, and how to mend it."""

    def level(row: Row) -> Shown:
        return Shown(_(row.level.zh), tone=_TONE[row.level]) if isinstance(row, Problem) else Shown("")

    def place(row: Row) -> Shown:
        if not isinstance(row, Problem):
            return Shown("")
        where = (
            _("{row} 行{column}").format(row=row.row, column=f" {row.column}" if row.column else "") if row.row else ""
        )
        return Shown(row.sheet, second=where)

    return RowsModel(
        [
            Column(_("级别"), level, 150),
            Column(_("在哪里"), place, 260),
            Column(_("问题"), lambda row: Shown(say(row.zh), second=say(row.mend)) if isinstance(row, Problem) else ""),
        ],
        heading=heading,
        edge=lambda row: _TONE[row.level] if isinstance(row, Problem) and row.level is not Level.WARN else "",
    )


def new_model() -> RowsModel[Row]:
    """Households or lines that are not here yet."""

    def name(row: Row) -> Shown:
        if not isinstance(row, NewRow):
            return Shown("")
        if isinstance(row.line, ListLine):
            return Shown(row.line.name)
        return Shown(row.line.head_name, second=row.line.code, box=row.taken)

    def words(row: Row) -> Shown:
        if not isinstance(row, NewRow):
            return Shown("")
        if isinstance(row.line, ListLine):
            return Shown(row.line.table)
        doubts = "、".join(_(DOUBT_ZH.get(one, one)) for one in row.line.words.split())
        return Shown(
            f"{row.line.village}　{_('{n} 人').format(n=row.line.members)}",
            second=_("{sheet} 第 {row} 行").format(sheet=row.line.where[0], row=row.line.where[1])
            + (f"　{doubts}" if doubts else ""),
        )

    return RowsModel([Column(_("户主或名称"), name, 420), Column(_("内容"), words)], heading=heading)


KEEP_REST = ("!keep", False)  # a line of the kinds: what is not taken is right as it stands
_KIND_WORDS = {
    KEEP_REST[0]: "其余的留库里的，以后不再问",
    MEMBER_NEW: "表里多的人",
    MEMBER_ABSENT: "表里没有的人",
    MEMBER_LEFT: "表里还有、库里已离开的人",
    MOVED: "村不一样",
    CONFLICT: "库里正有冲突",
}


def kind_words(field: str) -> str:
    """A field of a difference in words."""
    return _(_KIND_WORDS.get(field) or field_zh(field))


def differences_model() -> RowsModel[Row]:
    """What table and register say differently, by kind and one by one."""

    def what(row: Row) -> Shown:
        if isinstance(row, KindRow):
            words = kind_words(row.kind[0]) if row.kind[0] else _("有不同的都听表的")
            return Shown(words, box=row.taken, second=_("库里的有人改过") if row.kind[1] else "")
        if isinstance(row, ListLine):
            return Shown(row.name)
        if isinstance(row, DifferenceRow):
            one = row.difference
            box = row.taken if one.can_take else None
            return Shown(
                f"{one.head_name}　{kind_words(one.field)}", second=f"{one.hh_id} {one.village} {one.person}", box=box
            )
        return Shown("")

    def said(row: Row) -> Shown:
        if isinstance(row, KindRow):
            return Shown(_("{n} 处").format(n=row.count))
        if isinstance(row, ListLine):
            return Shown(f"{row.here}　→　{row.table}")
        if isinstance(row, DifferenceRow):
            one = row.difference
            here, table = (value_zh(one.field, value) or _("空") for value in (one.here, one.table))
            return Shown(f"{here}　→　{table}")
        return Shown("")

    def who(row: Row) -> Shown:
        if not isinstance(row, DifferenceRow):
            return Shown("")
        one = row.difference
        word = {True: _("整户听表的"), False: _("整户不动"), None: ""}[row.household]
        if not one.can_take:
            word = _("到名册或冲突里定")
        who = _("{by} 改的").format(by=one.by) if one.by_person else _("上次导入") if one.by else ""
        when = f" {one.at:%Y-%m-%d}" if one.at is not None else ""
        return Shown(word, second=who + when, tone="soft" if one.by_person else "plain")

    return RowsModel(
        [Column(_("哪一项"), what, 420), Column(_("库里的　→　表里的"), said), Column(_("谁改的"), who, 230)],
        heading=heading,
    )


def parameters_model() -> RowsModel[ParameterRecord]:
    """The county's parameters with their days and documents."""

    def until(row: ParameterRecord) -> Shown:
        return Shown(row.last_day.isoformat() if row.last_day else "", tone="plain")

    def document(row: ParameterRecord) -> Shown:
        return Shown(row.doc_no, tone="" if row.entered_by else "quiet")

    def who(row: ParameterRecord) -> Shown:
        if not row.entered_by:
            return Shown(_("问卷自带"), tone="quiet")
        return Shown(row.entered_by, second=f"{row.entered_at:%Y-%m-%d}" if row.entered_at else "")

    return RowsModel(
        [
            Column(_("参数"), lambda row: Shown(_(parameter_zh(row.name)), second=row.name), 300),
            Column(_("值"), lambda row: Shown(row.value or _("没有"), bold=bool(row.entered_by), tone="" if row.value else "hard"), 110),
            Column(_("从"), lambda row: row.valid_from.isoformat() if row.valid_from else "", 120),
            Column(_("到"), until, 120),
            Column(_("文号或依据"), document),
            Column(_("谁录的"), who, 160),
        ]
    )  # fmt: skip
