"""Enrolling, signing in and out where something went wrong before."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import select

from fieldapp.errors import DamagedStore, DiskFull, NotAllowed, StoreBusy
from fieldapp.services import enrolling, syncing
from fieldapp.services.session import Laptop, Session
from fieldapp.store import drafts, facts, holding
from fieldapp.store.changes import ChangeStore
from fieldapp.store.database import STORE_FILE
from fieldapp.store.drafts import Op
from fieldapp.store.keys import KEY_FILE
from fieldapp.store.tables import Certificate, ChangeRow, Draft
from sync.change import RootType
from sync.errors import CertificateRefused
from sync.scope import Role, issue, read_device_certificate
from sync.server.keys import make_keys
from tests.services.conftest import PASSPHRASE, County


def _draft(session: Session, root: str, value: str = "1") -> None:
    with session.database.transaction() as writing:
        drafts.put(
            writing, root=root, root_type=RootType.PLAN, save_id=b"12345678", form_hash="", actor=session.account,
            at=datetime(2026, 9, 24, tzinfo=UTC), ops=[Op("set", "hh_phone", (), value)],
        )  # fmt: skip


@pytest.mark.parametrize("lost", [(KEY_FILE, "keys.previous.json"), (STORE_FILE,)])
def test_enrolling_again_puts_what_is_left_aside_and_the_lost_half_makes_it_whole(
    county: County, tmp_path: Path, lost: tuple[str, ...]
) -> None:
    session = county.laptop("enum01", "王建国", Role.ENUM)
    _draft(session, "e" * 32, "只在这里")
    session.lock()
    folder, drawer = session.laptop.folder, tmp_path / "drawer"
    drawer.mkdir()
    for name in lost:
        (folder / name).rename(drawer / name)
    code = county.server.enrolment.make_code("enum01")
    enrolling.enrol(session.laptop, "http://127.0.0.1:1", code, server=county.server)
    (kept,) = folder.glob("kept-*")
    for name in lost:
        (drawer / name).rename(kept / name)
    with Laptop(kept, clock=county.clock).unlock("enum01", PASSPHRASE) as again, again.database.reading() as reading:
        assert again.changes.view(reading, "e" * 32).value("hh_phone") == "只在这里"


def test_an_enrolment_that_fails_half_way_leaves_nothing_and_works_the_next_time(
    county: County, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    laptop = Laptop(tmp_path / "机", clock=county.clock)
    code = county.code("enum01", "王建国", Role.ENUM)

    def full(*_: object) -> None:
        raise DiskFull("full")

    with monkeypatch.context() as patched:
        patched.setattr("fieldapp.store.keys.Keys.write", full)
        with pytest.raises(DiskFull):
            enrolling.enrol(laptop, "http://127.0.0.1:1", code, server=county.server)
    assert not (laptop.folder / STORE_FILE).exists()
    enrolling.enrol(laptop, "http://127.0.0.1:1", code, server=county.server)
    assert json.loads((laptop.folder / KEY_FILE).read_text(encoding="utf-8"))["recovery"]


def test_an_emptied_store_is_damage_and_not_a_new_store(county: County) -> None:
    session = county.laptop("enum01", "王建国", Role.ENUM)
    session.lock()
    (session.laptop.folder / STORE_FILE).write_bytes(b"")
    with pytest.raises(DamagedStore):
        session.laptop.unlock("enum01", PASSPHRASE)
    assert (session.laptop.folder / STORE_FILE).read_bytes() == b""


def test_a_colleagues_certificate_does_not_make_one_the_colleague(county: County) -> None:
    session = county.laptop("enum01", "王建国", Role.ENUM)
    county.code("cadm01", "赵县长", Role.CADM)
    county.exchange(session)
    with session.database.transaction() as writing:
        theirs = writing.get(Certificate, ("user", "cadm01"))
        mine = writing.get(Certificate, ("user", "enum01"))
        assert theirs is not None
        assert mine is not None
        mine.raw = theirs.raw
        writing.add(mine)
    with pytest.raises(NotAllowed):
        session.laptop.unlock("enum01", PASSPHRASE)


def test_a_certificate_of_another_county_does_not_replace_the_laptops_own(county: County) -> None:
    session = county.laptop("enum01", "王建国", Role.ENUM)
    stranger = make_keys("529900", "云岭县")
    with session.database.reading() as reading:
        own = facts.read_meta(reading, "certificate") or b""
    forged = issue(read_device_certificate(own, county.server.keys.verify_key), stranger.signing)
    with pytest.raises(CertificateRefused):
        session.changes.set_certificate(forged)
    county.exchange(session)


def test_drafts_that_a_crash_left_are_sealed_in_the_name_of_who_wrote_them(county: County) -> None:
    session = county.laptop("enum01", "王建国", Role.ENUM)
    _draft(session, "e" * 32)
    other = ChangeStore(session.database, clock=session.now, actor="vsec01", signing_key=session.signing_key)
    assert other.seal_drafts() == 1
    with session.database.reading() as reading:
        (row,) = reading.exec(select(ChangeRow).where(ChangeRow.root == "e" * 32))
    assert row.actor == "enum01"


def test_one_draft_that_cannot_be_sealed_holds_up_no_other(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    session = county.laptop("enum01", "王建国", Role.ENUM)
    _draft(session, "d" * 32)
    _draft(session, "e" * 32)
    whole = drafts.content_of

    def breaks(ops: list[Op], seen: object, register_of: object) -> object:
        if seen.root == "d" * 32:  # type: ignore[attr-defined]
            raise ValueError("a bug")
        return whole(ops, seen, register_of)  # type: ignore[arg-type]

    monkeypatch.setattr(drafts, "content_of", breaks)
    assert syncing.exchange(session, server=county.server).sent == 1
    with session.database.reading() as reading:
        assert [row.root for row in reading.exec(select(Draft))] == ["d" * 32]


def test_a_full_disk_does_not_keep_the_laptop_open(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    session = county.laptop("enum01", "王建国", Role.ENUM)
    _draft(session, "e" * 32)

    def full() -> int:
        raise DiskFull("full")

    monkeypatch.setattr(session.changes, "seal_drafts", full)
    session.lock()
    assert session.database._key is None
    with session.laptop.unlock("enum01", PASSPHRASE) as again, again.database.reading() as reading:
        assert drafts.open_roots(reading) == ["e" * 32]


def test_a_second_window_on_the_same_folder_is_told_so(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    session = county.laptop("enum01", "王建国", Role.ENUM)
    elsewhere = holding.__dict__["_held"]
    monkeypatch.setattr(holding, "_held", {})  # as another process sees it: the lock on the file alone
    with pytest.raises(StoreBusy):
        Laptop(session.laptop.folder, clock=county.clock).unlock("enum01", PASSPHRASE)
    monkeypatch.setattr(holding, "_held", elsewhere)
    session.lock()
    session.laptop.unlock("enum01", PASSPHRASE).lock()
