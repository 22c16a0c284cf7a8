"""What is asked for each change of the register, stage by stage, and the service call that follows. No Qt here."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from fieldapp.services import registering
from fieldapp.services.codes import code_label
from fieldapp.services.register_views import PersonLine, Register
from fieldapp.services.registering import Corrected, HeadChanged, Joined, Left
from fieldapp.services.session import Session
from fieldapp.words import _
from forms.monitoring import living, living_moves
from forms.monitoring.living_problems import ProblemKind
from forms.monitoring.living_relations import HEAD, fitting

Choices = tuple[tuple[str, str], ...]
NOTE = "note"


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to be typed: free text, or one of the choices by its code."""

    name: str
    label: str
    choices: Choices = ()
    value: str = ""
    hint: str = ""
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Stage:
    """Fields that are asked together."""

    title: str
    fields: tuple[Field, ...]
    words: str = ""


class Talk(ABC):
    """One change being stated. Stages follow from what was answered; nothing is written before :meth:`do`."""

    title = ""

    def __init__(self, register: Register, month: str) -> None:
        self.register = register
        self.month = month
        self.other: Register | None = None

    @abstractmethod
    def next(self, answers: Mapping[str, str]) -> Stage | None:
        """The stage to be asked now; None when everything is there."""

    @abstractmethod
    def do(self, session: Session, answers: Mapping[str, str]) -> Register:
        """Writes it; belongs to the database thread."""

    def wanted(self, _answers: Mapping[str, str]) -> str:
        """The number of another household that has to be looked up before the next stage, "" none."""
        return ""

    def found(self, register: Register) -> None:
        """The household that was wanted."""
        self.other = register

    # --- parts of stages ------------------------------------------------------------------------------------------

    def month_field(self, label: str = "") -> Field:
        return Field("on", label or _("哪年哪月"), value=self.month, hint=_("如 2026-08；知道哪天写 2026-08-15"))

    def note_field(self) -> Field:
        return Field(NOTE, _("说明"), optional=True, hint=_("有需核实的要写一句"))


def _relation_choices(sex: str) -> Choices:
    return tuple((code, code_label("relation", code)) for code in fitting(sex))


def _events(codes: Sequence[str]) -> Choices:
    return tuple((code, code_label("member_change", code)) for code in codes)


def _people(lines: Sequence[PersonLine]) -> Choices:
    return tuple((line.mem_no, line.name) for line in lines)


def _by_number(lines: Sequence[PersonLine], number: str) -> PersonLine | None:
    return next((line for line in lines if line.mem_no == number), None)


def relation_fields(lines: Sequence[PersonLine]) -> tuple[Field, ...]:
    """One question for each person: nothing is proposed, everybody is asked."""
    return tuple(
        Field(f"rel_{line.person_uid}", _("{no} {name}（{sex}）").format(
            no=line.mem_no, name=line.name, sex=code_label("sex", line.sex)
        ), _relation_choices(line.sex))
        for line in lines
    )  # fmt: skip


def _relations(answers: Mapping[str, str]) -> dict[str, str]:
    return {name.removeprefix("rel_"): value for name, value in answers.items() if name.startswith("rel_")}


def _asked(answers: Mapping[str, str], stage: Stage) -> bool:
    return all(field.name in answers for field in stage.fields)


class Coming(Talk):
    """Somebody new."""

    title = "新来的人"

    def next(self, answers: Mapping[str, str]) -> Stage | None:
        first = Stage(
            _(self.title),
            (
                Field("code", _("怎么来的"), _events(living.JOINING)),
                Field("mem_name", _("姓名")),
                Field("mem_sex", _("性别"), (("1", code_label("sex", "1")), ("2", code_label("sex", "2")))),
                Field("mem_birth", _("出生日期"), hint=_("阳历，如 2026-08-03"), optional=True),
            ),
        )
        if not _asked(answers, first):
            return first
        born = answers["code"] == living.BORN
        rest = [Field("mem_relation", _("与户主的关系"), _relation_choices(answers["mem_sex"]))]
        if not born:
            rest += [self.month_field(), Field("origin", _("从哪里来"), optional=True)]
        rest += [Field("mem_idno", _("身份证号"), optional=True, hint=_("没有就空着")), self.note_field()]
        then = Stage(_(self.title), tuple(rest), answers["mem_name"])
        return None if _asked(answers, then) else then

    def do(self, session: Session, answers: Mapping[str, str]) -> Register:
        names = ("mem_name", "mem_sex", "mem_birth", "mem_relation", "mem_idno")
        facts = {name: answers[name] for name in names if answers.get(name)}
        if facts.get("mem_idno"):
            facts["mem_id_type"] = "1"
        deed = Joined(answers["code"], answers.get("on", ""), facts, origin=answers.get("origin", ""))
        return registering.record(session, self.register, deed, note=answers[NOTE])


