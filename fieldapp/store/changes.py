"""The log of changes over SQLCipher: own ones sealed here, others' taken in; implements ``sync.protocol.ChangeLog``.

Within this file a method with a ``session`` argument is part of the caller's transaction; one without is a transaction of its own.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import delete, func, update
from sqlmodel import Session, col, select

from fieldapp.store import bulk, drafts, facts, form_packs, incoming, root_states
from fieldapp.store.database import Database
from fieldapp.store.sealing import parts_by_feed, register_lookup
from fieldapp.store.tables import (
    ChangeRow,
    ClockObservation,
    FeedCursor,
    FeedPlace,
    HouseholdRow,
    InterviewRow,
    SyncLog,
)
from forms.engine import Form, FormRefused
from sync.change import VERSION, Change, Content, Dot, Kind, RootType, change_of
from sync.clock import COUNTER_BITS, HybridClock
from sync.codec import Sealed, open_sealed, peek, seal
from sync.errors import CertificateRefused, SyncError
from sync.ids import root_id
from sync.known_keys import KnownKeys
from sync.merge import RootState, merge
from sync.moves import roots_away
from sync.protocol import Cursor, FeedEntry, FeedItem, Have, LogIdentity, OwnChange, Verdict
from sync.records import RootView, view
from sync.scope import COUNTY_FEED, interview_feed, read_device_certificate, register_after_move, register_feed

log = logging.getLogger(__name__)
TIME_ZONE_MIN = 480  # China has one


class ChangeStore:
    """One person's hand on the log of this laptop.

    Args:
        database: open store.
        clock: aware UTC now.
        actor: the account that writes.
        signing_key: the laptop's key; None reads only.
    """

    def __init__(
        self, database: Database, *, clock: Callable[[], datetime], actor: str, signing_key: Ed25519PrivateKey | None
    ) -> None:
        self._database = database
        self._clock = clock
        self._actor = actor
        self._key = signing_key
        self.forms: dict[str, Form] = {}  # by hash, loaded so far
        self._keys: KnownKeys | None = None

    # --- own changes --------------------------------------------------------------------------------------------------

    def new_root(self) -> str:
        """Id of a new household, interview or assignment."""
        return root_id(int(self._clock().timestamp() * 1000), secrets.token_bytes(10))

    def new_save_id(self) -> bytes:
        """Id of an open change; derives the ids of the rows it adds."""
        return secrets.token_bytes(8)

    def state(self, session: Session, root: str) -> RootState:
        """The merged state of a root."""
        return root_states.read(session, root)

    def view(self, session: Session, root: str) -> RootView:
        """What is shown of a root."""
        return view(self.state(session, root))

    def write(
        self,
        session: Session,
        content: Content,
        *,
        root: str,
        root_type: str,
        feed: str,
        form_version: str = "",
        save_id: bytes | None = None,
        actor: str = "",
    ) -> Change:
        """Seals one own change, merges and projects it, in the caller's transaction.

        Args:
            actor: who wrote it, when that is not the person signed in: drafts left by a crash keep their author.
        """
        (change, sealed) = self._sealed(
            session,
            [(content, root, feed, save_id or self.new_save_id())],
            root_type=root_type,
            form_version=form_version,
            actor=actor or self._actor,
        )[0]
        self._keep(session, change, sealed)
        return change

    def write_households(self, session: Session, new: Sequence[tuple[Content, str, str, bytes]]) -> None:
        """Seals and keeps the first changes of many new households in the caller's transaction.

        Args:
            new: content, root, feed and save id of each; the roots come from :meth:`new_root` a moment ago.
        """
        sealed = self._sealed(session, new, root_type=RootType.HOUSEHOLD, actor=self._actor)
        bulk.add_households(session, [bulk.NewHousehold(*one) for one in sealed], self._clock())

    def _sealed(
        self,
        session: Session,
        new: Sequence[tuple[Content, str, str, bytes]],
        *,
        root_type: str,
        actor: str,
        form_version: str = "",
    ) -> list[tuple[Change, Sealed]]:
        """Own changes with the next numbers and clock values."""
        if self._key is None:
            raise ValueError("this log is open for reading")
        county = facts.read_text(session, "county")
        replica = facts.read_meta(session, "replica") or b""
        seq = int(facts.read_text(session, "max_seq", "0"))
        clock = HybridClock(int(facts.read_text(session, "hlc", "0")))
        done = []
        for content, root, feed, save_id in new:
            seq += 1
            clock = clock.tick(int(self._clock().timestamp() * 1000), secrets.randbits(COUNTER_BITS))
            envelope = Change(
                version=VERSION,
                kind=content.kind,
                county=county,
                replica=replica,
                seq=seq,
                hlc=clock.last,
                tz_min=TIME_ZONE_MIN,
                actor=actor,
                root=root,
                root_type=root_type,
                form_version=form_version,
                save_id=save_id,
                feed=feed,
            )
            change = change_of(content, envelope)
            done.append((change, seal(change, self._key)))
        facts.write_text(session, "max_seq", str(seq))
        facts.write_text(session, "hlc", str(clock.last))
        return done

    def _keep(self, session: Session, change: Change, sealed: Sealed) -> None:
        session.add(incoming.row_of(change, sealed, origin="own", state="sealed", at=self._clock()))
        session.flush()
        state = merge(root_states.read(session, change.root), change)
        root_states.write(session, state, change.form_version)

    def seal(self, session: Session, root: str) -> tuple[Change, ...]:
        """Turns the drafts of a root into signed changes: one, or one per feed with a common save id."""
        opened = drafts.open_change(session, root)
        if opened is None:
            return ()
        ops = drafts.ops_of(session, root)
        state = root_states.read(session, root)
        form = self._form(session, opened.form_hash)
        content = drafts.content_of(ops, view(state), register_lookup(form))
        drafts.discard(session, root)
        session.flush()
        home = {op.path: op.value for op in ops if op.op == "set" and op.path.startswith("~")}
        feed = self.feed_of_root(session, root, opened.root_type, home, opened.actor)
        done = []
        for part_feed, part in parts_by_feed(content, form, feed):
            done.append(
                self.write(
                    session,
                    part,
                    root=root,
                    root_type=opened.root_type,
                    feed=part_feed,
                    form_version=opened.form_hash,
                    save_id=opened.save_id,
                    actor=opened.actor,
                )
            )
        return tuple(done)

    @staticmethod
    def _last_move(session: Session, root: str) -> Mapping[str, Any]:
        """Where a root was sent last: the body of the change, empty if it never moved."""
        query = select(ChangeRow.raw).where(ChangeRow.root == root, ChangeRow.kind == Kind.MOVE)
        moved = session.exec(query.order_by(col(ChangeRow.hlc).desc())).first()
        return open_sealed(moved).body if moved else {}

    def portfolio_of(self, session: Session, interview: str) -> str:
        """The enumerator who took an interview over from another, "" for one that never changed hands."""
        return str(self._last_move(session, interview).get("portfolio", ""))

    @staticmethod
    def _takes_in(session: Session, feed: str) -> bool:
        """Whether this laptop is given a feed; one that has never exchanged is not told yet and supposes so."""
        return session.get(FeedCursor, feed) is not None or session.exec(select(FeedCursor.feed)).first() is None

    def _form(self, session: Session, form_hash: str) -> Form | None:
        """The questionnaire, as a rule one that is loaded already: every section left seals."""
        if form_hash not in self.forms and (pack := form_packs.find(session, form_hash)) is not None:
            self.forms[form_hash] = form_packs.load(pack)
        return self.forms.get(form_hash)

    def feed_of_root(
        self, session: Session, root: str, root_type: str, home: dict[str, str] | None = None, actor: str = ""
    ) -> str:
        """Where a root travels: where its first change went, or by its household's village and its enumerator; a household that
        moved to another village with its tasks, an interview that another enumerator took over, travels there.

        A laptop that takes in the old feed alone goes on writing there: the county lets late work follow the root.
        """
        if root_type in (RootType.HOUSEHOLD, RootType.INTERVIEW, RootType.ASSIGNMENT):
            body = self._last_move(session, root)
            if there := register_after_move(body):
                if root_type == RootType.INTERVIEW:
                    there = interview_feed(body["village"], body["portfolio"])
                if self._takes_in(session, there):
                    return there
        first = session.exec(
            select(ChangeRow.feed)
            .where(ChangeRow.root == root, col(ChangeRow.feed).not_like("v:%:s:%"))
            .order_by(col(ChangeRow.hlc))
            .limit(1)
        ).first()
        if first:
            return first
        if root_type not in (RootType.INTERVIEW, RootType.HOUSEHOLD, RootType.ASSIGNMENT):
            return COUNTY_FEED
        facts_of = home or {}
        row = session.get(InterviewRow, root)
        household = facts_of.get("~household") or (row.household if row else root)
        village = session.exec(select(HouseholdRow.village_code).where(HouseholdRow.root == household)).first() or ""
        if root_type == RootType.INTERVIEW:
            return interview_feed(village, actor or self._actor)
        return register_feed(village)

    # --- ChangeLog ----------------------------------------------------------------------------------------------------

    def identity(self) -> LogIdentity:
        """Whose log this is, with the last seq given out."""
        with self._database.reading() as session:
            return LogIdentity(
                county=facts.read_text(session, "county"),
                device=facts.read_text(session, "device"),
                replica=facts.read_meta(session, "replica") or b"",
                max_seq=int(facts.read_text(session, "max_seq", "0")),
                certificate=facts.read_meta(session, "certificate") or b"",
                use_mode=facts.read_text(session, "use_mode"),
            )

    def seal_drafts(self) -> int:
        """Seals every open draft of every root; returns how many changes came of it.

        A draft that cannot be sealed stays a draft and holds up nobody else's.
        """
        with self._database.reading() as session:
            roots = drafts.open_roots(session)
        done = 0
        for root in roots:
            try:
                with self._database.transaction() as session:
                    done += len(self.seal(session, root))
            except (ValueError, TypeError, KeyError, IndexError, AttributeError, SyncError, FormRefused) as error:
                log.error("a draft cannot be sealed and stays a draft: %s", type(error).__name__)
        return done

    def append(self, raw: bytes) -> bool:
        """Stores one own sealed change and merges it; False if it was there."""
        with self._database.transaction() as session:
            return incoming.store_change(session, raw, origin="own", state="sealed", at=self._clock())

    def _lacking(self, session: Session, have: Have) -> list[ChangeRow]:
        replica = facts.read_meta(session, "replica") or b""
        wanted = col(ChangeRow.seq) > have.upto
        if have.gaps:
            wanted = wanted | col(ChangeRow.seq).in_(have.gaps)
        query = select(ChangeRow).where(ChangeRow.replica == replica, ChangeRow.origin == "own", wanted)
        return list(session.exec(query.order_by(col(ChangeRow.seq))))

    def own_lacking(self, have: Have, most_bytes: int) -> Sequence[OwnChange]:
        """Own changes that the server lacks, by seq, until ``most_bytes`` are full."""
        found: list[OwnChange] = []
        size = 0
        with self._database.reading() as session:
            for row in self._lacking(session, have):
                if found and size + len(row.raw) > most_bytes:
                    break
                size += len(row.raw)
                found.append(OwnChange(row.seq, row.change_id, row.raw, row.root, row.kind))
        return found

    def own_of_former_replicas(self) -> Sequence[bytes]:
        """Ids of own changes that a former replica sealed."""
        with self._database.reading() as session:
            replica = facts.read_meta(session, "replica") or b""
            query = select(ChangeRow.change_id).where(ChangeRow.origin == "own", ChangeRow.replica != replica)
            return list(session.exec(query.order_by(col(ChangeRow.replica), col(ChangeRow.seq))))

    def own_waiting(self, have: Have) -> int:
        """How many own changes the server lacks."""
        with self._database.reading() as session:
            return len(self._lacking(session, have))

    def record_verdicts(self, verdicts: Sequence[tuple[int, Verdict, str]], have: Have) -> None:
        """Marks own changes by the county's answers."""
        with self._database.transaction() as session:
            replica = facts.read_meta(session, "replica") or b""
            own = (col(ChangeRow.replica) == replica, col(ChangeRow.origin) == "own")
            waiting = col(ChangeRow.state).in_(("sealed", "custody"))
            for seq, verdict, reason in verdicts:
                state = incoming.STATE_OF_VERDICT[verdict]
                changed = update(ChangeRow).where(*own, col(ChangeRow.seq) == seq)
                if state == "admitted":
                    changed = changed.where(waiting)
                session.execute(changed.values(state=state))
                if state == "quarantined":
                    log.info("change %s quarantined by the county: %s", seq, reason)
            covered = update(ChangeRow).where(*own, waiting, col(ChangeRow.seq) <= have.upto)
            if have.gaps:
                covered = covered.where(col(ChangeRow.seq).not_in(have.gaps))
            session.execute(covered.values(state="admitted"))

    def answered(self) -> Have:
        """What the county has answered for of the present replica, as far as this laptop knows."""
        with self._database.reading() as session:
            replica = facts.read_meta(session, "replica") or b""
            own = (ChangeRow.replica == replica, ChangeRow.origin == "own")
            waiting = select(ChangeRow.seq).where(*own, col(ChangeRow.state).in_(("sealed", "custody")))
            last = session.exec(select(func.max(ChangeRow.seq)).where(*own)).one()
            return Have(last or 0, tuple(session.exec(waiting.order_by(col(ChangeRow.seq)))))

    def record_durable(self, upto: int) -> None:
        """Marks own changes up to this seq as being in a county backup."""
        with self._database.transaction() as session:
            replica = facts.read_meta(session, "replica") or b""
            session.execute(
                update(ChangeRow)
                .where(
                    col(ChangeRow.replica) == replica,
                    col(ChangeRow.origin) == "own",
                    col(ChangeRow.state) == "admitted",
                    col(ChangeRow.seq) <= upto,
                )
                .values(state="durable")
            )

    def cursors(self) -> Sequence[Cursor]:
        """One per feed known."""
        with self._database.reading() as session:
            rows = session.exec(select(FeedCursor).order_by(col(FeedCursor.feed)))
            return [Cursor(row.feed, row.epoch, row.vseq, row.digest) for row in rows]

    def take_in(self, entries: Sequence[FeedEntry], cursor: Cursor) -> None:
        """Stores consecutive entries of one feed, merges them and moves the cursor, in one transaction."""
        with self._database.transaction() as session:
            self._take_entries(session, entries, cursor)

    def put_right(self, entries: Sequence[FeedEntry], cursor: Cursor) -> None:
        """Replaces what the log believes at these vseq by these entries and sets the cursor."""
        with self._database.transaction() as session:
            places = [entry.vseq for entry in entries]
            believed = session.exec(
                select(FeedPlace.item_id).where(FeedPlace.feed == cursor.feed, col(FeedPlace.vseq).in_(places))
            ).all()
            session.execute(
                delete(FeedPlace).where(col(FeedPlace.feed) == cursor.feed, col(FeedPlace.vseq).in_(places))
            )
            self._take_entries(session, entries, cursor)
            incoming.drop_orphans(session, believed)

    def _take_entries(self, session: Session, entries: Sequence[FeedEntry], cursor: Cursor) -> None:
        if self._keys is None:
            self._keys = incoming.known_keys(session)
        self._absorb(session, incoming.take_entries(session, entries, self._clock(), self._keys))
        if cursor.feed == COUNTY_FEED:  # it tells keys
            self._keys = incoming.known_keys(session)
            if self._keys is not None:
                incoming.look_again(session, self._keys, self._clock())
        incoming.set_cursor(session, cursor)

    def _absorb(self, session: Session, hlcs: Sequence[int]) -> None:
        """Others' clock values, as far as they are not wildly in the future."""
        now_ms = int(self._clock().timestamp() * 1000)
        clock = HybridClock(int(facts.read_text(session, "hlc", "0")))
        for hlc in hlcs:
            clock = clock.absorb(hlc, now_ms)
        facts.write_text(session, "hlc", str(clock.last))

    def feed_items(self, feed: str, first: int, last: int) -> Sequence[FeedItem]:
        """What the log believes to stand at these places of a feed."""
        with self._database.reading() as session:
            query = select(FeedPlace).where(
                FeedPlace.feed == feed, col(FeedPlace.vseq) >= first, col(FeedPlace.vseq) <= last
            )
            return [FeedItem(row.vseq, row.item_id) for row in session.exec(query.order_by(col(FeedPlace.vseq)))]

    def raw_of(self, change_ids: Sequence[bytes]) -> Sequence[bytes]:
        """The bytes of those of these changes that are here, own or others'."""
        with self._database.reading() as session:
            query = select(ChangeRow.raw).where(col(ChangeRow.change_id).in_(change_ids))
            return list(session.exec(query))

    def forget_cursors(self, epoch: str) -> None:
        """The server was restored: drop cursors and places; changes stay."""
        with self._database.transaction() as session:
            session.execute(delete(FeedCursor))
            session.execute(delete(FeedPlace))
            session.execute(
                update(ChangeRow)
                .where(col(ChangeRow.origin) == "own", col(ChangeRow.state).in_(("admitted", "durable")))
                .values(state="sealed")
            )
            facts.write_text(session, "epoch", epoch)
            facts.write_text(session, "replacing", "1")

    def put_away_unplaced(self) -> int:
        """After a restore: others' changes that stand in no feed any more are kept aside and shown no longer."""
        with self._database.transaction() as session:
            if not facts.read_text(session, "replacing"):
                return 0
            facts.write_text(session, "replacing", "")
            return incoming.put_away_unplaced(session, self._clock())

    def drop_feed(self, feed: str) -> None:
        """The certificate no longer covers this feed: its cursor goes, and of its roots what is not own unsent work."""
        with self._database.transaction() as session:
            incoming.drop_feed(session, feed)

    def renew_replica(self, replica: bytes, have: Have) -> int:
        """Goes on as ``replica``; own changes the server lacks are sealed anew under it, their parents renamed."""
        if self._key is None:
            raise ValueError("this log is open for reading")
        with self._database.transaction() as session:
            lacking = [row for row in self._lacking(session, have) if peek(row.raw).version <= VERSION]
            old = facts.read_meta(session, "replica") or b""
            renamed: dict[Dot, Dot] = {(old, row.seq): (replica, n) for n, row in enumerate(lacking, start=1)}
            roots = dict.fromkeys(row.root for row in lacking)
            for n, row in enumerate(lacking, start=1):
                change = open_sealed(row.raw)
                writes = tuple(replace(w, prev=tuple(renamed.get(d, d) for d in w.prev)) for w in change.writes)
                gone = tuple(
                    replace(one, prev=tuple(renamed.get(d, d) for d in one.prev)) for one in change.deleted_rows
                )
                anew = replace(change, replica=replica, seq=n, writes=writes, deleted_rows=gone)
                session.execute(delete(ChangeRow).where(col(ChangeRow.change_id) == row.change_id))
                session.add(
                    incoming.row_of(anew, seal(anew, self._key), origin="own", state="sealed", at=self._clock())
                )
            # What is left under the old name is at the county: it would be waited for in vain.
            held = update(ChangeRow).where(col(ChangeRow.replica) == old, col(ChangeRow.origin) == "own")
            held = held.where(col(ChangeRow.state).in_(("sealed", "custody")))
            session.execute(held.values(state="admitted"))
            facts.write_meta(session, "replica", replica)
            facts.write_text(session, "max_seq", str(len(lacking)))
            session.flush()
            drafts.rename_parents(session, renamed)
            drafts.rename_pinned_heads(session, renamed)
            for root in roots:
                root_states.rebuild(session, root)
            return len(lacking)

    def set_certificate(self, certificate: bytes) -> None:
        """A newer device certificate from the county.

        Raises:
            CertificateRefused: not signed by this county's key, or of another laptop; the one there is stays.
        """
        with self._database.transaction() as session:
            county_key = Ed25519PublicKey.from_public_bytes(facts.read_meta(session, "county_signing_key") or b"")
            read = read_device_certificate(certificate, county_key)
            if read.device != facts.read_text(session, "device") or (
                self._key is not None and read.signing_key != self._key.public_key().public_bytes_raw()
            ):
                raise CertificateRefused("certificate of another laptop")
            held = facts.read_meta(session, "certificate")
            if held and read_device_certificate(held, county_key).serial >= read.serial:
                return  # a stick that was long on its way brings an older one
            facts.write_meta(session, "certificate", certificate)

    def observe_clock(self, server_ms: int, local_ms: int, round_trip_ms: int) -> None:
        """A pair of clock readings."""
        with self._database.transaction() as session:
            offset = server_ms - local_ms
            session.add(ClockObservation(at=self._clock(), offset_ms=offset, round_trip_ms=round_trip_ms))

    def note_sync(self, line: str) -> None:
        """One sentence for the readable log."""
        with self._database.transaction() as session:
            session.add(SyncLog(at=self._clock().astimezone(UTC), sentence=line))

    def is_away(self, session: Session, root: str) -> bool:
        """The root has moved where this laptop's feeds do not reach: to be read here, not written any more."""
        told = session.exec(select(FeedPlace.feed, FeedPlace.vseq, FeedPlace.fact).where(FeedPlace.kind == "fact"))
        return root in roots_away((feed, vseq, fact) for feed, vseq, fact in told)

    def count_own(self, session: Session, *states: str) -> int:
        """Own changes in these states."""
        query = select(func.count()).select_from(ChangeRow)
        return session.exec(query.where(ChangeRow.origin == "own", col(ChangeRow.state).in_(states))).one()
