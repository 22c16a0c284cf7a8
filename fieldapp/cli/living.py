"""``fieldapp register …``: the register of households as the screen 名册变动 shows and changes it."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

from fieldapp.cli.living_numbers import NoSuchNumber, household_root
from fieldapp.cli.living_tasks import add_commands, add_twin_commands
from fieldapp.cli.signing_in import add_sign_in_options, sign_in
from fieldapp.words import _, say

if TYPE_CHECKING:
    from fieldapp.services.register_views import Happening, PersonLine, Register
    from fieldapp.services.session import Session

_HOUSEHOLD = "户编码、四位户号或短码 / hh_id, its last four digits or the short code"
_RELATION = "成员号=关系代码，每人一个 / member number=code of relation, one for each"
_ON = "哪年哪月，如 2026-08 / month or day it happened"


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command group."""
    group = commands.add_parser(
        "register", help="名册：谁来谁走、换户主、分户并户 / the living households", description="名册 / register"
    )
    deeds = group.add_subparsers(dest="deed", metavar="动作 ACTION", required=True)
    show = _deed(deeds, "show", "一户的名册和要人定的事 / one household", _show)
    show.add_argument("--history", action="store_true", help="连同来龙去脉 / with its history")
    show.add_argument("--no", default="", help="只看这个成员的来龙去脉 / history of one member")
    wrong = deeds.add_parser("problems", help="名册里要人定的事 / what waits for a person")
    wrong.add_argument("--village", default="", help="12 位村代码 / village")
    add_sign_in_options(wrong)
    wrong.set_defaults(run=_problems)
    join = _deed(deeds, "join", "有人来了，或回来了 / somebody comes or comes back", _join, writes=True)
    join.add_argument("--how", required=True, help="01 出生 02 婚入 03 收养 04 迁入回乡 05 退役刑满 / member_change")
    join.add_argument("--no", default="", help="回来的人原来的成员号 / number of somebody who had left")
    for name, words in (("name", "姓名 / name"), ("sex", "1 男 2 女 / sex"), ("birth", "出生日期 / birth"),
                        ("relation", "与户主的关系代码 / relation"), ("from", "从哪里来 / where from"), ("id", "身份证号 / identity number")):  # fmt: skip
        join.add_argument(f"--{name}", dest=f"join_{name}", default="", help=words)
    leave = _deed(deeds, "leave", "有人离开或去世 / somebody goes or dies", _leave, writes=True)
    leave.add_argument("--no", required=True, help="成员号 / member number")
    leave.add_argument("--why", required=True, help="11 因病 12 意外 13 其他 21 婚出 … 27 失联 / member_change")
    leave.add_argument("--to", default="", help="去了哪里 / where to")
    _head_options(leave, required=False)
    _head_options(_deed(deeds, "head", "换户主，逐人改关系 / another head", _head, writes=True), required=True)
    correct = _deed(deeds, "correct", "更正登记错误 / correct what was wrong", _correct, writes=True)
    correct.add_argument("--no", required=True, help="成员号 / member number")
    for name in ("name", "sex", "birth", "relation", "id"):
        correct.add_argument(f"--{name}", dest=f"join_{name}", default="", help=name)
    correct.add_argument("--person", default="", help="两人同号时写姓名 / name, where two have one number")
    correct.add_argument("--number", default="", help="改成的成员号 / another member number")
    correct.add_argument("--still-here", action="store_true", help="离户是登记错的 / the departure was wrong")
    facts = _deed(deeds, "facts", "电话、住址、组、户类型 / facts of the household", _facts, writes=True)
    for name in ("phone", "address", "group", "type"):
        facts.add_argument(f"--{name}", default=None, help=name)
    split = _deed(deeds, "split", "分户 / the household divides", _split, writes=True)
    split.add_argument("--go", action="append", required=True, help="分出去的成员号，可写几个 / who goes")
    split.add_argument("--village", default="", help="新户所在村，默认同村 / village of the new household")
    split.add_argument("--address", default="", help="新户住址 / its address")
    split.add_argument("--tracked", action="store_true", help="作分户跟踪户（县里定） / followed in the sample")
    _head_options(split, required=True)
    merge = _deed(deeds, "merge", "并户 / two households become one", _merge, writes=True)
    merge.add_argument("other", help=_HOUSEHOLD)
    merge.add_argument("--relation", action="append", default=[], help=_RELATION)
    over = _deed(deeds, "over", "转到另一户 / a member goes over to another household", _over, writes=True)
    over.add_argument("other", help=_HOUSEHOLD)
    over.add_argument("--no", required=True, help="成员号 / member number")
    over.add_argument("--how", required=True, help="02 婚入 03 收养 04 迁入 / member_change")
    over.add_argument("--to-relation", required=True, help="与那一户户主的关系 / relation there")
    move = _deed(deeds, "move", "整户迁移 / the whole household moves", _move, writes=True)
    move.add_argument("--village", default="", help="本县的村代码 / village of the county")
    move.add_argument("--place", default="", help="县外的地名 / place outside")
    _deed(deeds, "back", "整户迁回 / it is back", _back, writes=True)
    same = _deed(deeds, "same", "登记重了，是同一人 / two rows are one person", _same, writes=True)
    same.add_argument("--no", action="append", required=True, help="成员号，两个 / member numbers")
    add_commands(deeds)
    add_twin_commands(deeds)


