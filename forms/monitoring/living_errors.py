"""What a register edit is refused for. Each sentence says that nothing was written."""

from __future__ import annotations

from collections.abc import Sequence

from forms.errors import FieldAppError
from forms.monitoring.register_fields import REGISTER_FIELDS


class RegisterRefused(FieldAppError):
    """A register edit that the rules do not allow."""

    zh = "名册这一步登记不了，名册没有动。看看是不是选错了人或变动。"


class NoSuchPerson(RegisterRefused):
    """No row of this household has this person_uid."""

    zh = "这一户的名册里没有这个人，名册没有动。换一户或重新选人。"


class NotNow(RegisterRefused):
    """The person or household is in a state in which this cannot happen."""

    zh = "{name}（{state}）不能登记“{event}”，名册没有动。登记错了的用“更正”。"


class FactMissing(RegisterRefused):
    """A fact that the event needs is not given."""

    zh = "登记“{event}”还缺：{missing}。补上再登记，名册没有动。"

    def __init__(self, code: str, fields: Sequence[str], event: str) -> None:
        words = "、".join(REGISTER_FIELDS[name].zh if name in REGISTER_FIELDS else name for name in fields)
        super().__init__(f"{code} needs {' '.join(fields)}", event=event, missing=words)


class DayWrong(RegisterRefused):
    """A day that cannot be."""

    zh = "“{what}”的日期不对：{why}。改好再登记，名册没有动。"


class RelationsWrong(RegisterRefused):
    """The relations to the head do not hold together (E-B01, B103, B104)."""

    zh = "与户主的关系对不上：{why}。改好关系再登记，名册没有动。"


class SplitWrong(RegisterRefused):
    """A split, merge or move that cannot be."""

    zh = "分户、并户、搬家登记不了：{why}。名册没有动。"
