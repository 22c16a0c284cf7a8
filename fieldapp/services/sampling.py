"""A plausible county without a real person in it, for training, demonstrations and benchmarks.

Everything is written as real signed changes, and earlier waves are filled in by the real questionnaires through the real engine.
"""

from __future__ import annotations

import copy
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from sqlmodel import Session as SqlSession
from sqlmodel import select

from fieldapp.services import assigning, interviewing, parameters, periods, reviewing
from fieldapp.services.assigning import NewAssignment
from fieldapp.services.listing import current_period
from fieldapp.services.plausible import answer_plausibly
from fieldapp.services.sample_people import MadeUpPerson, household, phone_number
from fieldapp.services.session import CHINA, Founding, Laptop, Session, Village
from fieldapp.store.changes import ChangeStore
from fieldapp.store.keys import KeyCost
from fieldapp.store.ordering import key_between
from fieldapp.store.tables import FormPack, Staff, VillageRow
from forms.questionnaires import catalog, xform
from sync.change import Content, Kind, NewRow, RootType, Write
from sync.ids import content_id
from sync.project import UseMode
from sync.scope import COUNTY_FEED, DeviceCertificate, Role, UserCertificate, feeds_of_role, issue, register_feed

COUNTY = "529900"
COUNTY_NAME = "云岭县"
_TOWNSHIP = "青石镇"
_VILLAGES = ("双河村", "岩口村", "大水井村", "龙塘村", "松林村", "石门村", "岩湾村", "茶园村")
_GROUPS = ("一组", "二组", "三组", "四组", "五组")
_PLACES = ("大坪", "老屋场", "水井边", "塘坎上", "对门坡", "新房子", "桥头")
_PER_VILLAGE = 40  # of a small county; a large one has more households a village
_MOST_ASSIGNED = 32  # households of one enumerator
_BATCH = 200
_NO_LEASE_DAYS = 36_500  # there is no county to call home to
_PARAMETERS = {"monitor_line": "8800", "dibao_std": "5400"}
_STAFF = (
    ("office01", "县办公室", Role.CADM),
    ("tsup01", "刘志远", Role.TSUP),
    ("enum01", "王建国", Role.ENUM),
    ("enum02", "陈开富", Role.ENUM),
    ("vsec01", "杨秀兰", Role.VSEC),
)


@dataclass(frozen=True, slots=True)
class SampleReport:
    """What was made."""

    households: int
    members: int
    interviews: int
    villages: tuple[str, ...]
    accounts: tuple[tuple[str, str, str], ...]  # account, name, role


@dataclass(frozen=True, slots=True)
class _Made:
    root: str
    village: str
    people: tuple[MadeUpPerson, ...]


def sample_laptop(
    folder: Path,
    *,
    households: int,
    waves: int,
    seed: int,
    passphrase: str,
    now: datetime | None = None,
    key_cost: KeyCost | None = None,
    progress: Callable[[int, int], None] | None = None,
    use_mode: UseMode = UseMode.WORK,
) -> SampleReport:
    """A laptop of its own with a made-up county in it: one person of each role, all with the same passphrase."""
    at = now or datetime.now(UTC)
    laptop = Laptop(folder, clock=lambda: at, key_cost=key_cost)
    codes = _village_codes(households)
    laptop.found(_founding(at, codes, passphrase, use_mode))
    with laptop.unlock("office01", passphrase) as office:
        return fill_store(office, households=households, waves=waves, seed=seed, progress=progress)


