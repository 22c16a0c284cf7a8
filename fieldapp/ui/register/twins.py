"""What is asked where two households share a number or are one household registered twice, or a merge was wrong. No Qt here."""

from __future__ import annotations

from collections.abc import Mapping

from fieldapp.services import doubles
from fieldapp.services.register_views import Register
from fieldapp.services.registering import TWIN_KINDS
from fieldapp.services.session import Session
from fieldapp.ui.register.questions import NOTE, Field, Stage, Talk
from fieldapp.words import _
from forms.monitoring import living
from forms.monitoring.living_errors import SplitWrong
from sync.scope import Role

_SAME, _NUMBER = "1", "2"


def can_be_put_right(register: Register, role: Role) -> bool:
    """Whether there is anything of this kind at a household that this post decides."""
    twins = any(problem.kind in TWIN_KINDS for problem in register.problems)
    return register.may_divide and (twins or register.state in (living.MERGED, living.TWICE)) and role is not Role.ENUM


class Twins(Talk):
    """One household, another number, or taken apart again."""

    title = "重户、撞号"

    def next(self, answers: Mapping[str, str]) -> Stage | None:
        words = "；".join(problem.words for problem in self.register.problems if problem.kind in TWIN_KINDS)
        if self.register.state in (living.MERGED, living.TWICE):
            fields: tuple[Field, ...] = (Field(NOTE, _("撤销并户的理由")),)
        else:
            ways = ((_SAME, _("两户是同一户")), (_NUMBER, _("两户不同，给这户改号（县里）")))
            fields = (Field("way", _("怎么办"), ways), self.note_field())
        return None if all(field.name in answers for field in fields) else Stage(_(self.title), fields, words)

    def do(self, session: Session, answers: Mapping[str, str]) -> Register:
        note = answers[NOTE]
        if "way" not in answers:
            return doubles.separate(session, self.register, note)[1]
        if answers["way"] == _NUMBER:
            return doubles.renumber(session, self.register, note)
        twin = doubles.twin_of(session, self.register)
        if twin is None:
            raise SplitWrong("no twin", why="另一户不在本机，先交接一次")
        return doubles.same_household(session, self.register, twin, note)[0]
