"""Opening a county: its register from the tables it has, first looked at, then taken in as signed changes.

``look`` shows what each column was taken for, ``plan_register`` says what would be new, the same, different, doubtful or refused, and
``apply_register`` does it in batches. Nothing that stands is overwritten unless a person said so for this kind of difference or for
this household: a write names the heads that the plan showed, so what somebody changes meanwhile becomes an ordinary conflict.
An import that was cut off is simply run again: what is there is found there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from threading import Event
from typing import Final

from sqlmodel import Session as SqlSession
from sqlmodel import col, select

from fieldapp.errors import Cancelled
from fieldapp.services.opening_differences import CONFLICT, KEPT, Difference, ListedHousehold, compare, read_household
from fieldapp.services.opening_lists import read_region_table, read_tables
from fieldapp.services.session import Session
from fieldapp.services.table_files import TableRefused, digest_of, open_tables
from fieldapp.store import activity
from fieldapp.store.ordering import key_between
from fieldapp.store.tables import DocState, HouseholdRow
from forms.errors import FieldAppError
from forms.monitoring.living import TWICE
from forms.monitoring.opening import Column, Level, Problems, ReadTable, read_heads
from forms.monitoring.opening_fields import REGISTER_HEADS
from forms.monitoring.opening_register import SAME_HEAD, Entry, Register, RegisterReader
from forms.phrases import Phrase
from sync.change import Content, Kind, NewRow, RootType, Write
from sync.ids import row_id
from sync.records import RootView
from sync.scope import Role, register_feed
from sync.snapshot import unpack_state

Tell = Callable[[str, int, int], None]  # phase ("read", "compare", "write"), done, of how many (0 unknown)
BATCH: Final = 250  # households of one transaction
SAMPLES: Final = 8
_EVERY: Final = 200
_FIRST_LINES: Final = 3


class PlanStale(FieldAppError):
    """Households came or went since the tables were compared with the register."""

    zh = "看过之后名册又变了（别处交接来的，或已经导过一次），没有导入，资料没有动。请再看一遍再导。"


@dataclass(frozen=True, slots=True)
class LookedSheet:
    """A sheet as it was understood.

    Attributes:
        columns: what each is taken for; () when no heads were found.
        samples: the first data lines, cells by column.
    """

    title: str
    hidden: bool
    columns: tuple[Column, ...]
    samples: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A household of the tables in a list, without numbers of persons."""

    where: tuple[str, int]
    code: str
    head_name: str
    village: str
    members: int
    words: str = ""


@dataclass(frozen=True)
class RegisterPlan:
    """What an import would do.

    Attributes:
        source: digest of the files; stands in every change that comes of it.
        new: households that are not here yet. doubtful: they wait for a person's word.
        same: here already with nothing to change. refused: something of the whole household is wrong.
        differences: where table and register say different things.
        absent: households of the same villages that no table names; they stay as they are.
        here: households of the register when it was looked at.
        stopped: a table could not be read as a whole; nothing can be applied.
        settled: differences of which somebody said before that what stands is right; they are not asked again.
    """

    source: str
    households: int
    members: int
    new: tuple[Entry, ...] = field(repr=False)
    doubtful: tuple[Entry, ...] = field(repr=False)
    same: int
    refused: int
    differences: tuple[Difference, ...] = field(repr=False)
    absent: int
    here: int
    problems: Problems = field(repr=False)
    village_names: Mapping[str, str] = field(repr=False)
    settled: int = 0

    @property
    def stopped(self) -> bool:
        return self.problems.number(Level.FILE) > 0

    @property
    def different(self) -> int:
        """Households with a difference."""
        return len({one.root for one in self.differences})

    def kinds(self) -> dict[tuple[str, bool], int]:
        """Differences that can be taken over, by field and whether a person has changed it since."""
        return dict(Counter((one.field, one.by_person) for one in self.differences if one.can_take))

    def lines(self, entries: Sequence[Entry], most: int = SAMPLES) -> tuple[Line, ...]:
        """The first of some entries, to be shown."""
        return tuple(
            Line(
                one.where,
                one.hh_id or one.code,
                one.values.get("hh_head_name", ""),
                self.village_names.get(one.village, one.village),
                len(one.members),
                " ".join(one.doubts),
            )
            for one in entries[:most]
        )