def _deed(
    deeds: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    words: str,
    run: Callable[[argparse.Namespace], int],
    *,
    writes: bool = False,
) -> argparse.ArgumentParser:
    made = deeds.add_parser(name, help=words, description=words)
    made.add_argument("household", help=_HOUSEHOLD)
    if writes:
        made.add_argument("--on", default="", help=_ON)
        made.add_argument("--note", default="", help="需核实时的说明 / a word where something is unusual")
    add_sign_in_options(made)
    made.set_defaults(run=run)
    return made


def _head_options(parser: argparse.ArgumentParser, *, required: bool) -> None:
    parser.add_argument("--head", required=required, default="", help="新户主的成员号 / number of the new head")
    parser.add_argument("--relation", action="append", default=[], help=_RELATION)


# --- finding ----------------------------------------------------------------------------------------------------------


def _open(session: Session, number: str) -> Register:
    from fieldapp.services.registering import open_register

    return open_register(session, household_root(session, number))


def _line(seen: Register, number: str, name: str = "") -> PersonLine:
    found = next((line for line in seen.people if line.mem_no == number and name in ("", line.name)), None)
    if found is None:
        raise NoSuchNumber("no such member", number=number)
    return found


def _relations(seen: Register, options: argparse.Namespace) -> dict[str, str]:
    known = {}
    for pair in options.relation:
        number, _equals, code = pair.partition("=")
        known[_line(seen, number).person_uid] = code
    if getattr(options, "head", ""):
        known[_line(seen, options.head).person_uid] = "02"
    return known


def _known(options: argparse.Namespace) -> dict[str, str]:
    names = {"name": "mem_name", "sex": "mem_sex", "birth": "mem_birth", "relation": "mem_relation", "id": "mem_idno"}
    facts = {
        field: str(getattr(options, f"join_{name}"))
        for name, field in names.items()
        if getattr(options, f"join_{name}")
    }
    return {**facts, **({"mem_id_type": "1"} if "mem_idno" in facts else {})}


# --- showing ----------------------------------------------------------------------------------------------------------


def _tell(*registers: Register) -> int:
    for seen in registers:
        print(f"{seen.hh_id}  {seen.head_name}  {seen.place}  {seen.state_label}")
        for line in seen.people:
            parts = (line.mem_no, line.name, line.relation_label, line.state, line.since, line.where)
            print("  " + "  ".join(part for part in (*parts, _("冲突") if line.conflict else "") if part))
        for problem in seen.problems:
            print("  " + _("要人定：{what}").format(what=say(problem.words)))
    return 0


def _tell_history(lines: tuple[Happening, ...]) -> None:
    for line in lines:
        parts = (line.at.astimezone().strftime("%Y-%m-%d %H:%M"), line.who, line.source, line.words, line.note)
        print("  ".join(part for part in parts if part))


def _show(options: argparse.Namespace) -> int:
    from fieldapp.services.register_history import household_history, person_history

    with sign_in(options) as session:
        seen = _open(session, options.household)
        if options.no:
            _tell_history(person_history(session, _line(seen, options.no).person_uid))
            return 0
        _tell(seen)
        if options.history:
            _tell_history(household_history(session, seen.household))
    return 0