class Going(Talk):
    """A member goes or dies; a head is followed by another one, and everybody's relation is asked."""

    title = "离开、去世"

    def __init__(self, register: Register, month: str, line: PersonLine) -> None:
        super().__init__(register, month)
        self.line = line
        self.others = tuple(one for one in register.members if one.person_uid != line.person_uid)

    def next(self, answers: Mapping[str, str]) -> Stage | None:
        first = Stage(
            _(self.title),
            (
                Field("code", _("怎么了"), _events([code for code in self.line.possible if code in living.LEAVING])),
                self.month_field(),
            ),
            self.line.name,
        )
        if not _asked(answers, first):
            return first
        fields: list[Field] = []
        if answers["code"] not in living.DEATHS:
            fields.append(Field("to", _("去了哪里"), optional=True))
        stage = Stage(_(self.title), (*fields, self.note_field()), self.line.name)
        if not _asked(answers, stage):
            return stage
        if self.line.relation != HEAD or not self.others:
            return None
        return _head_stages(self.others, answers)

    def do(self, session: Session, answers: Mapping[str, str]) -> Register:
        deeds: list[living.Deed] = [Left(self.line.person_uid, answers["code"], answers["on"], answers.get("to", ""))]
        if "head" in answers:
            deeds.append(HeadChanged(_all_relations(self.others, answers), answers["on"]))
        return registering.record(session, self.register, *deeds, note=answers[NOTE])


def _head_stages(lines: Sequence[PersonLine], answers: Mapping[str, str]) -> Stage | None:
    first = Stage(_("换户主"), (Field("head", _("新户主是"), _people(lines)),), _("户主不在了，先定新户主"))
    if not _asked(answers, first):
        return first
    rest = tuple(line for line in lines if line.mem_no != answers["head"])
    new = _by_number(lines, answers["head"])
    words = _("逐人改与新户主{name}的关系").format(name=new.name if new else "")
    then = Stage(_("换户主"), relation_fields(rest), words)
    return None if _asked(answers, then) else then


def _all_relations(lines: Sequence[PersonLine], answers: Mapping[str, str]) -> dict[str, str]:
    new = _by_number(lines, answers["head"])
    return {**_relations(answers), **({new.person_uid: HEAD} if new else {})}


class NewHead(Talk):
    """Another head while the old one stays."""

    title = "换户主"

    def next(self, answers: Mapping[str, str]) -> Stage | None:
        stage = _head_stages(self.register.members, answers)
        if stage is not None:
            return replace(stage, words=stage.words if "head" in answers else "")
        last = Stage(_(self.title), (self.month_field(), self.note_field()))
        return None if _asked(answers, last) else last

    def do(self, session: Session, answers: Mapping[str, str]) -> Register:
        deed = HeadChanged(_all_relations(self.register.members, answers), answers["on"])
        return registering.record(session, self.register, deed, note=answers[NOTE])


class Returning(Talk):
    """Somebody who had left is back under the old number."""

    title = "回来了"

    def __init__(self, register: Register, month: str, line: PersonLine) -> None:
        super().__init__(register, month)
        self.line = line

    def next(self, answers: Mapping[str, str]) -> Stage | None:
        stage = Stage(
            _(self.title),
            (
                Field("code", _("怎么来的"), _events([code for code in self.line.possible if code in living.JOINING])),
                self.month_field(),
                Field("mem_relation", _("与户主的关系"), _relation_choices(self.line.sex)),
                self.note_field(),
            ),
            _("{name}，恢复原来的 {no} 号").format(name=self.line.name, no=self.line.mem_no),
        )
        return None if _asked(answers, stage) else stage

    def do(self, session: Session, answers: Mapping[str, str]) -> Register:
        facts = {"mem_relation": answers["mem_relation"]}
        deed = Joined(answers["code"], answers["on"], facts, uid=self.line.person_uid)
        return registering.record(session, self.register, deed, note=answers[NOTE])


