"""Words of questions and choices without running a questionnaire: as written in the form, nothing filled in."""

from __future__ import annotations

from fieldapp.services.codes import code_label
from fieldapp.services.earlier import figure
from fieldapp.words import _
from forms.engine import Form, Question
from forms.monitoring.register_fields import REGISTER_FIELDS
from forms.questionnaires.written import text_words, written_choices

_HOUSEHOLD_WORDS = {
    "hh_id": "户编码",
    "hh_head_name": "户主姓名",
    "hh_phone": "电话",
    "hh_address": "住址",
    "hh_type_now": "户类型",
    "cov_group": "村民小组",
    "cov_village_code": "行政村",
    "mem_no": "成员号",
    "mem_name": "姓名",
    "mem_relation": "与户主关系",
    "mem_sex": "性别",
    "mem_birth": "出生日期",
    "mem_idno": "证件号码",
    "mem_phone": "本人手机号",
    "mem_live_place": "现在主要住在哪里",
    "mem_left": "离户",
    "enumerator": "调查员",
    "visit_at": "约定时间",
    "due_on": "完成期限",
    "~gone": "删掉这一行",
    "~review": "审核结论",
}


def household_label(field: str) -> str:
    """What a field of the register or of an assignment is called."""
    known = REGISTER_FIELDS.get(field)
    return _HOUSEHOLD_WORDS.get(field) or (known.zh if known else field)


def household_value(field: str, value: str) -> str:
    """A value of the register in words."""
    if field == "mem_left" and value == "0":
        return _("在册")
    known = REGISTER_FIELDS.get(field)
    return code_label(known.code_list, value) if known and known.code_list else value


def question_label(form: Form, path: str) -> str:
    """The label of a node, its name where it has none."""
    node = form.find_node(path)
    if node is None:
        return path.rsplit("/", 1)[-1]
    return text_words(form, node.label) or row_label(form, path) or node.name


def row_label(form: Form, path: str) -> str:
    """The label of the fixed row (``fa-row``) that a node stands in, with the node's short heading; "" outside of one."""
    node, row = form.find_node(path), form.find_node(path.rpartition("/")[0])
    if node is None or row is None or "fa-row" not in row.appearances:
        return ""
    words = text_words(form, row.label)
    short = node.fa.get("short") or node.fa.get("head") or ""
    return f"{words} {short}".strip() if words else ""


def choice_label(form: Form, path: str, value: str) -> str:
    """Stored value in words: choice labels joined by 、, figures with comma."""
    node = form.find_node(path)
    if not isinstance(node, Question):
        return value
    if node.control in ("select", "select1", "rank"):
        labels = dict(choices(form, path))
        return "、".join(labels.get(code, code) for code in value.split())
    return figure(value) if node.type in ("int", "decimal") else value


def choices(form: Form, path: str) -> tuple[tuple[str, str], ...]:
    """(code, label) of a question as written in the form, before any filter; empty for choices that come from answers."""
    return written_choices(form, path)