def _problems(options: argparse.Namespace) -> int:
    from fieldapp.services.registering import register_problems

    with sign_in(options) as session:
        for problem in register_problems(session, options.village):
            print(say(problem.words))
    return 0


# --- changing ---------------------------------------------------------------------------------------------------------


def _join(options: argparse.Namespace) -> int:
    from fieldapp.services.registering import Joined, record

    with sign_in(options) as session:
        seen = _open(session, options.household)
        uid = _line(seen, options.no).person_uid if options.no else ""
        deed = Joined(options.how, options.on, _known(options), uid=uid, origin=options.join_from)
        return _tell(record(session, seen, deed, note=options.note))


def _leave(options: argparse.Namespace) -> int:
    from fieldapp.services.registering import HeadChanged, Left, record

    with sign_in(options) as session:
        seen = _open(session, options.household)
        gone = Left(_line(seen, options.no).person_uid, options.why, options.on, options.to)
        follow = [HeadChanged(_relations(seen, options), options.on)] if options.head else []
        return _tell(record(session, seen, gone, *follow, note=options.note))


def _head(options: argparse.Namespace) -> int:
    from fieldapp.services.registering import HeadChanged, record

    with sign_in(options) as session:
        seen = _open(session, options.household)
        return _tell(record(session, seen, HeadChanged(_relations(seen, options), options.on), note=options.note))


def _correct(options: argparse.Namespace) -> int:
    from fieldapp.services.registering import Corrected, record

    with sign_in(options) as session:
        seen = _open(session, options.household)
        facts = {**_known(options), **({"mem_left": "0"} if options.still_here else {})}
        facts |= {"mem_no": options.number} if options.number else {}
        uid = _line(seen, options.no, options.person).person_uid
        return _tell(record(session, seen, Corrected(uid, facts), note=options.note))


def _facts(options: argparse.Namespace) -> int:
    from fieldapp.services.registering import change_facts

    names = {"phone": "hh_phone", "address": "hh_address", "group": "cov_group", "type": "hh_type_now"}
    with sign_in(options) as session:
        seen = _open(session, options.household)
        given = {
            field: str(getattr(options, name)) for name, field in names.items() if getattr(options, name) is not None
        }
        return _tell(change_facts(session, seen, given, options.note))


def _split(options: argparse.Namespace) -> int:
    from fieldapp.services.registering import split

    with sign_in(options) as session:
        seen = _open(session, options.household)
        group = [_line(seen, number).person_uid for number in options.go]
        return _tell(
            *split(
                session, seen, group, relations=_relations(seen, options), on=options.on, village=options.village,
                address=options.address, tracked=options.tracked, note=options.note,
            )
        )  # fmt: skip


def _merge(options: argparse.Namespace) -> int:
    from fieldapp.services.registering import merge
    from forms.monitoring.living_moves import first_in_sample

    with sign_in(options) as session:
        one, other = _open(session, options.household), _open(session, options.other)
        comes = one if first_in_sample(one.living, other.living)[1] is one.living else other
        return _tell(
            *merge(session, one, other, relations=_relations(comes, options), on=options.on, note=options.note)
        )


def _over(options: argparse.Namespace) -> int:
    from fieldapp.services.registering import go_over

    with sign_in(options) as session:
        here, there = _open(session, options.household), _open(session, options.other)
        uid = _line(here, options.no).person_uid
        return _tell(
            *go_over(
                session, here, there, uid, code=options.how, relation=options.to_relation, on=options.on,
                note=options.note,
            )
        )  # fmt: skip


def _move(options: argparse.Namespace) -> int:
    from fieldapp.services.registering import move_away

    with sign_in(options) as session:
        seen = _open(session, options.household)
        return _tell(
            move_away(session, seen, on=options.on, village=options.village, place=options.place, note=options.note)
        )


def _back(options: argparse.Namespace) -> int:
    from fieldapp.services.registering import move_back

    with sign_in(options) as session:
        return _tell(move_back(session, _open(session, options.household), on=options.on, note=options.note))


def _same(options: argparse.Namespace) -> int:
    from fieldapp.services.registering import same_person

    with sign_in(options) as session:
        seen = _open(session, options.household)
        uids = [_line(seen, number).person_uid for number in options.no]
        return _tell(same_person(session, seen, uids, options.note or _("登记重了")))