@dataclass(frozen=True, slots=True)
class Choices:
    """A person's word on an import; nothing said leaves everything as it is.

    Attributes:
        kinds: (field, changed by a person) whose differences are taken from the table.
        households: root → True takes the table's word for all of it, False keeps all of it; goes before ``kinds``.
        keep_rest: what is not taken is right as it stands: remembered for every such cell and not asked again.
        doubtful: places (sheet, row) of doubtful households to take in; None takes in all of them.
    """

    kinds: frozenset[tuple[str, bool]] = frozenset()
    households: Mapping[str, bool] = field(default_factory=dict)
    doubtful: frozenset[tuple[str, int]] | None = frozenset()
    keep_rest: bool = False

    def keeps(self, one: Difference) -> bool:
        """Whether a person said that what stands is right; it is not asked again while both say the same."""
        return (
            not self.takes(one) and one.field != CONFLICT and (self.keep_rest or self.households.get(one.root) is False)
        )

    def takes(self, one: Difference) -> bool:
        """Whether this difference is decided for the table."""
        return one.can_take and self.households.get(one.root, (one.field, one.by_person) in self.kinds)


@dataclass(frozen=True, slots=True)
class Applied:
    """What an import did."""

    new: int
    members: int
    changed: int
    cells: int
    left: int  # differences that stay as they are
    settled: int = 0  # of these, remembered as right


def look(
    session: Session,
    paths: Sequence[Path],
    told: Mapping[str, str] | None = None,
    known: Mapping[str, str] = REGISTER_HEADS,
) -> tuple[LookedSheet, ...]:
    """The sheets of the files with their columns as they would be read.

    Args:
        told: head or column letters → field ("" for not read), over what is guessed.
        known: heads of the kind of table, as in ``opening_lists.LIST_HEADS``; by default those of a register.
    Raises:
        TableRefused: a file that is no table.
    """
    session.require("导入名册", Role.CADM)
    found = []
    for sheet in (sheet for path in paths for sheet in open_tables(path)):
        table = read_heads(sheet.title, sheet.rows(), known, told or {}, Problems())
        samples: list[tuple[str, ...]] = []
        for row in table.rows if table is not None else ():
            samples.append(row.cells)
            if len(samples) == _FIRST_LINES:
                break
        columns = table.columns if table is not None else ()
        found.append(LookedSheet(sheet.title, sheet.hidden, columns, tuple(samples)))
    return tuple(found)


def plan_register(
    session: Session,
    paths: Sequence[Path],
    told: Mapping[str, str] | None = None,
    *,
    tell: Tell | None = None,
    cancel: Event | None = None,
    ask_again: bool = False,
) -> RegisterPlan:
    """Reads the tables and compares them with the register here; writes nothing.

    Args:
        ask_again: also what somebody kept before (``Choices.keep_rest``).
    Raises:
        NotAllowed: another role. TableRefused: a file that is no table. Cancelled.
    """
    session.require("导入名册", Role.CADM)
    problems = Problems()
    with session.database.reading() as reading:
        regions = read_region_table(reading)
    reader = RegisterReader(regions, problems)
    step = _Steps(tell, cancel)
    for table in read_tables(paths, REGISTER_HEADS, told or {}, problems):
        counted = (row for row in table.rows if step.forward("read"))
        reader.read(ReadTable(table.title, table.columns, counted))
    register = reader.register()
    if not register.entries and not problems.number(Level.FILE):
        problems.add(Level.FILE, "nothing", ("", 0), "", "表里一户也没有", "核对选的是不是名册，表头下面有没有户")
    if not regions.by_code:
        problems.add(Level.FILE, "no_regions", ("", 0), "", "还没有区划表，认不出村", "先导入区划表（县、乡镇、村）")
    source = blake2b("".join(digest_of(path) for path in paths).encode(), digest_size=8).hexdigest()
    names = {one.code: one.name for one in regions.by_code.values()}
    return _compared(session, register, problems, source, names, step, ask_again)


class _Steps:
    """Tells how far a long work is and stops it when asked."""

    def __init__(self, tell: Tell | None, cancel: Event | None) -> None:
        self._tell, self._cancel = tell, cancel
        self._phase, self._done, self._total = "", 0, 0

    def begin(self, phase: str, total: int) -> None:
        self._phase, self._done, self._total = phase, 0, total
        self.say()

    def forward(self, phase: str = "", count: int = 1) -> bool:
        """Counts; always True, so that it can stand in a comprehension."""
        if phase and phase != self._phase:
            self.begin(phase, 0)
        before = self._done // _EVERY
        self._done += count
        if self._done // _EVERY != before:
            self.say()
        return True

    def say(self) -> None:
        if self._cancel is not None and self._cancel.is_set():
            raise Cancelled("import stopped")
        if self._tell is not None:
            self._tell(self._phase, self._done, self._total)