class Correction(Talk):
    """Something about a person was registered wrongly."""

    title = "更正"

    def __init__(self, register: Register, month: str, line: PersonLine) -> None:
        super().__init__(register, month)
        self.line = line
        self.person = living.known_person(register.living, line.person_uid)

    def next(self, answers: Mapping[str, str]) -> Stage | None:
        fields = [
            Field("mem_name", _("姓名"), value=self.line.name),
            Field("mem_sex", _("性别"), (("1", code_label("sex", "1")), ("2", code_label("sex", "2"))), self.line.sex),
            Field("mem_birth", _("出生日期"), value=self.person.fact("mem_birth"), optional=True),
            Field("mem_relation", _("与户主的关系"), _relation_choices(""), self.line.relation),
            Field("mem_idno", _("身份证号"), optional=True, hint=_("要改才填")),
        ]
        if not self.line.here:
            choices = (("1", _("确实离开了")), ("2", _("登记错了，人还在册")))
            fields.append(Field("back", _("离户"), choices, "1"))
        if self._number_twice():
            fields.append(
                Field("mem_no", _("成员号（两人同号，后登记的改号）"), value=living.next_number(self.register.living))
            )
        stage = Stage(_(self.title), (*fields, self.note_field()), self.line.name)
        return None if _asked(answers, stage) else stage

    def _number_twice(self) -> bool:
        problems = self.register.problems
        return any(one.kind is ProblemKind.SAME_NUMBER and self.line.person_uid in one.people for one in problems)

    def do(self, session: Session, answers: Mapping[str, str]) -> Register:
        names = ("mem_name", "mem_sex", "mem_birth", "mem_relation", *(("mem_no",) if "mem_no" in answers else ()))
        facts = {name: answers[name] for name in names if answers[name] != self.person.fact(name)}
        if answers["mem_idno"]:
            facts |= {"mem_idno": answers["mem_idno"], "mem_id_type": "1"}
        if answers.get("back") == "2":
            facts["mem_left"] = living.STILL_HERE
        return registering.record(session, self.register, Corrected(self.line.person_uid, facts), note=answers[NOTE])


class Splitting(Talk):
    """The household divides."""

    title = "分户"

    def __init__(self, register: Register, month: str, *, may_track: bool) -> None:
        super().__init__(register, month)
        self.may_track = may_track

    def next(self, answers: Mapping[str, str]) -> Stage | None:
        sides = (("1", _("留下")), ("2", _("分出去")))
        fields = tuple(
            Field(f"side_{line.person_uid}", f"{line.mem_no} {line.name}", sides) for line in self.register.members
        )
        first = Stage(_(self.title), fields, _("谁分出去；户主在的一方保留原户号"))
        if not _asked(answers, first):
            return first
        goes = self._goes(answers)
        who = Stage(_(self.title), (Field("head", _("新户的户主是"), _people(goes)),))
        if not _asked(answers, who):
            return who
        rest = tuple(line for line in goes if line.mem_no != answers["head"])
        relations = Stage(_(self.title), relation_fields(rest), _("逐人定与新户户主的关系"))
        if not _asked(answers, relations):
            return relations
        last = [self.month_field(_("分户的年月")), Field("address", _("新户住址"), optional=True)]
        if self.may_track:
            last.append(Field("tracked", _("作分户跟踪户"), (("1", _("是")), ("2", _("否")))))
        stage = Stage(_(self.title), (*last, self.note_field()))
        return None if _asked(answers, stage) else stage

    def _group(self, answers: Mapping[str, str]) -> list[str]:
        return [line.person_uid for line in self.register.members if answers[f"side_{line.person_uid}"] == "2"]

    def _goes(self, answers: Mapping[str, str]) -> tuple[PersonLine, ...]:
        _stays, goes = living_moves.sides(self.register.living, self._group(answers))
        return tuple(line for line in self.register.members if line.person_uid in goes)

    def do(self, session: Session, answers: Mapping[str, str]) -> Register:
        relations = _all_relations(self._goes(answers), answers)
        old, _new = registering.split(
            session, self.register, self._group(answers), relations=relations, on=answers["on"],
            address=answers["address"], tracked=answers.get("tracked") == "1", note=answers[NOTE],
        )  # fmt: skip
        return old


class _WithAnother(Talk):
    """A change that concerns another household too."""

    def wanted(self, answers: Mapping[str, str]) -> str:
        return answers.get("other", "") if self.other is None else ""

    def which(self) -> Field:
        return Field("other", _("另一户的户号"), hint=_("四位户号、户编码或短码"))


