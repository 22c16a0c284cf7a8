from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select, text

from sync.change import Content, Kind, RootType, Write
from sync.codec import open_sealed, seal
from sync.errors import NewEpoch, NotRecognised, Refused, ServerUnreachable
from sync.protocol import Cursor, Have, Verdict, feed_digest
from sync.records import Level, review_step
from sync.scope import Role, interview_feed, register_feed
from sync.server import audit, feeds, tables
from sync.server.maintenance import check
from tests.sync.builders import ROOT, VILLAGE
from tests.sync.county import County, Laptop

HOUSE = "aa" * 16
FEED = register_feed(VILLAGE)


def push(county: County, laptop: Laptop, *raws: bytes):
    """Verdicts of raw changes pushed as this laptop."""
    token = laptop.session(county.service)._say_hello().token
    (head,) = county.service.exchange(token, raws, (), 0)
    return [(verdict, reason) for _, verdict, reason in head.verdicts]


def own(laptop: Laptop) -> list[bytes]:
    return [change.raw for change in laptop.log.own_lacking(Have(0), 10**9)]


def test_the_second_time_a_change_is_a_duplicate(anywhere):
    li = anywhere.laptop("ce0001")
    li.put(HOUSE, "x", 1)
    assert push(anywhere, li, *own(li)) == [(Verdict.ADMITTED, "")]
    assert push(anywhere, li, *own(li), *own(li)) == [(Verdict.DUPLICATE, "")] * 2
    li.sync(anywhere.service)
    assert li.log.at[FEED].vseq == 1


def test_have_names_the_gaps(anywhere):
    li = anywhere.laptop("ce0001")
    for value in range(6):
        li.put(HOUSE, "x", value)
    raws = own(li)
    push(anywhere, li, raws[0], raws[2], raws[4])
    assert anywhere.service.have(li.log.replica) == Have(5, (2, 4))
    push(anywhere, li, raws[3], raws[1], raws[5])
    assert anywhere.service.have(li.log.replica) == Have(6)


def test_the_same_number_with_another_content_is_kept_aside(anywhere):
    li = anywhere.laptop("ce0001")
    made = li.put(HOUSE, "x", 1)
    forked = seal(replace(made, writes=(Write((), "x", 2),)), li.log.key)
    assert push(anywhere, li, *own(li), forked.raw) == [(Verdict.ADMITTED, ""), (Verdict.QUARANTINED, "fork")]
    with anywhere.service.database.reading() as connection:
        assert connection.execute(select(tables.quarantine.c["class"], tables.quarantine.c.raw)).all() == [
            ("fork", forked.raw)
        ]
    assert li.sync(anywhere.service).renewed


def test_a_bad_signature_is_kept_and_never_merged(anywhere):
    li = anywhere.laptop("ce0001")
    made = li.put(HOUSE, "x", 1)
    forged = seal(made, Ed25519PrivateKey.from_private_bytes(bytes(32)))
    assert push(anywhere, li, forged.raw) == [(Verdict.BAD_SIGNATURE, "signature")]
    assert anywhere.service.have(li.log.replica) == Have(1)
    with anywhere.service.database.reading() as connection:
        assert connection.execute(select(tables.quarantine.c.raw)).scalars().all() == [forged.raw]
        assert list(feeds.entries_after(connection, anywhere.service.keys.county, FEED, 0, 9)) == []


def test_nobody_uses_up_another_ones_numbers_with_forgeries(anywhere):
    li, thief = anywhere.laptop("ce0001"), anywhere.laptop("ce0002")
    made = li.put(HOUSE, "x", 1)
    li.session(anywhere.service)._say_hello()
    push(anywhere, thief, seal(replace(made, body={"x": 1}), thief.log.key).raw)
    assert anywhere.service.have(li.log.replica) == Have(0)
    assert li.sync(anywhere.service).admitted == 1


def test_a_foreign_village_waits_in_quarantine(anywhere):
    li = anywhere.laptop("ce0001")
    li.put(HOUSE, "x", 1, feed=register_feed("529921009009"))
    li.put("bb" * 16, "x", 1)
    assert [r for _, r in li.sync(anywhere.service).quarantined] == ["feed"]
    assert [row[4] for row in anywhere.service.waiting()] == ["feed"]