def _compared(
    session: Session,
    register: Register,
    problems: Problems,
    source: str,
    names: Mapping[str, str],
    step: _Steps,
    ask_again: bool,
) -> RegisterPlan:
    kept = [one for one in register.entries if not one.refused]
    by_hh_id = {one.hh_id: one for one in kept if one.hh_id}
    by_frame = {one.values["frame_hh_code"]: one for one in kept if "frame_hh_code" in one.values}
    by_head = {one.head_idno: one for one in kept if one.head_idno and not one.hh_id}
    of_head = {one.head_idno: one for one in kept if one.head_idno and one.hh_id}
    villages = frozenset(one.village for one in kept)
    here: dict[int, ListedHousehold] = {}
    same = absent = settled = 0
    differences: list[Difference] = []
    with session.database.reading() as reading:
        total = len(reading.exec(select(HouseholdRow.root)).all())
        step.begin("compare", total)
        for household in _households(reading):
            step.forward()
            if household.state == TWICE:
                continue  # its other root is compared
            entry = (
                by_hh_id.get(household.hh_id)
                or by_frame.get(household.frame_code or "-")
                or by_head.get(household.head_idno or "-")
            )
            if entry is None or id(entry) in here:
                twin = of_head.get(household.head_idno)
                if twin is not None and SAME_HEAD not in twin.doubts and id(twin) not in here:
                    twin.doubts = (*twin.doubts, SAME_HEAD)
                    zh = Phrase(
                        "户主证件号码（尾号 {tail}）是库里 {hh_id} 那户的户主；这户先放着，等您定",
                        tail=household.head_idno[-4:],
                        hh_id=household.hh_id,
                    )
                    problems.add(Level.WARN, SAME_HEAD, twin.where, "", zh, "核对是不是同一户换了户编码")
                absent += household.village in villages
                continue
            here[id(entry)] = household
            told = compare(session, reading, household, entry, register.fields, names)
            found = [one for one in told if ask_again or one.kept not in household.kept]
            settled += len(told) - len(found)
            differences += found
            same += not found
    new = tuple(one for one in kept if id(one) not in here and not one.doubts)
    return RegisterPlan(
        source=source,
        households=len(kept),
        members=register.members,
        new=new,
        doubtful=tuple(one for one in kept if id(one) not in here and one.doubts),
        same=same,
        refused=len(register.entries) - len(kept),
        differences=tuple(differences),
        absent=absent,
        here=total,
        problems=problems,
        village_names=names,
        settled=settled,
    )


def _households(reading: SqlSession) -> Iterator[ListedHousehold]:
    """Every household here, one state in memory at a time."""
    query = select(DocState.body).where(col(DocState.type) == RootType.HOUSEHOLD)
    for body in reading.exec(query.execution_options(yield_per=_EVERY)):
        yield read_household(unpack_state(body))


def apply_register(
    session: Session,
    plan: RegisterPlan,
    choices: Choices | None = None,
    *,
    tell: Tell | None = None,
    cancel: Event | None = None,
) -> Applied:
    """Takes in what is new, and of the differences what a person decided for the table.

    Each batch is whole or not there at all; after a cut run plan and apply again.

    Raises:
        NotAllowed, TableRefused (a table could not be read as a whole), Cancelled (what is in stays in).
        PlanStale: households came or went since; nothing is written.
    """
    session.require("导入名册", Role.CADM)
    said = choices or Choices()
    if plan.stopped:
        first = next(one for one in plan.problems.found if one.level is Level.FILE)
        raise TableRefused("plan stopped", name=first.sheet, why=first.zh)
    with session.database.reading() as reading:
        if len(reading.exec(select(HouseholdRow.root)).all()) != plan.here:
            raise PlanStale("the register has other households")
    accepted = [one for one in plan.doubtful if said.doubtful is None or one.where in said.doubtful]
    entries = [*plan.new, *accepted]
    taken = [one for one in plan.differences if said.takes(one)]
    step = _Steps(tell, cancel)
    step.begin("write", len(entries) + len({one.root for one in taken}))
    numbers = _Numbers(session)
    for start in range(0, len(entries), BATCH):
        batch = entries[start : start + BATCH]
        with session.database.transaction() as writing:
            made = [_new_household(session, one, numbers, plan) for one in batch]
            session.changes.write_households(writing, made)
        step.forward(count=len(batch))
        step.say()
    by_root: dict[str, list[Difference]] = {}
    for one in taken:
        by_root.setdefault(one.root, []).append(one)
    changed = list(by_root.items())
    for start in range(0, len(changed), BATCH):
        with session.database.transaction() as writing:
            for root, given in changed[start : start + BATCH]:
                _write_differences(session, writing, root, given, plan.source)
        step.forward(count=len(changed[start : start + BATCH]))
        step.say()
    kept = [one for one in plan.differences if said.keeps(one)]
    _remember(session, kept)
    members = sum(len(one.members) for one in entries)
    with session.database.transaction() as writing:
        detail = f"{plan.source} new={len(entries)} changed={len(changed)}"
        activity.note(writing, session.now(), session.account, "import-register", detail=detail)
    return Applied(len(entries), members, len(changed), len(taken), len(plan.differences) - len(taken), len(kept))