class Merging(_WithAnother):
    """Two households become one."""

    title = "并户"

    def next(self, answers: Mapping[str, str]) -> Stage | None:
        first = Stage(_(self.title), (self.which(),))
        if not _asked(answers, first) or self.other is None:
            return first
        stays, ends = living_moves.first_in_sample(self.register.living, self.other.living)
        comes = self.other if ends is self.other.living else self.register
        head = stays.fact("hh_head_name")
        words = _("保留先入样的{name}户；逐人定与户主{name}的关系").format(name=head)
        relations = Stage(_(self.title), relation_fields(comes.members), words)
        if not _asked(answers, relations):
            return relations
        last = Stage(_(self.title), (self.month_field(_("并户的年月")), self.note_field()))
        return None if _asked(answers, last) else last

    def do(self, session: Session, answers: Mapping[str, str]) -> Register:
        assert self.other is not None
        stays, _ends = registering.merge(
            session, self.register, self.other, relations=_relations(answers), on=answers["on"], note=answers[NOTE]
        )
        return stays


class GoingOver(_WithAnother):
    """A member goes over to another household under the same person_uid."""

    title = "转到另一户"

    def __init__(self, register: Register, month: str, line: PersonLine) -> None:
        super().__init__(register, month)
        self.line = line

    def next(self, answers: Mapping[str, str]) -> Stage | None:
        first = Stage(_(self.title), (self.which(),), self.line.name)
        if not _asked(answers, first) or self.other is None:
            return first
        codes = (living.MARRIED_IN, living.ADOPTED_IN, living.MOVED_IN)
        relation = _("与户主{name}的关系").format(name=self.other.head_name)
        fields = (
            Field("code", _("怎么过去的"), _events(codes)),
            Field("relation", relation, _relation_choices(self.line.sex)),
            self.month_field(),
            self.note_field(),
        )
        stage = Stage(
            _(self.title), fields, _("{name}转到{head}户").format(name=self.line.name, head=self.other.head_name)
        )
        return None if _asked(answers, stage) else stage

    def do(self, session: Session, answers: Mapping[str, str]) -> Register:
        assert self.other is not None
        here, _there = registering.go_over(
            session, self.register, self.other, self.line.person_uid, code=answers["code"],
            relation=answers["relation"], on=answers["on"], note=answers[NOTE],
        )  # fmt: skip
        return here


class Facts(Talk):
    """What is known of the household itself."""

    title = "电话、住址、户类型"

    def __init__(self, register: Register, month: str, names: Sequence[str]) -> None:
        super().__init__(register, month)
        self.names = names

    def next(self, answers: Mapping[str, str]) -> Stage | None:
        labels = {
            "hh_phone": _("电话"),
            "hh_address": _("住址"),
            "cov_group": _("村民小组"),
            "hh_type_now": _("户类型"),
        }
        types = tuple((code, code_label("hh_type", code)) for code in "12345")
        fields = tuple(
            Field(
                name,
                labels[name],
                types if name == "hh_type_now" else (),
                self.register.living.fact(name),
                optional=True,
            )
            for name in self.names
        )
        stage = Stage(_(self.title), (*fields, self.note_field()))
        return None if _asked(answers, stage) else stage

    def do(self, session: Session, answers: Mapping[str, str]) -> Register:
        facts = {name: answers[name] for name in self.names}
        return registering.change_facts(session, self.register, facts, note=answers[NOTE])


class Moving(Talk):
    """The whole household moves, or is back."""

    title = "整户迁移"

    def next(self, answers: Mapping[str, str]) -> Stage | None:
        if self.register.state == living.AWAY:
            stage = Stage(_("整户迁回"), (self.month_field(_("迁回的年月")), self.note_field()))
        else:
            hint = _("本县的写 12 位村代码，县外写地名")
            stage = Stage(_(self.title), (Field("to", _("迁到哪里"), hint=hint), self.month_field(), self.note_field()))
        return None if _asked(answers, stage) else stage

    def do(self, session: Session, answers: Mapping[str, str]) -> Register:
        if "to" not in answers:
            return registering.move_back(session, self.register, on=answers["on"], note=answers[NOTE])
        to = answers["to"]
        village = to if len(to) == 12 and to.isdigit() else ""
        return registering.move_away(
            session, self.register, on=answers["on"], village=village, place="" if village else to, note=answers[NOTE]
        )