@pytest.mark.parametrize(
    ("role", "content", "root_type", "feed", "reason"),
    [
        (Role.VSEC, Content(Kind.EDIT), RootType.INTERVIEW, f"v:{VILLAGE}:r", "type"),
        (Role.VSEC, Content(Kind.EDIT), RootType.INTERVIEW, interview_feed(VILLAGE, "me"), "feed"),
        (Role.ENUM, Content(Kind.APPROVE), RootType.INTERVIEW, interview_feed(VILLAGE, "me"), "rights"),
        (Role.ENUM, Content(Kind.EDIT), RootType.CONTROL, "county", "rights"),
        (Role.ENUM, Content(Kind.EDIT), RootType.FORM_PACK, "county", "rights"),
        (Role.TSUP, Content(Kind.EDIT), RootType.INTERVIEW, interview_feed(VILLAGE, "me"), "rights"),
        (Role.TSUP, Content(Kind.LOCK), RootType.INTERVIEW, interview_feed(VILLAGE, "me"), "rights"),
        (Role.ENUM, Content(Kind.EDIT), RootType.HOUSEHOLD, "no feed at all", "feed"),
    ],
)
def test_what_a_post_may_not_write_waits(county, role, content, root_type, feed, reason):
    one = county.laptop("me", role)
    one.write(content, ROOT, root_type=root_type, feed=feed)
    assert [r for _, r in one.sync(county.service).quarantined] == [reason]


def test_a_change_of_another_county_waits(county):
    li = county.laptop("ce0001")
    made = li.put(HOUSE, "x", 1)
    assert push(county, li, seal(replace(made, county="529922"), li.log.key).raw) == [(Verdict.QUARANTINED, "county")]


def test_an_account_that_is_not_known_waits(county):
    li = county.laptop("ce0001")
    made = li.put(HOUSE, "x", 1)
    stranger = seal(replace(made, actor="nobody"), li.log.key)
    assert push(county, li, stranger.raw) == [(Verdict.QUARANTINED, "account")]


def test_a_root_cannot_change_its_type_or_be_claimed_from_another_village(county):
    li, boss = county.laptop("ce0001"), county.laptop("ts0001", Role.TSUP, (VILLAGE, "529921002002"))
    li.put(HOUSE, "x", 1)
    li.sync(county.service)
    boss.put(HOUSE, "x", 2, root_type=RootType.ASSIGNMENT)
    boss.put(HOUSE, "x", 2, feed=register_feed("529921002002"))
    assert [r for _, r in boss.sync(county.service).quarantined] == ["type", "home"]


def test_an_interview_belongs_to_its_own_enumerator(county):
    li, boss = county.laptop("ce0001"), county.laptop("ts0001", Role.TSUP)
    li.put(ROOT, "q", 1, root_type=RootType.INTERVIEW)
    li.sync(county.service)
    note = Content(Kind.NOTE, body={"text": "?"})
    boss.write(note, ROOT, root_type=RootType.INTERVIEW, feed=interview_feed(VILLAGE, "ce0002"))
    assert [r for _, r in boss.sync(county.service).quarantined] == ["home"]


def test_late_answers_to_a_locked_interview_wait(county):
    li, boss = county.laptop("ce0001"), county.laptop("ca0001", Role.CADM)
    feed = interview_feed(VILLAGE, "ce0001")
    li.put(ROOT, "q", 1, root_type=RootType.INTERVIEW)
    li.write(review_step(li.log.view(ROOT), Kind.SUBMIT, Level.TOWNSHIP), ROOT, root_type=RootType.INTERVIEW)
    li.sync(county.service)
    boss.sync(county.service)
    lock = review_step(boss.log.view(ROOT), Kind.LOCK, Level.COUNTY)
    boss.write(lock, ROOT, root_type=RootType.INTERVIEW, feed=feed)
    assert boss.sync(county.service).admitted == 1
    li.put(ROOT, "q", 2, root_type=RootType.INTERVIEW)
    assert [r for _, r in li.sync(county.service).quarantined] == ["locked"]


