"""A laptop that the county has not heard of for long, and one that was lost: what stays, what waits, what is destroyed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from fieldapp.cli import main
from fieldapp.errors import NoSuchHousehold, NotAllowed
from fieldapp.services import carrying, finding, interviewing, leasing, reviewing, syncing
from fieldapp.services.leasing import ContactWaits, WrongLeaseCode
from fieldapp.services.session import Session
from fieldapp.services.wiping import LaptopWiped
from forms.engine import Cell
from sync.errors import TooBig
from sync.scope import Role
from sync.server.carrying import take_stick
from sync.stick import Stick
from tests.services.conftest import PASSPHRASE, PERIOD, Clock, County, write_household
from tests.services.mode_rules import SERVICES, InSurvey, World
from tests.services.test_mode_matrix import words_of

Day = tuple[Session, Session, str, str]
DAYS, INCOME, PHONE = Cell("/data/qa/q_days"), Cell("/data/qa/q_income"), Cell("/data/qa/hh_phone")
WATCHED = (InSurvey.NO_ANSWER, InSurvey.OWN_WORK, InSurvey.MARKED, InSurvey.NO_PERSON)


def hand_in(enumerator: Session, assignment: str) -> str:
    opened = interviewing.begin(enumerator, assignment)
    opened.save(opened.interview.confirm(PHONE))
    opened.save(opened.interview.answer(DAYS, "0"))
    opened.save(opened.interview.answer(INCOME, "5330"))
    interviewing.hand_in(opened)
    return opened.header.interview


def after(clock: Clock, days: float) -> None:
    clock.now += timedelta(days=days)


def test_from_day_100_it_is_told_and_after_120_only_own_work_is_shown(
    field_day: Day, county: County, clock: Clock
) -> None:
    enumerator, supervisor, household, assignment = field_day
    write_household(supervisor, "张三", "0099")
    county.exchange(supervisor, enumerator)
    after(clock, 99)
    assert not leasing.lease(supervisor).warns
    after(clock, 1.5)
    assert leasing.lease(supervisor).warns
    assert "19 天" in leasing.lease(supervisor).sentence()
    after(clock, 20)
    assert leasing.lease(supervisor).over
    with pytest.raises(ContactWaits):
        reviewing.waiting(supervisor)
    assert finding.list_households(supervisor).rows == ()
    assert {row.household for row in finding.list_households(enumerator).rows} == {household}, "the own task goes on"
    hand_in(enumerator, assignment)
    assert syncing.unsent(enumerator).handed_in == 1
    county.exchange(enumerator)
    assert not leasing.lease(enumerator).over
    assert leasing.lease(supervisor).over, "each laptop by its own contact"
    county.exchange(supervisor)
    assert reviewing.waiting(supervisor)


def test_with_the_lease_over_no_list_page_or_paper_shows_anybody(
    field_day: Day, county: County, clock: Clock, tmp_path: Path
) -> None:
    enumerator, supervisor, household, assignment = field_day
    office = county.laptop("office", "县办公室", Role.CADM)
    interview = hand_in(enumerator, assignment)
    county.exchange(enumerator, supervisor, office)
    world = World(household, interview, assignment, PERIOD, tmp_path / "out")
    after(clock, 121)
    for session in (enumerator, supervisor, office):
        for name, rule in SERVICES.items():
            if rule.call is None or rule.survey not in WATCHED or name == "printing.questionnaire":
                continue
            try:
                shown = words_of(rule.call(session, world))
            except (ContactWaits, NotAllowed, NoSuchHousehold):
                continue
            for personal in ("周德顺", "田秀英", "16900002206", "5330"):
                assert personal not in shown, f"{name} for {session.role}"


def test_a_clock_set_back_does_not_make_the_time_shorter_and_a_wrong_one_does_not_make_it_longer(
    field_day: Day, county: County, clock: Clock
) -> None:
    enumerator, *_ = field_day
    after(clock, 121)
    assert leasing.lease(enumerator).over
    county.exchange(enumerator)
    after(clock, -365 * 20)  # the battery of the clock is empty
    assert not leasing.lease(enumerator).over
    right_ms = county.now_ms() + 365 * 20 * 24 * 3600 * 1000 + 1000
    leasing.note_contact(enumerator, right_ms)
    after(clock, 110)
    assert leasing.lease(enumerator).days_left == 9


def test_work_done_while_the_lease_was_over_is_believed_before_a_clock_that_was_set_back(
    field_day: Day, clock: Clock
) -> None:
    enumerator, _, _, _ = field_day
    folder = enumerator.laptop
    enumerator.lock()
    after(clock, 121)
    with folder.unlock("enum01", PASSPHRASE) as session:
        assert leasing.lease(session).over
    after(clock, -100)
    with folder.unlock("enum01", PASSPHRASE) as session:
        assert leasing.lease(session).over


def test_a_code_read_out_by_the_county_opens_this_laptop_once_for_two_weeks(
    field_day: Day, county: County, clock: Clock
) -> None:
    _, supervisor, household, _ = field_day
    other = county.laptop("tsup02", "另一人", Role.TSUP)
    after(clock, 130)
    letters = leasing.challenge(supervisor)
    assert leasing.challenge(supervisor) == letters, "it stays the same until it is answered"
    with pytest.raises(WrongLeaseCode):
        leasing.open_with_code(
            supervisor, county.server.enrolment.lease_code(other.device, leasing.challenge(supervisor))
        )
    code = county.server.enrolment.lease_code(supervisor.device[:8], letters.lower())
    assert leasing.open_with_code(supervisor, code.lower().replace("-", " ")).days_left == 13
    assert household in {row.household for row in finding.list_households(supervisor).rows}
    with pytest.raises(WrongLeaseCode):
        leasing.open_with_code(supervisor, code)
    after(clock, 15)
    assert leasing.lease(supervisor).over


def test_an_answer_carried_by_stick_counts_from_the_day_the_county_gave_it(
    field_day: Day, county: County, clock: Clock, tmp_path: Path
) -> None:
    enumerator, *_ = field_day
    after(clock, 110)
    carrying.carry_out(enumerator, tmp_path)
    take_stick(county.server, Stick(tmp_path), now_ms=county.now_ms)
    after(clock, 60)
    carrying.take_in(enumerator, tmp_path)
    assert not leasing.lease(enumerator).over
    assert leasing.lease(enumerator).contact_at < clock.now - timedelta(days=59)


def test_a_certificate_at_its_end_is_renewed_by_contact_and_stops_reading_without(
    field_day: Day, county: County, clock: Clock
) -> None:
    enumerator, supervisor, *_ = field_day
    for _ in range(13):
        after(clock, 90)
        county.exchange(enumerator)
    assert not leasing.lease(enumerator).over, "renewed on the way"
    assert leasing.lease(supervisor).expired
    county.exchange(supervisor)
    assert not leasing.lease(supervisor).over


@pytest.fixture
def lost(field_day: Day, county: County) -> tuple[Session, str]:
    """A laptop with an interview that nobody has yet, revoked with the order to wipe."""
    enumerator, _, _, assignment = field_day
    interview = hand_in(enumerator, assignment)
    county.server.enrolment.revoke_device(enumerator.device, wipe=True)
    return enumerator, interview


def test_a_lost_laptop_pushes_first_and_then_forgets_everything(
    lost: tuple[Session, str], county: County, field_day: Day
) -> None:
    enumerator, interview = lost
    folder = enumerator.laptop.folder
    with pytest.raises(LaptopWiped):
        syncing.exchange(enumerator, server=county.server)
    assert not [one for one in folder.iterdir() if one.name.startswith(("keys", "store"))]
    assert not enumerator.laptop.enrolled
    assert enumerator.laptop.people() == ()
    supervisor = field_day[1]
    for change_id, *_ in county.server.waiting():
        county.server.admit(change_id, "office")
    county.exchange(supervisor)
    assert [row.interview for row in reviewing.waiting(supervisor)] == [interview], "what it had alone is not lost"


def test_nothing_is_wiped_while_the_line_takes_nothing(lost: tuple[Session, str], county: County) -> None:
    enumerator, interview = lost

    class Broken:
        def __getattr__(self, name: str) -> object:
            return getattr(county.server, name)

        def exchange(self, *_: object) -> object:
            raise TooBig("the line takes nothing")

    with pytest.raises(TooBig):
        syncing.exchange(enumerator, server=Broken())  # type: ignore[arg-type]
    assert interviewing.open_interview(enumerator, interview).header.interview == interview
    assert leasing.lease(enumerator).over, "but reading anything else has ended"


def test_an_order_on_an_old_stick_does_not_wipe_what_was_written_since(
    field_day: Day, county: County, tmp_path: Path
) -> None:
    enumerator, _, _, assignment = field_day
    county.server.enrolment.revoke_device(enumerator.device, wipe=True)
    carrying.carry_out(enumerator, tmp_path)
    take_stick(county.server, Stick(tmp_path), now_ms=county.now_ms)
    interview = hand_in(enumerator, assignment)
    carrying.take_in(enumerator, tmp_path)
    assert interviewing.open_interview(enumerator, interview).header.interview == interview


def test_the_command_line_tells_the_days_and_takes_the_code(
    field_day: Day, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    enumerator, *_ = field_day
    enumerator.lock()
    (tmp_path / "word").write_text(PASSPHRASE, encoding="utf-8")
    where = ["--folder", str(tmp_path / "enum01"), "lease"]
    sign = ["--passphrase-file", str(tmp_path / "word")]
    # The command line has the machine's clock: the field day lies in its future or past, the code is what is tried here.
    main([*where, "open", "AAAA-BBBB-CCCC", *sign])
    assert "对不上" in capsys.readouterr().err
    assert main([*where, "show", *sign]) in (0, 1)