def _remember(session: Session, kept: Sequence[Difference]) -> None:
    """Notes at each household what a person kept against the table, so that no office is asked the same again."""
    by_root: dict[str, list[Difference]] = {}
    for one in kept:
        by_root.setdefault(one.root, []).append(one)
    listed = list(by_root.items())
    for start in range(0, len(listed), BATCH):
        with session.database.transaction() as writing:
            for root, differences in listed[start : start + BATCH]:
                said = [[list(row), name, table, here] for row, name, table, here in (one.kept for one in differences)]
                session.changes.write(
                    writing, Content(Kind.NOTE, body={KEPT: said}), root=root, root_type=RootType.HOUSEHOLD,
                    feed=session.changes.feed_of_root(writing, root, RootType.HOUSEHOLD),
                )  # fmt: skip


class _Numbers:
    """The next free household number of each village."""

    def __init__(self, session: Session) -> None:
        self._next: Counter[str] = Counter()
        with session.database.reading() as reading:
            for now, before in reading.exec(select(HouseholdRow.hh_id, HouseholdRow.numbers_before)):
                for hh_id in (now, *before.split()):
                    self.taken(hh_id)

    def taken(self, hh_id: str) -> None:
        if len(hh_id) == 16 and hh_id.isdigit():
            self._next[hh_id[:12]] = max(self._next[hh_id[:12]], int(hh_id[12:]))

    def of(self, village: str) -> str:
        self._next[village] += 1
        return f"{village}{self._next[village]:04d}"


def _new_household(
    session: Session, entry: Entry, numbers: _Numbers, plan: RegisterPlan
) -> tuple[Content, str, str, bytes]:
    if entry.hh_id:
        numbers.taken(entry.hh_id)
    hh_id = entry.hh_id or numbers.of(entry.village)
    fields = {
        "hh_id": hh_id,
        "cov_village_code": entry.village,
        "cov_village_name": plan.village_names.get(entry.village, ""),
        "cov_hh_no": hh_id[-4:],
        "hh_state": "1",
        **entry.values,
    }
    writes = [Write((), name, value) for name, value in fields.items() if value]
    on_register = fields.get("hh_type_now", "") in ("1", "2", "3", "4")
    save_id = session.changes.new_save_id()
    rows, order = [], ""
    for k, member in enumerate(entry.members):
        uid = row_id(save_id, k)
        order = key_between(order, "")
        rows.append(NewRow("member", (uid,), order))
        writes += [Write((uid,), name, value) for name, value in member.items()]
        if on_register and "mem_on_register" not in member:
            writes.append(Write((uid,), "mem_on_register", "1"))
    content = Content(Kind.EDIT, tuple(writes), tuple(rows), body={"import": plan.source})
    return content, session.changes.new_root(), register_feed(entry.village), save_id


def _write_differences(
    session: Session, writing: SqlSession, root: str, given: Sequence[Difference], source: str
) -> None:
    save_id = session.changes.new_save_id()
    shown = session.changes.view(writing, root)
    order = max((row.order for row in shown.roster("member")), default="")
    writes: list[Write] = []
    rows: list[NewRow] = []
    for one in given:
        if one.member is not None:
            uid = row_id(save_id, len(rows))
            order = key_between(order, "")
            rows.append(NewRow("member", (uid,), order))
            number = {"mem_no": _free_number(shown, writes)}
            writes += [Write((uid,), name, value) for name, value in {**one.member, **number}.items()]
        else:
            writes.append(Write(one.row, one.field, one.table, one.prev))
    session.changes.write(
        writing,
        Content(Kind.EDIT, tuple(writes), tuple(rows), body={"import": source}),
        root=root,
        root_type=RootType.HOUSEHOLD,
        feed=session.changes.feed_of_root(writing, root, RootType.HOUSEHOLD),
        save_id=save_id,
    )


def _free_number(shown: RootView, writes: Sequence[Write]) -> str:
    """A member number that nobody in the household has or ever had (annual.md 0.6)."""
    used = {str(cell.value) for (_, name), cell in shown.cells.items() if name == "mem_no"}
    used |= {str(one.value) for one in writes if one.field == "mem_no"}
    return next((f"{n:02d}" for n in range(1, 100) if f"{n:02d}" not in used), "99")