def test_a_newer_programs_change_is_passed_on_unread(anywhere):
    li, wang = anywhere.laptop("ce0001"), anywhere.laptop("ce0002")
    li.put(HOUSE, "x", 1)
    newer = li.log.write(Content("#77"), root=HOUSE, root_type="household", feed=FEED)
    newest = li.log.write(Content(Kind.EDIT), root=HOUSE, root_type="household", feed=FEED, version=9)
    assert li.sync(anywhere.service).admitted == 3
    wang.sync(anywhere.service)
    assert wang.log.view(HOUSE).read_only
    assert wang.log.view(HOUSE).value("x") == 1
    assert {newer.dot, newest.dot} == wang.log.state(HOUSE).unread


def test_noise_in_a_frame_is_kept_and_blocks_nothing(anywhere):
    li = anywhere.laptop("ce0001")
    li.put(HOUSE, "x", 1)
    assert push(anywhere, li, b"noise", *own(li), b"\x01\x01" + bytes(30)) == [(Verdict.ADMITTED, "")]
    with anywhere.service.database.reading() as connection:
        assert len(connection.execute(select(tables.quarantine.c.raw)).all()) == 2


def test_what_arrived_before_the_line_broke_is_kept(anywhere):
    li = anywhere.laptop("ce0001")
    for value in range(3):
        li.put(HOUSE, "x", value)

    def broken():
        yield from own(li)[:2]
        raise ServerUnreachable("cut")

    token = li.session(anywhere.service)._say_hello().token
    with pytest.raises(ServerUnreachable):
        anywhere.service.exchange(token, broken(), (), 0)
    assert anywhere.service.have(li.log.replica) == Have(2)


def test_feeds_stay_gapless_when_many_write_at_once(anywhere):
    if anywhere.service.database.is_sqlite and not anywhere.service.database.is_file:
        pytest.skip("one connection in memory")
    laptops = [anywhere.laptop(f"ce{number:04d}") for number in range(4)]
    for number, laptop in enumerate(laptops):
        for value in range(8):
            laptop.put(f"{number}{value}" * 16, "x", value)
            laptop.put(HOUSE, f"f{number}", value)
    problems: list[BaseException] = []

    def run(laptop: Laptop) -> None:
        try:
            laptop.sync(anywhere.service)
        except BaseException as error:
            problems.append(error)

    threads = [threading.Thread(target=run, args=(laptop,)) for laptop in laptops]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    with anywhere.service.database.reading() as connection:
        entries = list(feeds.entries_after(connection, anywhere.service.keys.county, FEED, 0, 1000))
    assert [entry.vseq for entry in entries] == list(range(1, 65))
    check(anywhere.service.database)
    for laptop in laptops:
        laptop.sync(anywhere.service)
    assert len({laptop.log.state(HOUSE).digest for laptop in laptops}) == 1


def test_a_move_takes_the_household_along_and_late_edits_follow(anywhere):
    there = "529921002002"
    li, wang = anywhere.laptop("ce0001"), anywhere.laptop("ce0002", villages=[there])
    boss = anywhere.laptop("ts0001", Role.TSUP, (VILLAGE, there))
    li.put(HOUSE, "x", 1)
    li.put("bb" * 16, "other", 1)
    li.sync(anywhere.service)
    boss.sync(anywhere.service)
    boss.write(Content(Kind.MOVE, body={"village": there, "portfolio": ""}), HOUSE)
    boss.sync(anywhere.service)
    li.put(HOUSE, "late", 2)
    assert li.sync(anywhere.service).admitted == 1
    wang.sync(anywhere.service)
    assert wang.log.view(HOUSE).value("x") == 1
    assert wang.log.view(HOUSE).value("late") == 2
    assert "bb" * 16 not in wang.log.roots()
    facts = [fact for places in li.log.places.values() for _, fact in places.values() if fact]
    assert any(b"moved_out" in fact for fact in facts)
    check(anywhere.service.database)


