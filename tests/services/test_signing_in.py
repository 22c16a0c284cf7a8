from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlmodel import select

from fieldapp.errors import AlreadyEnrolled, NotAllowed, SessionLocked, WeakPassphrase, WrongPassphrase
from fieldapp.services import enrolling, finding, selftest
from fieldapp.services.session import Laptop
from fieldapp.store import activity
from fieldapp.store.tables import Activity, Certificate
from sync.errors import CertificateRefused, EnrolmentRefused
from sync.scope import Role, UserCertificate, issue
from tests.services.conftest import CHEAP, PASSPHRASE, VILLAGE, Clock, County


def test_the_code_opens_until_a_passphrase_is_chosen_and_not_after(
    county: County, tmp_path: Path, clock: Clock
) -> None:
    code = county.code("enum01", "王建国", Role.ENUM)
    laptop = Laptop(tmp_path / "机", clock=clock, key_cost=CHEAP)
    (person,) = enrolling.enrol(laptop, "http://127.0.0.1:1", code, device_name="YL-07", server=county.server)
    assert (person.name, person.has_passphrase) == ("王建国", False)
    with pytest.raises(WeakPassphrase):
        enrolling.set_first_passphrase(laptop, "enum01", code, "12345678901")
    enrolling.set_first_passphrase(laptop, "enum01", code.lower(), PASSPHRASE).lock()
    with pytest.raises(WrongPassphrase):
        laptop.unlock("enum01", code)
    with laptop.unlock("enum01", PASSPHRASE) as session:
        assert (session.name, session.role, session.village_codes) == ("王建国", Role.ENUM, (VILLAGE,))
    assert laptop.people()[0].last_used_at is not None


def test_a_wrong_code_leaves_nothing(county: County, tmp_path: Path, clock: Clock) -> None:
    laptop = Laptop(tmp_path / "机", clock=clock, key_cost=CHEAP)
    with pytest.raises(EnrolmentRefused):
        enrolling.enrol(laptop, "http://127.0.0.1:1", "AAAA-BBBB-CCCC", server=county.server)
    assert not laptop.enrolled


def test_an_enrolled_laptop_is_not_enrolled_again(county: County) -> None:
    session = county.laptop("enum01", "王建国", Role.ENUM)
    with pytest.raises(AlreadyEnrolled):
        enrolling.enrol(session.laptop, "http://127.0.0.1:1", "X", server=county.server)


def test_the_role_comes_from_the_countys_signature_and_not_from_the_key_file(county: County) -> None:
    session = county.laptop("enum01", "王建国", Role.ENUM)
    forged = UserCertificate("529900", "enum01", "王建国", Role.CADM, ("v:*",), (), 0, 2**52)
    with session.database.transaction() as writing:
        row = writing.get(Certificate, ("user", "enum01"))
        assert row is not None
        row.raw = issue(forged, Ed25519PrivateKey.generate())
        writing.add(row)
    with pytest.raises(CertificateRefused):
        session.laptop.unlock("enum01", PASSPHRASE)


def test_a_closed_account_cannot_sign_in_after_the_next_exchange(county: County) -> None:
    session = county.laptop("enum01", "王建国", Role.ENUM)
    county.server.enrolment.close_account("enum01")
    county.exchange(session)
    with pytest.raises(NotAllowed):
        session.laptop.unlock("enum01", PASSPHRASE)


def test_a_locked_session_does_nothing(county: County) -> None:
    session = county.laptop("enum01", "王建国", Role.ENUM)
    session.lock()
    with pytest.raises(SessionLocked):
        finding.list_households(session)


def test_a_clock_before_the_last_use_is_told(county: County, clock: Clock) -> None:
    session = county.laptop("enum01", "王建国", Role.ENUM)
    assert session.laptop.info().clock_ok
    real = clock.now
    clock.now = real - timedelta(days=2600)
    info = session.laptop.info()
    assert not info.clock_ok
    assert "比上次用还早" in info.clock_sentence
    session.laptop.confirm_clock(real)
    with session.laptop.unlock("enum01", PASSPHRASE) as corrected:
        assert abs(corrected.now() - real) < timedelta(minutes=1)


def test_a_preference_is_kept_per_person(county: County) -> None:
    session = county.laptop("enum01", "王建国", Role.ENUM)
    session.remember("type_size", "115")
    assert session.remembered("type_size") == "115"
    assert session.remembered("contrast", "light") == "light"


def test_the_activity_log_tells_when_it_was_touched(county: County) -> None:
    session = county.laptop("enum01", "王建国", Role.ENUM)
    with session.database.transaction() as writing:
        for deed in ("print", "export", "show"):
            activity.note(writing, session.now(), "enum01", deed)
        assert activity.first_broken_line(writing) is None
    with session.database.transaction() as writing:
        line = writing.exec(select(Activity).where(Activity.deed == "export")).one()
        line.actor = "somebody"
        writing.add(line)
    with session.database.reading() as reading:
        assert activity.first_broken_line(reading) == line.n


def test_everything_works_on_this_computer() -> None:
    assert [line.name for line in selftest.run() if not line.ok] == []
