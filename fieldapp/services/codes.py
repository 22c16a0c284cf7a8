"""Words for codes outside a questionnaire: the choice lists of ``forms/questionnaires/choices.csv``."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

from fieldapp.words import _
from sync.records import FormStatus

_LABEL_COLUMN = "label::中文 (zh)"


@cache
def _lists() -> dict[str, dict[str, str]]:
    text = files("forms.questionnaires").joinpath("choices.csv").read_text(encoding="utf-8-sig")
    rows = csv.reader(text.splitlines())
    header: list[str] = []
    found: dict[str, dict[str, str]] = {}
    for row in rows:
        if not any(row) or row[0]:
            continue
        if not header:
            header = row
            continue
        cells = dict(zip(header, row, strict=False))
        found.setdefault(cells["list_name"], {})[cells["name"]] = cells.get(_LABEL_COLUMN, "")
    return found


def code_label(list_name: str, code: str) -> str:
    """The label of a code, the code itself when the list does not have it."""
    return _lists().get(list_name, {}).get(code, code) if code else ""


def code_list(list_name: str) -> dict[str, str]:
    """A whole list, in order."""
    return dict(_lists().get(list_name, {}))


_SAID = {
    0: "没有任务",
    FormStatus.UNASSIGNED: "没有任务",
    FormStatus.ASSIGNED: "没到",
    FormStatus.DRAFT: "填报中",
    FormStatus.CHECKED: "填好了，等交",
    FormStatus.SUBMITTED: "已交，等乡镇审",
    FormStatus.IN_REVIEW: "乡镇在审",
    FormStatus.RETURNED_TOWNSHIP: "乡镇退回",
    FormStatus.APPROVED: "通过",
    FormStatus.RETURNED_COUNTY: "县里退回",
    FormStatus.LOCKED: "县级验收",
    FormStatus.VOID: "作废",
    FormStatus.ARCHIVED: "已归档",
}


def status_label(status: int, progress: int = 0) -> str:
    """A status in the village's words; drafts with how far they are."""
    if status == FormStatus.DRAFT and progress:
        return _("填报中 {progress}%").format(progress=progress)
    return _(_SAID.get(status, str(status)))