def test_a_device_gets_no_byte_of_a_feed_outside_its_certificate(county):
    li, wang = county.laptop("ce0001"), county.laptop("ce0002", villages=["529921002002"])
    li.put(HOUSE, "x", 1)
    li.sync(county.service)
    session = wang.session(county.service)
    token = session._say_hello().token
    parts = list(county.service.exchange(token, [], [Cursor(FEED, "", 0, bytes(16))], 10**6))
    assert len(parts) == 1
    assert parts[0].heads == ()
    for ask in (
        lambda: county.service.feed(token, FEED, 0, 10),
        lambda: county.service.digests(token, FEED, 1, 10),
    ):
        with pytest.raises(Refused):
            ask()


def test_tokens_of_others_and_old_ones_are_refused(county):
    li = county.laptop("ce0001")
    token = li.session(county.service)._say_hello().token
    for bad in (b"", bytes(48), token[:-1] + bytes([token[-1] ^ 1]), token + b"x"):
        with pytest.raises(NotRecognised):
            county.service.exchange(bad, [], (), 0)
    county.now_ms.ms += 13 * 3600 * 1000
    with pytest.raises(NotRecognised):
        county.service.exchange(token, [], (), 0)


def test_who_goes_by_anothers_replica_id_takes_a_new_one_and_shuts_nobody_out(county):
    li, thief = county.laptop("ce0001"), county.laptop("ce0002")
    li.put(ROOT, "a", 1)
    thief.log.replica = li.log.replica
    thief.put(ROOT, "b", 2)
    assert thief.sync(county.service).complete, "first come: the id is his"
    report = li.sync(county.service)
    assert (report.renewed, report.complete) == (True, True)
    assert li.log.replica != thief.log.replica
    thief.sync(county.service)
    assert li.log.state(ROOT).digest == thief.log.state(ROOT).digest
    assert {cell for _, cell in thief.log.view(ROOT).cells} == {"a", "b"}


def test_cursors_of_another_incarnation_are_refused(county):
    li = county.laptop("ce0001")
    token = li.session(county.service)._say_hello().token
    with pytest.raises(NewEpoch):
        county.service.exchange(token, [], [Cursor(FEED, "other", 1, bytes(16))], 10)


def test_the_audit_chain_notices_a_changed_line(anywhere):
    li = anywhere.laptop("ce0001")
    li.put(HOUSE, "x", 1)
    li.sync(anywhere.service)
    county = anywhere.service.keys.county
    with anywhere.service.database.transaction() as connection:
        assert audit.broken_lanes(connection, county) == []
        connection.execute(
            tables.audit.update().where(tables.audit.c.lane == "office", tables.audit.c.aseq == 1).values(actor="x")
        )
        assert audit.broken_lanes(connection, county) == ["office"]


def test_the_digest_of_a_feed_is_the_sum_of_its_places(county):
    li = county.laptop("ce0001")
    for value in range(3):
        li.put(HOUSE, "x", value)
    li.sync(county.service)
    items = li.log.feed_items(FEED, 1, 3)
    assert li.log.at[FEED].digest == feed_digest(bytes(16), items)
    assert feed_digest(feed_digest(bytes(16), items[:1]), items[1:]) == feed_digest(bytes(16), items)


@pytest.mark.postgres
def test_postgresql_holds_no_answer_in_the_clear(postgres_url):
    from sync.server.database import open_postgresql

    database = open_postgresql(postgres_url, bytes(range(32)))
    with database.transaction() as connection:
        tables.metadata.drop_all(connection)
    county = County(database)
    li = county.laptop("ce0001")
    li.put(HOUSE, "hh_head_name", "欧阳测试名")
    li.sync(county.service)
    with database.reading() as connection:
        for table in tables.metadata.sorted_tables:
            for row in connection.execute(text(f'select t.*::text from "{table.name}" t')):
                assert "欧阳测试名".encode().hex() not in str(row)
        plain = connection.execute(text("select encode(raw, 'hex') from change where actor = 'ce0001'")).scalar_one()
    (raw,) = own(li)
    assert raw.hex() not in plain
    database.close()
    tables.Sealed.key = None


def test_the_county_key_opens_what_the_office_published(county):
    li = county.laptop("ce0001")
    li.sync(county.service)
    published = [kept for kept in li.log.kept.values() if not kept.own]
    assert published
    for kept in published:
        assert open_sealed(kept.raw).actor == "office"
