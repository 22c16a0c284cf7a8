"""Whose hand a change is from, and what a laptop does with what nobody it knows has signed."""

from __future__ import annotations

from dataclasses import replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from sync.change import Content, Kind, RootType, Write
from sync.codec import open_sealed, seal
from sync.known_keys import Hand, KnownKeys
from sync.merge import empty, join, merge
from sync.moves import roots_away
from sync.protocol import Verdict
from sync.records import view
from sync.scope import Role, issue, register_feed
from sync.server import admission, tables
from sync.server.service import CountyService
from tests.sync.builders import ROOT, VILLAGE, put

OTHER = "529921002002"


def checked(laptop, county):
    """A laptop that looks at signatures."""
    laptop.log.county_key = county.service.keys.verify_key
    return laptop


def test_the_county_feed_tells_every_laptops_key(county):
    li, wang = county.laptop("ce0001"), checked(county.laptop("ce0002"), county)
    li.put(ROOT, "a", 1)
    li.sync(county.service)
    wang.sync(county.service)
    assert wang.log.view(ROOT).value("a") == 1
    assert not wang.log.aside


def test_what_nobody_known_has_signed_is_set_aside_and_holds_up_nobody(county):
    li, wang = county.laptop("ce0001"), checked(county.laptop("ce0002"), county)
    li.put(ROOT, "a", 1)
    li.put(ROOT, "b", 2)
    li.sync(county.service)
    stranger = Ed25519PrivateKey.generate()

    class Relay:
        """Passes on, and rewrites the first change."""

        def __getattr__(self, name):
            return getattr(county.service, name)

        def exchange(self, *arguments):
            for part in county.service.exchange(*arguments):
                if getattr(part, "kind", "") == "change" and part.vseq == 1 and part.feed != "county":
                    change = open_sealed(part.data)
                    lie = replace(change, writes=(replace(change.writes[0], value="lie"),))
                    part = replace(part, data=seal(lie, stranger).raw)
                yield part

    wang.sync(Relay())
    assert "lie" not in {cell.value for cell in wang.log.view(ROOT).cells.values()}
    wang.sync(county.service)
    assert (wang.log.view(ROOT).value("a"), wang.log.view(ROOT).value("b")) == (1, 2)
    assert not wang.log.aside


def test_a_change_counts_as_soon_as_its_key_has_come(county):
    li, wang = county.laptop("ce0001"), county.laptop("ce0002")
    raw = seal(li.put(ROOT, "a", 1), li.enrolled.keys.signing).raw
    keys = KnownKeys(county.service.keys.verify_key, [wang.enrolled.reply.device_certificate])
    assert keys.hand(raw) is Hand.UNKNOWN
    keys.add(li.enrolled.reply.device_certificate)
    assert keys.hand(raw) is Hand.KNOWN


def test_a_replica_seen_to_be_one_laptops_is_not_anothers(county):
    li, wang = county.laptop("ce0001"), county.laptop("ce0002")
    certificates = [one.enrolled.reply.device_certificate for one in (li, wang)]
    keys = KnownKeys(county.service.keys.verify_key, certificates)
    first = li.put(ROOT, "a", 1)
    assert keys.hand(seal(first, li.enrolled.keys.signing).raw) is Hand.KNOWN
    assert keys.hand(seal(replace(first, seq=2), wang.enrolled.keys.signing).raw) is Hand.FORGED


def test_a_certificate_that_the_county_did_not_sign_gives_no_key(county):
    li = county.laptop("ce0001")
    forged = issue(li.enrolled.device, Ed25519PrivateKey.generate())
    keys = KnownKeys(county.service.keys.verify_key, [forged, b"rubbish"])
    assert keys.hand(seal(li.put(ROOT, "a", 1), li.enrolled.keys.signing).raw) is Hand.UNKNOWN


