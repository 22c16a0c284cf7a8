"""What can be wrong with a form or an answer, told to a person.

Problems of a form are gathered and reported together; ``FormRefused`` carries them all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from forms.engine.problems_en import MEANINGS
from forms.errors import FieldAppError


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a form, by the specification or for this engine.

    Attributes:
        code: "E…" refuses the form, "W…" only warns; table in ``forms/engine/DIFFERENCES.md``.
        zh: what is wrong, one sentence.
        mend: how to repair it, one sentence; "" where nothing can be said.
        sheet, row: where in the workbook (row 1 is the header); None where unknown or for an XForm.
        node: path of the node, "" where the whole form is meant.
    """

    code: str
    zh: str
    mend: str = ""
    sheet: str | None = None
    row: int | None = None
    node: str = ""

    def sentence(self) -> str:
        """One line: place, what is wrong, mend."""
        place = "".join(
            part
            for part in (
                f"工作表“{self.sheet}”" if self.sheet else "",
                f"第{self.row}行" if self.row else "",
                f"[{self.node}]" if self.node else "",
            )
        )
        return f"{self.code} {place}{'：' if place else ''}{self.zh}{self.mend}"

    @property
    def en(self) -> str:
        """The kind of problem in English, one general sentence."""
        return MEANINGS.get(self.code, "")

    def english(self) -> str:
        """One line in English: place and kind of problem."""
        parts = (f"sheet {self.sheet}" if self.sheet else "", f"row {self.row}" if self.row else "", self.node)
        place = ", ".join(part for part in parts if part)
        return f"{self.code} {place}{': ' if place else ''}{self.en}"


class FormRefused(FieldAppError):
    """The form cannot be used, by the specification or for this engine; ``problems`` says all that is wrong with it."""

    zh: ClassVar[str] = (
        "问卷“{name}”不能使用，共{count}处问题，第一处：{first}已存的资料没有动，请按提示修改问卷后再试。"
    )

    def __init__(self, problems: tuple[Problem, ...], name: str = "") -> None:
        first = problems[0].zh + problems[0].mend if problems else ""
        detail = "; ".join(problem.sentence() for problem in problems[:10])
        super().__init__(detail, name=name, count=len(problems), first=first)
        self.problems = problems


class AnswerRefused(FieldAppError):
    """The type of the question cannot hold this answer (``unfit``; spec: "Data Types"), or the step makes no sense; nothing changed."""

    zh: ClassVar[str] = "{reason}没有改动，请重新输入。"

    def __init__(self, reason: str, detail: str = "", *, unfit: bool = False) -> None:
        super().__init__(detail or "answer refused", reason=reason)
        self.unfit = unfit


class InstanceRefused(FieldAppError):
    """A saved submission or an attachment does not fit the form (spec: "Primary Instance", "Secondary Instances")."""

    zh: ClassVar[str] = "{reason}已存的资料没有动，请检查文件后再试。"

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(detail or "instance refused", reason=reason)
