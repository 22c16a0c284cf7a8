"""Which keys the interview prints: on the strip for where the cursor is, and on the key sheet."""

from __future__ import annotations

from fieldapp.ui.widgets.keys import Keys
from fieldapp.words import _

__all__ = ["grid_keys", "note_keys", "question_keys", "sheet_columns", "summary_keys"]


def question_keys(*, choice: bool, confirm: bool, nonresponse: tuple[str, ...], previous: bool) -> tuple[Keys, ...]:
    """On a question, most used first."""
    keys: list[Keys] = [(("Enter",), _("下一题")), (("↑",), _("上一题"))]
    if confirm:
        keys.append((("Space",), _("确认没变")))
    if choice:
        keys.append((("F4",), _("选项表")))
    if previous:
        keys.append((("F3",), _("抄上季")))
    keys.append((("Ctrl+B",), _("备注")))
    if "8" in nonresponse:
        keys.append((("Ctrl+8",), _("不清楚")))
    if "9" in nonresponse:
        keys.append((("Ctrl+9",), _("拒答")))
    keys += [(("Ctrl+G",), _("转到题号")), (("F6",), _("换栏")), (("F7",), _("下一条检查")), (("Ctrl+Z",), _("撤销"))]
    keys.append((("F9",), _("小结交卷")))
    return tuple(keys)


def grid_keys(*, lines: bool, can_add: bool) -> tuple[Keys, ...]:
    """In a grid."""
    keys: list[Keys] = [(("Enter",), _("往右")), (("Shift+Enter",), _("往左")), (("↑", "↓", "←", "→"), _("走格"))]
    keys.append((("Space",), _("勾选或取消") if lines else _("确认")))
    keys += [(("F2",), _("改格")), (("F3",), _("抄上季")), (("Ctrl+D",), _("照上格填"))]
    if can_add:
        keys += [(("Ctrl+I",), _("增行")), (("Ctrl+Delete",), _("删行"))]
    if lines:
        keys += [(("Ctrl+C", "Ctrl+V"), _("复制粘贴")), (("Ctrl+E",), _("只看勾了的"))]
    keys += [(("F8",), _("右栏")), (("Ctrl+Z",), _("撤销"))]
    return tuple(keys)


def note_keys() -> tuple[Keys, ...]:
    """In the remark."""
    return ((("Enter",), _("写好，回到题")), (("Shift+Enter",), _("换行")), (("Esc",), _("不写了")))


def summary_keys() -> tuple[Keys, ...]:
    """On the check list."""
    return (
        (("F7",), _("下一条")),
        (("Shift+F7",), _("上一条")),
        (("Enter",), _("回到那一题")),
        (("Alt+1", "Alt+2"), _("怎么处理")),
        (("Ctrl+G",), _("回到题")),
        (("F9",), _("交卷")),
        (("Esc",), _("先走")),
    )


def sheet_columns() -> tuple[tuple[str, tuple[Keys, ...]], ...]:
    """The two columns of the key sheet that belong to the interview."""
    questions: tuple[Keys, ...] = (
        (("Enter", "↓"), _("下一题")),
        (("Shift+Enter", "↑"), _("上一题")),
        (("1", "2", "3"), _("选项号，选上就往下走")),
        (("F4", "Alt+↓"), _("打开选项表")),
        (("a…z",), _("选项按拼音头字母找")),
        (("F3", "Ctrl+Q"), _("抄上季（只抄这一格）")),
        (("Space",), _("预填的：确认；多选：勾")),
        (("Ctrl+8",), _("不清楚")),
        (("Ctrl+9",), _("拒答")),
        (("Ctrl+B", "Shift+F2"), _("写备注")),
        (("Ctrl+G",), _("转到题号")),
        (("Ctrl+PgDn",), _("下一节；Ctrl+PgUp 上一节")),
        (("Ctrl+J",), _("整卷检查与小结")),
        (("Alt+K",), _("按住看遮住的")),
        (("PgUp", "PgDn"), _("翻页，光标跟着走")),
        (("=", "+", "-", "*", "/"), _("数字格里直接算，Enter 出数")),
    )
    grids: tuple[Keys, ...] = (
        (("↑", "↓", "←", "→"), _("走格")),
        (("Tab", "Shift+Tab"), _("往右、往左")),
        (("Enter",), _("往右，行尾换行；Alt+H 改往下")),
        (("Home", "End"), _("行头、行尾")),
        (("Ctrl+Home",), _("第一格；Ctrl+End 最后一格")),
        (("F2", "Ctrl+U"), _("改这一格，不清掉")),
        (("Delete",), _("清空这一格、这一片")),
        (("Shift+↓",), _("选一片")),
        (("Ctrl+C", "Ctrl+V"), _("复制、粘贴（WPS 来的也行）")),
        (("Ctrl+D",), _("照上一格往下填")),
        (("Space",), _("勾这一行、取消")),
        (("Ctrl+I",), _("增一行")),
        (("Ctrl+Delete",), _("删这一行（要写原因）")),
        (("Ctrl+E",), _("只看勾了的、全看")),
        (("30j", "215y", "1.2w"), _("斤、每月×3、万")),
    )
    return ((_("填问卷"), questions), (_("表格（和 WPS 表格一样）"), grids))