def test_one_change_that_cannot_be_stored_does_not_undo_its_group(county, monkeypatch):
    li = county.laptop("ce0001")
    real = admission.Admission._store

    def store(self, seen, *rest):
        real(self, seen, *rest)
        if seen.seq == 2:
            raise ValueError("what a database says to a text that it cannot hold")

    monkeypatch.setattr(admission.Admission, "_store", store)
    for number in range(3):
        li.put(ROOT, f"f{number}", number)
    report = li.sync(county.service)
    assert (report.admitted, report.quarantined, report.unsent) == (2, [(2, "unreadable")], 0)
    with county.service.database.reading() as connection:
        seqs = select(tables.change.c.seq).where(tables.change.c.root == ROOT).order_by(tables.change.c.seq)
        assert connection.execute(seqs).scalars().all() == [1, 3]
        assert len(connection.execute(select(tables.quarantine.c.raw)).all()) == 1


def test_what_an_older_program_could_not_merge_counts_after_the_upgrade(county, monkeypatch):
    li, wang = county.laptop("ce0001"), county.laptop("ce0002")
    with monkeypatch.context() as older:
        older.setattr(admission, "merge", lambda *_: [][0])
        li.put(ROOT, "a", 1)
        assert li.sync(county.service).held == 1
    newer = CountyService(county.service.database, county.service.keys, now_ms=county.now_ms)
    assert newer.after_upgrade() == 1
    assert newer.after_upgrade() == 0, "once for a program"
    wang.sync(newer)
    assert wang.log.view(ROOT).value("a") == 1


def test_a_newer_programs_kind_is_read_once_this_program_knows_it(monkeypatch):
    later = put(b"A" * 8, 1, "5", kind="census")
    unread = merge(empty(later.root), later)
    assert view(unread).read_only
    monkeypatch.setattr("sync.merge._KNOWN_KINDS", frozenset({"edit", "census"}))
    read = merge(unread, later)
    assert not view(read).read_only
    assert view(read).value("hh_count") == "5"
    assert join(unread, read) == read


def test_a_third_laptops_copy_is_known_by_its_signature(county):
    """After a restore the county may never have heard of the replica that wrote a change."""
    li, wang = county.laptop("ce0001"), county.laptop("ce0002")
    change = li.put(ROOT, "a", 1)
    raw = seal(change, li.enrolled.keys.signing).raw
    token = wang.session(county.service)._say_hello().token
    list(county.service.exchange(token, [raw], (), 0))
    with county.service.database.reading() as connection:
        verdict = connection.execute(select(tables.change.c.verdict)).scalars().all()[-1]
    assert verdict == Verdict.ADMITTED
    assert li.sync(county.service).complete


def test_a_root_that_left_for_elsewhere_is_away_until_it_comes_back(county):
    boss = county.laptop("ts0001", Role.TSUP, (VILLAGE, OTHER))
    li = county.laptop("ce0001")
    boss.put(ROOT, "a", 1)
    boss.sync(county.service)
    li.sync(county.service)
    assert not li.log.roots_away()
    for village, away in ((OTHER, True), (VILLAGE, False)):
        content = Content(Kind.MOVE, body={"village": village, "portfolio": ""})
        boss.write(content, ROOT, feed=register_feed(VILLAGE if away else OTHER))
        boss.sync(county.service)
        boss.sync(county.service)  # the feed it went to is new here
        li.sync(county.service)
        assert (ROOT in li.log.roots_away()) == away
        assert not boss.log.roots_away(), "who holds both villages goes on"


def test_facts_of_a_newer_server_say_nothing_about_moves():
    assert roots_away([("v:1:r", 1, b"\xff"), ("v:1:r", 2, b"\xa0")]) == frozenset()


def test_a_poisonous_change_leaves_no_home_behind(county):
    li = county.laptop("ce0001")
    li.log.write(
        Content(Kind.EDIT, (Write(("x",), "~alias", [{}]),)), root="ee" * 16, root_type=RootType.HOUSEHOLD,
        feed=register_feed(VILLAGE), now_ms=1,
    )  # fmt: skip
    assert li.sync(county.service).held == 1
    with county.service.database.reading() as connection:
        assert connection.execute(select(tables.root_home).where(tables.root_home.c.root == "ee" * 16)).all() == []
