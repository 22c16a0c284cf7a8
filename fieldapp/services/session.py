"""Signing in on this laptop: who works here, the key, and what a signed-in person may do.

A :class:`Laptop` is a folder with ``keys.json`` (wrapped keys, names of staff) and ``store.db`` (the encrypted store). Unlocking
gives a :class:`Session`, the first argument of every service function.
"""

from __future__ import annotations

import logging
import os
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sqlmodel import select

from fieldapp.errors import (
    AlreadyEnrolled,
    DamagedStore,
    FormMissing,
    NotAllowed,
    NotEnrolled,
    ReadOnlyDisk,
    SessionLocked,
    WrongPassphrase,
)
from fieldapp.services.machine_clock import CHINA as CHINA
from fieldapp.services.machine_clock import clock_sentence
from fieldapp.store import activity, facts, form_packs, incoming
from fieldapp.store.changes import ChangeStore
from fieldapp.store.database import STORE_FILE, Database
from fieldapp.store.holding import Hold
from fieldapp.store.keys import KEY_FILE, KeyCost, KeyFile, KeyHolder, Keys, check_passphrase, plain_code
from fieldapp.store.migrating import migrate
from fieldapp.store.tables import Certificate, Staff, VillageRow
from forms.engine import Form
from forms.errors import FieldAppError
from sync.project import UseMode
from sync.scope import Role, UserCertificate, read_user_certificate

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Village:
    """A village of this person's scope: 12-digit code and the name people use."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Person:
    """One account on the unlock screen."""

    account: str
    name: str
    role: Role
    villages: tuple[str, ...]  # names
    last_used_at: datetime | None
    has_passphrase: bool  # False: invited, chooses a passphrase at the first sign-in
    blocked_until: datetime | None  # after five wrong passphrases


@dataclass(frozen=True, slots=True)
class LaptopInfo:
    """What the unlock screen shows of the laptop before anybody has signed in; nothing of any household."""

    device_name: str
    county_name: str
    township_name: str
    period_title: str  # 2026 年三季度, "" when unknown
    window_title: str  # 9 月 20 日 — 10 月 15 日
    last_used_at: datetime | None
    clock_sentence: str  # 比上次关机晚 13 小时，时间正常
    clock_ok: bool


@dataclass(frozen=True, slots=True)
class Founding:
    """What a new laptop is made of: the county's answer to its enrolment, and its own new keys.

    Args:
        people: certificates of the people who may sign in here, signed by the county.
        secrets: account → (passphrase or one-time code, whether it is a code).
        facts: address of the server and its pinned certificate, and what the unlock screen shows.
        use_mode: of the county project; fixed by this (services/project.py).
    """

    county: str
    county_name: str
    county_signing_key: bytes
    county_sealing_key: bytes
    device: str
    device_name: str
    device_certificate: bytes
    signing_key: Ed25519PrivateKey = field(repr=False)
    sealing_key: X25519PrivateKey = field(repr=False)
    people: tuple[bytes, ...] = field(default=(), repr=False)
    secrets: Mapping[str, tuple[str, bool]] = field(default_factory=dict, repr=False)
    facts: Mapping[str, str] = field(default_factory=dict)
    replica: bytes = b""
    use_mode: UseMode = UseMode.WORK


class Laptop:
    """This computer's folder of data.

    Args:
        folder: holds ``keys.json`` and ``store.db``; made when missing.
        clock: aware UTC now.
        key_cost: Argon2id parameters for new passphrases; tests take cheap ones.
    """

    def __init__(
        self, folder: Path, *, clock: Callable[[], datetime] | None = None, key_cost: KeyCost | None = None
    ) -> None:
        self.folder = folder
        self._machine_clock = clock or (lambda: datetime.now(UTC))
        self.key_cost = key_cost or KeyCost()
        self._keys = Keys(folder, cost=key_cost, clock=self._machine_clock)

    @property
    def enrolled(self) -> bool:
        """Whether this laptop belongs to a county (enrolling.py makes it so)."""
        return self._keys.exists and (self.folder / STORE_FILE).exists()

    def info(self) -> LaptopInfo:
        """Facts for the unlock screen."""
        told = self._keys.read().facts if self._keys.exists else {}
        last = _instant(told.get("last_used_at", ""))
        now = self._machine_clock()
        sentence, fine = clock_sentence(now, last)
        return LaptopInfo(
            device_name=told.get("device_name", ""),
            county_name=told.get("county_name", ""),
            township_name=told.get("township_name", ""),
            period_title=told.get("period_title", ""),
            window_title=told.get("window_title", ""),
            last_used_at=last,
            clock_sentence=sentence,
            clock_ok=fine,
        )

    def people(self) -> tuple[Person, ...]:
        """The accounts of this laptop, last used first."""
        if not self._keys.exists:
            return ()
        found = [
            Person(
                account=holder.account,
                name=holder.name,
                role=Role(holder.role),
                villages=holder.villages,
                last_used_at=holder.last_used_at,
                has_passphrase=holder.wrapped is not None and not holder.first_code,
                blocked_until=holder.blocked_until,
            )
            for holder in self._keys.read().holders
        ]
        never = datetime.min.replace(tzinfo=UTC)
        return tuple(sorted(found, key=lambda one: one.last_used_at or never, reverse=True))

    def unlock(self, account: str, passphrase: str) -> Session:
        """Opens the store for one person.

        Raises:
            WrongPassphrase: with how many tries are left.
            TooManyTries: with the minutes to wait.
            DamagedStore: the file cannot be read with the right key.
            StoreBusy: another program works in this folder.
        """
        if not self.enrolled:
            raise NotEnrolled("no store in this folder")
        with Hold(self.folder):
            holder = self._keys.read().holder(account)
            typed = plain_code(passphrase) if holder is not None and holder.first_code else passphrase
            return self._open(account, self._keys.open(account, typed))

    def _open(self, account: str, data_key: bytes) -> Session:
        path = self.folder / STORE_FILE
        if not path.exists() or not path.stat().st_size:
            # A new one in its place would look as if nothing had ever been there.
            raise DamagedStore("the store is empty")
        migrate(path, data_key)
        database = Database(path, data_key)
        try:
            with database.transaction() as writing:
                incoming.after_upgrade(writing)
            return Session(self, self._keys, database, account, self._machine_clock)
        except BaseException:
            database.close()
            raise

    def confirm_clock(self, now: datetime) -> None:
        """The person says what time it is; the difference to the machine is applied from the next sign-in on."""
        difference = int((now - self._machine_clock()).total_seconds())
        self._keys.set_facts(clock_correction_s=str(difference))

    def found(self, founding: Founding) -> None:
        """Makes the store of a laptop that has just joined a county. Nothing is left behind if it cannot be made whole.

        What an earlier enrolment left without its other half (a store without keys, keys without a store) may still be read
        one day, with the other half found again: it is put aside, never deleted.

        Raises:
            AlreadyEnrolled: there is a store already.
        """
        if self.enrolled:
            raise AlreadyEnrolled("folder holds a store")
        county_key = Ed25519PublicKey.from_public_bytes(founding.county_signing_key)
        people = [read_user_certificate(raw, county_key) for raw in founding.people]
        data_key = self._keys.make_data_key()
        path = self.folder / STORE_FILE
        self.folder.mkdir(parents=True, exist_ok=True)
        with Hold(self.folder):
            _put_aside(self.folder, self._machine_clock())
            try:
                self._found(founding, people, data_key, path)
            except BaseException:
                for left in _store_files(path):
                    left.unlink(missing_ok=True)
                raise

    def _found(self, founding: Founding, people: list[UserCertificate], data_key: bytes, path: Path) -> None:
        migrate(path, data_key)
        database = Database(path, data_key)
        try:
            _write_founding(database, founding, people, self._machine_clock())
        finally:
            database.close()
        holders = []
        for person in people:
            holder = KeyHolder(person.account, person.name, str(person.role))
            if person.account in founding.secrets:
                secret, is_code = founding.secrets[person.account]
                typed = plain_code(secret) if is_code else secret
                holder = self._keys.wrap(holder, data_key, typed, first_code=is_code)
            holders.append(holder)
        shown = {"device_name": founding.device_name, "county_name": founding.county_name, **founding.facts}
        county = X25519PublicKey.from_public_bytes(founding.county_sealing_key)
        self._keys.write(self._keys.sealed_for_recovery(KeyFile(tuple(holders), None, shown), data_key, county))

    def set_first_passphrase(self, account: str, code: str, passphrase: str) -> Session:
        """Replaces the one-time code by the own passphrase and signs in.

        Raises:
            WeakPassphrase, WrongPassphrase.
        """
        check_passphrase(passphrase)
        if not self.enrolled:
            raise NotEnrolled("no store in this folder")
        with Hold(self.folder):
            data_key = self._keys.open(account, plain_code(code))
            holder = self._keys.read().holder(account)
            if holder is None or not holder.first_code:
                raise WrongPassphrase("there is a passphrase already", left=0)
            self._keys.put(self._keys.wrap(holder, data_key, passphrase))
            return self._open(account, data_key)


class Session:
    """A signed-in person on this laptop. Made by :meth:`Laptop.unlock` alone."""

    def __init__(
        self, laptop: Laptop, keys: Keys, database: Database, account: str, clock: Callable[[], datetime]
    ) -> None:
        self.laptop = laptop
        self.database = database
        self._keys = keys
        self._machine_clock = clock
        self._correction = timedelta(seconds=int(keys.read().facts.get("clock_correction_s", "0")))
        self._loading = threading.Lock()
        self.earlier_waves: dict[tuple[str, ...], bytes] = {}  # see snapshots.py; forgotten with the session
        self.seen: dict[tuple[object, ...], object] = {}  # what the screen showed of what may be decided next
        self._locked = False
        with database.reading() as reading:
            county_key = Ed25519PublicKey.from_public_bytes(facts.read_meta(reading, "county_signing_key") or b"")
            row = reading.get(Certificate, ("user", account))
            if row is None:
                raise NotAllowed("no certificate", role=account, deed="用这台电脑")
            # The role comes from the county's signature inside the encrypted store, never from the key file.
            certificate = read_user_certificate(row.raw, county_key)
            if certificate.account != account:
                raise NotAllowed("somebody else's certificate", role=account, deed="用这台电脑")
            names = {one.code: one.name for one in reading.exec(select(VillageRow))}
            self.county = facts.read_text(reading, "county")
            self.county_name = facts.read_text(reading, "county_name")
            self.use_mode = UseMode(facts.read_text(reading, "use_mode") or UseMode.WORK)
            self.device = facts.read_text(reading, "device")
            self.device_name = facts.read_text(reading, "device_name")
            key = facts.read_meta(reading, "signing_key") or b""
        self.account = certificate.account
        self.name = certificate.name
        self.role = certificate.role
        self.village_codes = certificate.villages
        self.villages = tuple(Village(code, names.get(code, code)) for code in certificate.villages)
        self.signing_key = Ed25519PrivateKey.from_private_bytes(key)
        self.changes = ChangeStore(database, clock=self.now, actor=account, signing_key=self.signing_key)
        self._forms = self.changes.forms  # one loading serves the screens and the sealing
        with database.transaction() as writing:
            activity.note(writing, self.now(), account, "unlock")
        shown = [village.name for village in self.villages][:4]
        holder = keys.read().holder(account)
        if holder is not None and holder.villages != tuple(shown):
            keys.put(replace(holder, villages=tuple(shown)))
        keys.set_facts(last_used_at=self.now().isoformat())
        self._hold = Hold(laptop.folder)

    @property
    def closed(self) -> bool:
        """Whether the key has been forgotten."""
        return self._locked

    @property
    def replica(self) -> bytes:
        """The eight bytes that name this incarnation of the store in every change."""
        return self.changes.identity().replica

    def now(self) -> datetime:
        """Aware UTC, with the correction the person confirmed."""
        return self._machine_clock() + self._correction

    def today(self) -> date:
        """The day in China."""
        return self.now().astimezone(CHINA).date()

    def require(self, deed: str, *roles: Role) -> None:
        """Raises NotAllowed unless this person has one of the roles.

        Args:
            deed: Chinese verb phrase for the sentence: 通过问卷.
        """
        if self._locked:
            raise SessionLocked("session is locked")
        if self.role not in roles:
            raise NotAllowed("role", role=self.role.zh, deed=deed)

    def load_form(self, form_hash: str) -> Form:
        """A questionnaire by its hash, compiled once per sign-in.

        Raises:
            FormMissing.
        """
        if form_hash not in self._forms:
            with self.database.reading() as reading:
                pack = form_packs.find(reading, form_hash)
            if pack is None:
                raise FormMissing("form pack not here")
            with self._loading:  # two threads wait for one loading rather than do it twice; nothing is read inside
                if form_hash not in self._forms:
                    self._forms[form_hash] = form_packs.load(pack)
        return self._forms[form_hash]

    def change_passphrase(self, old: str, new: str) -> None:
        """Wraps the data key anew; the store is not rewritten.

        Raises:
            WeakPassphrase: shorter than 10 characters or digits alone, and not four words.
            WrongPassphrase: ``old`` does not open.
        """
        self._keys.change_passphrase(self.account, old, new)
        with self.database.transaction() as writing:
            activity.note(writing, self.now(), self.account, "change passphrase")

    def confirm_passphrase(self, passphrase: str) -> None:
        """The person at a locked screen is the one who signed in: the place is kept, nothing is reopened.

        Raises:
            WrongPassphrase, TooManyTries.
        """
        self._keys.open(self.account, passphrase)

    def admit(self, certificate: bytes, code: str) -> Person:
        """Lets another person of this county sign in here with the one-time code that the county gave that person.

        Only the county's own answer to the code (enrolling.py) leads here: nobody can let himself in as somebody else.
        """
        with self.database.reading() as reading:
            county_key = Ed25519PublicKey.from_public_bytes(facts.read_meta(reading, "county_signing_key") or b"")
        person = read_user_certificate(certificate, county_key)
        with self.database.transaction() as writing:
            writing.merge(Certificate(kind="user", subject=person.account, raw=certificate, received_at=self.now()))
            staff = Staff(
                account=person.account, name=person.name, role=str(person.role), villages=" ".join(person.villages),
                own=True,
            )  # fmt: skip
            writing.merge(staff)
            activity.note(writing, self.now(), self.account, "admit", person.account)
        holder = KeyHolder(person.account, person.name, str(person.role))
        self._keys.put(self.database.wrap_key(self._keys, holder, plain_code(code)))
        return next(one for one in self.laptop.people() if one.account == person.account)

    def remember(self, name: str, value: str) -> None:
        """A preference of this person on this laptop: type size, contrast, grid direction, last place."""
        with self.database.transaction() as writing:
            facts.write_preference(writing, self.account, name, value)

    def remembered(self, name: str, default: str = "") -> str:
        """What :meth:`remember` kept."""
        with self.database.reading() as reading:
            value = facts.read_preference(reading, self.account, name)
        return default if value is None else value

    def show_before_unlock(self, **facts_shown: str) -> None:
        """Keeps what the unlock screen says (period, window); nothing of any household."""
        self._keys.set_facts(**facts_shown)

    def lock(self) -> None:
        """Seals open drafts, closes the store and forgets the key: always, also when the disk takes nothing more.

        What could not be sealed stays on disk as drafts and is sealed at the next exchange.
        """
        if self._locked:
            return
        self._locked = True
        try:
            self.changes.seal_drafts()
            with self.database.transaction() as writing:
                activity.note(writing, self.now(), self.account, "lock")
            self._keys.set_facts(last_used_at=self.now().isoformat())
        except FieldAppError as error:
            log.warning("locked without a last note: %s", type(error).__name__)
        finally:
            self._forget()

    def close(self) -> None:
        """Closes the store and forgets the key without writing anything more: what follows destroys it (wiping.py)."""
        self._locked = True
        self._forget()

    def _forget(self) -> None:
        self._forms.clear()
        self.earlier_waves.clear()
        self.seen.clear()
        self.database.close()
        self._hold.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.lock()


def _store_files(path: Path) -> tuple[Path, ...]:
    return (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm"))


def _put_aside(folder: Path, at: datetime) -> None:
    """Moves what is left of an earlier enrolment into a folder of its own beside it.

    Raises:
        ReadOnlyDisk: it cannot be moved; nothing has been made.
    """
    left = [*_store_files(folder / STORE_FILE), folder / KEY_FILE, (folder / KEY_FILE).with_suffix(".previous.json")]
    found = [path for path in left if path.exists()]
    if not found:
        return
    number = 1
    while (kept := folder / f"kept-{at:%Y%m%d}-{number}").exists():
        number += 1
    try:
        kept.mkdir()
        for path in found:
            os.replace(path, kept / path.name)
    except OSError as error:
        raise ReadOnlyDisk("an earlier store cannot be put aside") from error


def _instant(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        return None


def _write_founding(database: Database, founding: Founding, people: list[UserCertificate], at: datetime) -> None:
    def raw(key: Ed25519PrivateKey | X25519PrivateKey) -> bytes:
        return key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())

    with database.transaction() as session:
        facts.write_text(session, "county", founding.county)
        facts.write_text(session, "county_name", founding.county_name)
        facts.write_text(session, "use_mode", founding.use_mode)
        facts.write_text(session, "device", founding.device)
        facts.write_text(session, "device_name", founding.device_name)
        facts.write_meta(session, "county_signing_key", founding.county_signing_key)
        facts.write_meta(session, "county_sealing_key", founding.county_sealing_key)
        facts.write_meta(session, "signing_key", raw(founding.signing_key))
        facts.write_meta(session, "sealing_key", raw(founding.sealing_key))
        facts.write_meta(session, "certificate", founding.device_certificate)
        facts.write_meta(session, "replica", founding.replica or secrets.token_bytes(8))
        for name, value in founding.facts.items():
            facts.write_text(session, name, value)
        for certificate, raw_certificate in zip(people, founding.people, strict=True):
            session.add(Certificate(kind="user", subject=certificate.account, raw=raw_certificate, received_at=at))
            session.merge(
                Staff(
                    account=certificate.account,
                    name=certificate.name,
                    role=str(certificate.role),
                    villages=" ".join(certificate.villages),
                    own=True,
                )
            )
        activity.note(session, at, "", "enrol", founding.device)