def _village_codes(households: int) -> list[str]:
    count = min(len(_VILLAGES), max(1, -(-households // _PER_VILLAGE)))
    return [f"{COUNTY}101{200 + n:03d}" for n in range(count)]


def _founding(at: datetime, codes: Sequence[str], passphrase: str, use_mode: UseMode) -> Founding:
    county_key = Ed25519PrivateKey.generate()
    signing, sealing = Ed25519PrivateKey.generate(), X25519PrivateKey.generate()
    start, end = int((at - timedelta(days=900)).timestamp() * 1000), int((at + timedelta(days=900)).timestamp() * 1000)
    device = secrets.token_hex(16)
    people = []
    for account, name, role in _STAFF:
        feeds = feeds_of_role(role, codes, account)
        people.append(issue(UserCertificate(COUNTY, account, name, role, feeds, tuple(codes), start, end), county_key))
    certificate = DeviceCertificate(
        COUNTY, device, "office01", Role.CADM, (COUNTY_FEED, "v:*"), signing.public_key().public_bytes_raw(),
        sealing.public_key().public_bytes_raw(), start, start + _NO_LEASE_DAYS * 24 * 3600 * 1000, lease_days=_NO_LEASE_DAYS,
    )  # fmt: skip
    return Founding(
        county=COUNTY,
        county_name=COUNTY_NAME,
        county_signing_key=county_key.public_key().public_bytes_raw(),
        county_sealing_key=X25519PrivateKey.generate().public_key().public_bytes_raw(),
        device=device,
        device_name="练习机",
        device_certificate=issue(certificate, county_key),
        signing_key=signing,
        sealing_key=sealing,
        people=tuple(people),
        secrets={account: (passphrase, False) for account, _, _ in _STAFF},
        facts={"township_name": _TOWNSHIP},
        use_mode=use_mode,
    )


def fill_store(
    session: Session,
    *,
    households: int,
    waves: int,
    seed: int,
    fresh: int = 0,
    village_codes: Sequence[str] = (),
    enumerators: Sequence[str] = (),
    progress: Callable[[int, int], None] | None = None,
) -> SampleReport:
    """Writes a made-up county into an open store as real signed changes (county office only).

    Args:
        waves: earlier quarters, each answered, handed in and approved; with any, the year's baseline too.
        fresh: how many of the households are newly drawn: no earlier waves, this year's baseline still to be asked.
        village_codes: 12 digits each; by default made from the number of households.
        enumerators: accounts that get the households; by default all enumerators known here.
    """
    session.require("造练习数据", Role.CADM)
    chance = Random(seed)
    codes = list(village_codes) or _village_codes(households)
    tell = progress or (lambda _done, _total: None)
    with session.database.reading() as reading:
        period = current_period(session, reading)
    # Written in the order of time, since a laptop's clock values only grow.
    founded = _wave_day(periods.before(period, waves)[:4]) - timedelta(days=30) if waves else session.now()
    office = as_person(session, session.account, founded)
    staff = _publish(office, codes)
    workers = list(enumerators) or [account for account, _, role in staff if role == Role.ENUM]
    reviewers = [account for account, _, role in staff if role == Role.TSUP]
    made: list[_Made] = []
    for batch in _batches(households):
        with session.database.transaction() as writing:
            made += [_write_household(office, writing, chance, codes, n) for n in batch]
        tell(len(made), households)
    assigned = made[: _MOST_ASSIGNED * max(1, len(workers))] if workers else []
    known, drawn = assigned[: len(assigned) - fresh], assigned[len(assigned) - fresh :]
    interviews = 0
    if workers and waves:
        interviews = _earlier_waves(session, known, workers, reviewers, period, waves, chance)
    if workers:
        _assign(session, known, workers, "quarterly", period, chance)
        _assign(session, drawn, workers, "annual", period[:4], chance)
    return SampleReport(
        households=len(made),
        members=sum(len(one.people) for one in made),
        interviews=interviews,
        villages=tuple(_village_name(n) for n in range(len(codes))),
        accounts=tuple(staff),
    )


def _batches(count: int) -> Iterator[range]:
    for start in range(0, count, _BATCH):
        yield range(start, min(count, start + _BATCH))


def _village_name(n: int) -> str:
    return _VILLAGES[n % len(_VILLAGES)]


def _control(session: Session, writing: SqlSession, kind: str, name: str, values: dict[str, object]) -> None:
    root = content_id(f"{kind}:{name}".encode()).hex()
    seen = session.changes.view(writing, root)
    given = {"control": kind, **values}
    writes = tuple(
        Write((), field, value, seen.prev(field)) for field, value in given.items() if seen.value(field) != value
    )
    if writes:
        session.changes.write(
            writing, Content(Kind.EDIT, writes), root=root, root_type=RootType.CONTROL, feed=COUNTY_FEED
        )


def _publish(session: Session, codes: Sequence[str]) -> list[tuple[str, str, str]]:
    """Villages, parameters, questionnaires and people in the county feed, as far as they are not there already."""
    with session.database.transaction() as writing:
        known = {row.code for row in writing.exec(select(VillageRow))}
        for n, code in enumerate(codes):
            if code not in known:
                facts_of: dict[str, object] = {"code": code, "name": _village_name(n), "township": _TOWNSHIP}
                _control(session, writing, "village", code, facts_of)
        entered = {one.name for one in parameters.entered(writing)}
        for name, value in _PARAMETERS.items():
            if name not in entered:
                _control(session, writing, "parameter", name, {"name": name, "value": value})
        there = set(writing.exec(select(FormPack.form_id)))
        for one in catalog():
            if one.name not in there:
                writes = (Write((), "form_id", one.name), Write((), "xml", xform(one.name)))
                root = content_id(f"form:{one.name}".encode()).hex()
                session.changes.write(
                    writing, Content(Kind.EDIT, writes), root=root, root_type=RootType.FORM_PACK, feed=COUNTY_FEED
                )
        return [(row.account, row.name, row.role) for row in writing.exec(select(Staff).order_by(Staff.account))]


def _write_household(session: Session, writing: SqlSession, chance: Random, codes: Sequence[str], n: int) -> _Made:
    today = session.today()
    people = household(chance, today)
    village = codes[n % len(codes)]
    hh_no = f"{n // len(codes) + 1:04d}"
    hh_type = chance.choices(("1", "2", "3", "4", "5"), (45, 8, 6, 3, 38))[0]
    group, place = chance.choice(_GROUPS), chance.choice(_PLACES)
    fields = {
        "hh_id": village + hh_no,
        "cov_village_code": village,
        "cov_village_name": _village_name(codes.index(village)),
        "cov_group": group,
        "cov_hh_no": hh_no,
        "cov_stratum": {"1": "S1", "5": "S4"}.get(hh_type, "S2"),
        "cov_sample_role": "1",
        "hh_head_name": people[0].name,
        "hh_phone": phone_number(chance),
        "hh_address": f"{group}{place}",
        "hh_type_frame": hh_type,
        "hh_type_now": hh_type,
        "land_farm": f"{chance.randrange(5, 120) / 10}",
    }
    writes = [Write((), field, value) for field, value in fields.items()]
    rows, order = [], ""
    for place_no, person in enumerate(people, start=1):
        uid = chance.randbytes(16).hex()
        order = key_between(order, "")
        rows.append(NewRow("member", (uid,), order))
        known = {
            "mem_no": f"{place_no:02d}",
            "mem_name": person.name,
            "mem_relation": person.relation,
            "mem_sex": "1" if person.male else "2",
            "mem_birth": person.born.isoformat(),
            "mem_id_type": "1",
            "mem_idno": person.idno,
            "mem_ethnicity": person.ethnicity,
            "mem_hukou_here": "1",
            "mem_econ_tied": "1",
            "mem_on_register": "1",
            "mem_family_pop": "1",
            "mem_live_place": "1",
        }
        writes += [Write((uid,), field, value) for field, value in known.items()]
    root = session.changes.new_root()
    session.changes.write(
        writing,
        Content(Kind.EDIT, tuple(writes), tuple(rows)),
        root=root,
        root_type=RootType.HOUSEHOLD,
        feed=register_feed(village),
    )
    return _Made(root, village, tuple(people))


def _assign(
    session: Session, made: Sequence[_Made], workers: Sequence[str], form_id: str, period: str, chance: Random
) -> tuple[str, ...]:
    """Villages are shared out among enumerators; a few visits are planned for today."""
    villages = sorted({one.village for one in made})
    today = session.now().astimezone(CHINA)
    current = form_id == "quarterly" and period == periods.at(session.today())
    new = []
    for n, one in enumerate(made):
        worker = workers[(villages.index(one.village) if len(villages) >= len(workers) else n) % len(workers)]
        visit_at = None
        if current and n < 5 * len(workers):
            visit_at = today.replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(minutes=90 * (n % 5))
        elif current and chance.random() < 0.3:
            visit_at = today.replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=chance.randint(1, 6))
        window = periods.window(period)
        new.append(NewAssignment(one.root, form_id, period, worker, window[1] if window else None, visit_at))
    return assigning.assign(session, new)


def as_person(session: Session, account: str, at: datetime | None = None) -> Session:
    """The same open store in another person's hands, optionally at another time: for made-up counties alone."""
    with session.database.reading() as reading:
        row = reading.get(Staff, account)
        names = {one.code: one.name for one in reading.exec(select(VillageRow))}
    if row is None and account != session.account:
        raise KeyError(account)
    other = copy.copy(session)
    if row is not None:
        other.account, other.name, other.role = account, row.name, Role(row.role)
        other.village_codes = tuple(row.villages.split())
    other.villages = tuple(Village(code, names.get(code, code)) for code in other.village_codes)
    if at is not None:
        other._correction = at - session._machine_clock()
    other.changes = ChangeStore(session.database, clock=other.now, actor=account, signing_key=session.signing_key)
    return other


def _earlier_waves(
    session: Session,
    made: Sequence[_Made],
    workers: Sequence[str],
    reviewers: Sequence[str],
    period: str,
    waves: int,
    chance: Random,
) -> int:
    past = [periods.before(period, step) for step in range(waves, 0, -1)]
    plan = [("annual", past[0][:4]), *(("quarterly", one) for one in past)]
    count = 0
    for form_id, one in plan:
        at = _wave_day(one)
        office = as_person(session, session.account, at - timedelta(days=8))
        for root in _assign(office, made, workers, form_id, one, chance):
            at += timedelta(minutes=61)
            if fill_in(session, root, at, chance.randrange(2**31), reviewers):
                count += 1
    return count


def _wave_day(period: str) -> datetime:
    window = periods.window(period)
    if window is None:
        return datetime(int(period), 1, 12, 9, 0, tzinfo=CHINA)
    return datetime(window[0].year, window[0].month, window[0].day, 9, 0, tzinfo=CHINA) + timedelta(days=2)


def fill_in(session: Session, assignment: str, at: datetime, seed: int, reviewers: Sequence[str] = ()) -> bool:
    """Answers an assignment as its enumerator would have at that time, hands it in and has it approved.

    Returns:
        Whether it could be handed in; otherwise the draft stays as it is.
    """
    found = assigning.find_assignment(session, assignment)
    if found is None:
        return False
    enumerator = as_person(session, found.enumerator, at)
    opened = interviewing.begin(enumerator, assignment)
    steps = answer_plausibly(opened.interview, opened.form, seed, today=at.astimezone(CHINA).date())
    with session.database.transaction() as writing:
        opened.put(writing, tuple(one for effects in steps for one in effects.stored))
    if not interviewing.hand_in_list(opened).ready:
        opened.leave()
        return False
    interviewing.hand_in(opened)
    if reviewers:
        reviewer = as_person(session, reviewers[0], at + timedelta(days=1))
        reviewing.approve(reviewer, opened.header.interview)
    return True
