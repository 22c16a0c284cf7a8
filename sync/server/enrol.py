"""Who is known to the county: accounts, laptops, one-time codes, revocation. Certificates are signed here.

An account becomes a control root in the county feed, so that every laptop knows its colleagues' names offline.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from sqlalchemy import Connection, select

from sync.errors import EnrolmentRefused
from sync.known_keys import DEVICE_CONTROL
from sync.lease import LETTERS, lease_code
from sync.messages import enrol_signed_part
from sync.project import UseMode
from sync.protocol import EnrolReply, EnrolRequest
from sync.scope import (
    DeviceCertificate,
    Role,
    UserCertificate,
    feeds_of_role,
    issue,
    read_device_certificate,
    read_user_certificate,
)
from sync.server import audit, tables
from sync.server.admission import COUNTY_DEVICE
from sync.server.database import Database
from sync.server.errors import NoSuchThing, NotInStatistics
from sync.server.keys import CountyKeys, raw_public
from sync.server.publishing import control_root, publish

_DAY_MS: Final = 24 * 3600 * 1000
_USER_DAYS: Final = 3 * 365
_DEVICE_DAYS: Final = 3 * 365
_CODE_DAYS: Final = 14
_RENEWAL_DAYS: Final = 180  # before a certificate ends, its laptop is given the next one
_CODE_LETTERS: Final = 12
_LEAST_OF_ID: Final = 6


@dataclass(frozen=True, slots=True)
class Account:
    """A person's account, as the county lists it."""

    account: str
    name: str
    role: Role
    villages: tuple[str, ...]
    status: str


@dataclass(frozen=True, slots=True)
class Laptop:
    """A laptop, as the county lists it."""

    device: str
    name: str
    holder: str
    role: Role
    feeds: tuple[str, ...]
    status: str
    last_seen_ms: int


class Enrolment:
    """The county's register of accounts and laptops."""

    def __init__(
        self,
        database: Database,
        keys: CountyKeys,
        *,
        now_ms: Callable[[], int],
        chance: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._database = database
        self._keys = keys
        self._now_ms = now_ms
        self._chance = chance

    # --- accounts -----------------------------------------------------------------------------------------------------

    def add_account(self, account: str, name: str, role: Role, villages: Sequence[str]) -> UserCertificate:
        """A new account, or new rights for an old one; announced in the county feed.

        Raises:
            NotInStatistics: 监测帮扶人员 have no access to a statistical survey (people-and-process.md 1).
        """

        if role is Role.CMON and self._keys.use_mode is UseMode.STAT:
            raise NotInStatistics("post", role=role.zh)

        def work(connection: Connection) -> UserCertificate:
            now = self._now_ms()
            old = self._account_row(connection, account)
            certificate = UserCertificate(
                self._keys.county, account, name, role, feeds_of_role(role, villages, account), tuple(villages),
                now - _DAY_MS, now + _USER_DAYS * _DAY_MS, old.serial + 1 if old else 1,
            )  # fmt: skip
            values = {
                "certificate": issue(certificate, self._keys.signing),
                "serial": certificate.serial,
                "status": "active",
            }
            if old:
                connection.execute(tables.account.update().where(*self._is_account(account)).values(**values))
            else:
                connection.execute(
                    tables.account.insert().values(county_id=self._keys.county, account=account, **values)
                )
            self._announce(connection, certificate, active=True)
            self._audit(connection, "account", {"account": account, "role": str(role), "villages": list(villages)})
            return certificate

        return self._database.run(work)

    def close_account(self, account: str) -> None:
        """What this person writes from now on waits in quarantine. Raises NoSuchThing."""

        def work(connection: Connection) -> None:
            row = self._account_row(connection, account)
            if row is None:
                raise NoSuchThing("account", what=account)
            connection.execute(tables.account.update().where(*self._is_account(account)).values(status="closed"))
            self._announce(connection, read_user_certificate(row.certificate, self._keys.verify_key), active=False)
            self._audit(connection, "close account", {"account": account})

        self._database.run(work)

    def accounts(self) -> list[Account]:
        """All accounts, by name of account."""
        with self._database.reading() as connection:
            query = select(tables.account).where(tables.account.c.county_id == self._keys.county)
            rows = connection.execute(query.order_by(tables.account.c.account)).all()
        found = []
        for row in rows:
            user = read_user_certificate(row.certificate, self._keys.verify_key)
            found.append(Account(user.account, user.name, user.role, user.villages, row.status))
        return found

    def _announce(self, connection: Connection, user: UserCertificate, *, active: bool) -> None:
        facts: dict[str, Any] = {
            "control": "user",
            "account": user.account,
            "name": user.name,
            "role": str(user.role),
            "villages": list(user.villages),
            "active": active,
            "certificate": issue(user, self._keys.signing),
        }
        publish(
            connection, self._database, self._keys, control_root("user", user.account), "control", facts,
            now_ms=self._now_ms(), chance=self._chance,
        )  # fmt: skip

    # --- codes --------------------------------------------------------------------------------------------------------

    def make_code(self, account: str, days: int = _CODE_DAYS) -> str:
        """A one-time code for a laptop of this account, e.g. ``K7QM-3XTD-9HBA``. Kept as a hash only."""

        def work(connection: Connection) -> str:
            if self._account_row(connection, account) is None:
                raise NoSuchThing("account", what=account)
            letters = "".join(
                LETTERS[int.from_bytes(self._chance(4), "big") % len(LETTERS)] for _ in range(_CODE_LETTERS)
            )
            connection.execute(
                tables.enrolment_code.insert().values(
                    county_id=self._keys.county,
                    code_hash=self._hash(letters),
                    account=account,
                    expires_at=self._now_ms() + days * _DAY_MS,
                    used_at=0,
                    used_by="",
                )
            )
            self._audit(connection, "code", {"account": account})
            return "-".join(letters[i : i + 4] for i in range(0, _CODE_LETTERS, 4))

        return self._database.run(work)

    def by_code(self, request: EnrolRequest) -> EnrolReply:
        """Certificates for a one-time code; a second account on the same laptop widens the laptop's feeds.

        Raises:
            EnrolmentRefused: unknown, used or expired code, or a signature that does not fit.
        """
        try:
            key = Ed25519PublicKey.from_public_bytes(request.signing_key)
            key.verify(request.signature, enrol_signed_part(request))
        except (InvalidSignature, ValueError) as error:
            raise EnrolmentRefused("the request is not signed by its key") from error
        return self._database.run(lambda connection: self._by_code(connection, request))

    def _by_code(self, connection: Connection, request: EnrolRequest) -> EnrolReply:
        now = self._now_ms()
        table = tables.enrolment_code
        letters = "".join(letter for letter in request.code.upper() if letter in LETTERS)
        mine = (table.c.county_id == self._keys.county, table.c.code_hash == self._hash(letters))
        code = connection.execute(self._database.locked(select(table).where(*mine))).first()
        if code is None or code.expires_at < now:
            raise EnrolmentRefused("unknown or expired code")
        known = self._device_row(connection, request.device)
        if code.used_at and not (code.used_by == request.device and known and self._same_laptop(known, request)):
            raise EnrolmentRefused("the code has been used")  # the same laptop may ask again: its answer got lost
        person = self._account_row(connection, code.account)
        if person is None or person.status != "active":
            raise EnrolmentRefused("the account is closed")
        user = read_user_certificate(person.certificate, self._keys.verify_key)
        if code.used_at:
            # The same answer again: an old slip must not widen what the office has narrowed since.
            if known.status != "active":
                raise EnrolmentRefused("the laptop is revoked")
            device_certificate: bytes = known.certificate
        else:
            certificate = self._device_certificate(request, user, known, now)
            connection.execute(table.update().where(*mine).values(used_at=now, used_by=request.device))
            self._write_device(connection, certificate, request.device_name, known)
            self._audit(connection, "enrol", {"device": request.device, "account": user.account})
            device_certificate = issue(certificate, self._keys.signing)
        return EnrolReply(
            self._keys.county, self._keys.name, raw_public(self._keys.signing), raw_public(self._keys.sealing),
            device_certificate, person.certificate, now, str(self._keys.use_mode),
        )  # fmt: skip

    def _device_certificate(
        self, request: EnrolRequest, user: UserCertificate, known: Any, now: int
    ) -> DeviceCertificate:
        fresh = DeviceCertificate(
            self._keys.county, request.device, user.account, user.role, user.feeds, request.signing_key,
            request.sealing_key, now - _DAY_MS, now + _DEVICE_DAYS * _DAY_MS,
        )  # fmt: skip
        if known is None:
            return fresh
        if not self._same_laptop(known, request):
            raise EnrolmentRefused("a device id that is taken")
        old = read_device_certificate(known.certificate, self._keys.verify_key)
        feeds = tuple(sorted({*old.feeds, *user.feeds}))
        if known.status != "active":
            raise EnrolmentRefused("the laptop is revoked")
        return replace(old, feeds=feeds, serial=old.serial + 1, not_after_ms=fresh.not_after_ms)

    def _write_device(self, connection: Connection, certificate: DeviceCertificate, name: str, known: Any) -> None:
        """The laptop's row, and its certificate for everybody: changes are checked with it wherever they came from."""
        values = {"certificate": issue(certificate, self._keys.signing), "serial": certificate.serial}
        self._announce_device(connection, certificate.device, values["certificate"])
        if known is None:
            connection.execute(
                tables.device.insert().values(
                    county_id=self._keys.county, device=certificate.device, status="active", name=name[:60],
                    last_seen=0, last_offset_ms=0, **values,
                )
            )  # fmt: skip
        else:
            where = (tables.device.c.county_id == self._keys.county, tables.device.c.device == certificate.device)
            connection.execute(tables.device.update().where(*where).values(**values))

    def _announce_device(self, connection: Connection, device: str, certificate: object) -> None:
        facts = {"control": DEVICE_CONTROL, "device": device, "certificate": certificate}
        publish(
            connection, self._database, self._keys, control_root(DEVICE_CONTROL, device), "control", facts,
            now_ms=self._now_ms(), chance=self._chance,
        )  # fmt: skip

    def announce_devices(self) -> None:
        """Certificates that the county feed does not tell yet: of laptops enrolled before it told any."""

        def work(connection: Connection) -> None:
            table = tables.device
            where = (table.c.county_id == self._keys.county, table.c.device != COUNTY_DEVICE)
            for row in connection.execute(select(table.c.device, table.c.certificate).where(*where)).all():
                self._announce_device(connection, row.device, row.certificate)

        self._database.run(work)

    def _same_laptop(self, known: Any, request: EnrolRequest) -> bool:
        old = read_device_certificate(known.certificate, self._keys.verify_key)
        return self._keys.same(old.signing_key, request.signing_key)

    # --- laptops ------------------------------------------------------------------------------------------------------

    def revoke_device(self, device: str, *, wipe: bool = False) -> None:
        """From now on: nothing is given to this laptop, what it sends waits in quarantine. Raises NoSuchThing.

        Args:
            wipe: after it has sent everything, it is told to destroy its key.
        """

        def work(connection: Connection) -> None:
            where = (tables.device.c.county_id == self._keys.county, tables.device.c.device == device)
            status = "wipe" if wipe else "revoked"
            if connection.execute(tables.device.update().where(*where).values(status=status)).rowcount == 0:
                raise NoSuchThing("device", what=device)
            facts = {"control": "revoked", "device": device}
            publish(
                connection, self._database, self._keys, control_root("revoked", device), "control", facts,
                now_ms=self._now_ms(), chance=self._chance,
            )  # fmt: skip
            self._audit(connection, "revoke", {"device": device, "wipe": wipe})

        self._database.run(work)

    def set_feeds(self, device: str, feeds: Sequence[str]) -> None:
        """Gives a laptop another scope: a new certificate, handed over at its next hello. Raises NoSuchThing."""

        def work(connection: Connection) -> None:
            row = self._device_row(connection, device)
            if row is None:
                raise NoSuchThing("device", what=device)
            old = read_device_certificate(row.certificate, self._keys.verify_key)
            changed = replace(old, feeds=tuple(feeds), serial=old.serial + 1)
            self._write_device(connection, changed, row.name, row)
            self._audit(connection, "scope", {"device": device, "feeds": list(feeds)})

        self._database.run(work)

    def renew_if_due(self, connection: Connection, row: Any) -> Any:
        """The device's row, with a certificate of the same rights for further years when the present one ends soon."""
        old = read_device_certificate(row.certificate, self._keys.verify_key)
        now = self._now_ms()
        if row.status != "active" or old.not_after_ms - now > _RENEWAL_DAYS * _DAY_MS:
            return row
        renewed = replace(old, serial=old.serial + 1, not_after_ms=now + _DEVICE_DAYS * _DAY_MS)
        self._write_device(connection, renewed, row.name, row)
        self._audit(connection, "renew", {"device": old.device})
        return self._device_row(connection, old.device)

    def note_wipe(self, connection: Connection, device: str) -> None:
        """The order has been given to the laptop: the last that will be heard of it."""
        self._audit(connection, "wipe ordered", {"device": device})

    def lease_code(self, device: str, challenge: str) -> str:
        """What is read out to a laptop without a line, so that it may be read and printed from for two more weeks.

        Args:
            device: its id, or as much of the beginning as names one laptop.
            challenge: the six letters on its screen.

        Raises:
            NoSuchThing: no such laptop, or it is revoked.
        """

        def work(connection: Connection) -> str:
            table = tables.device
            rows = connection.execute(select(table).where(table.c.county_id == self._keys.county)).all()
            fitting = [row for row in rows if row.device.startswith(device.lower()) and row.status == "active"]
            if len(device) < _LEAST_OF_ID or len(fitting) != 1:
                raise NoSuchThing("device", what=device)
            certificate = read_device_certificate(fitting[0].certificate, self._keys.verify_key)
            other = X25519PublicKey.from_public_bytes(certificate.sealing_key)
            self._audit(connection, "lease code", {"device": certificate.device})
            return lease_code(self._keys.sealing, other, certificate.device, challenge)

        return self._database.run(work)

    def devices(self) -> list[Laptop]:
        """All laptops but the county's own hand."""
        with self._database.reading() as connection:
            query = select(tables.device).where(tables.device.c.county_id == self._keys.county)
            rows = connection.execute(query.order_by(tables.device.c.device)).all()
        found = []
        for row in rows:
            one = read_device_certificate(row.certificate, self._keys.verify_key)
            if row.status != "county":
                found.append(Laptop(one.device, row.name, one.holder, one.role, one.feeds, row.status, row.last_seen))
        return found

    # --- rows ---------------------------------------------------------------------------------------------------------

    def _hash(self, letters: str) -> bytes:
        return self._keys.keyed_hash(b"enrolment code", letters.encode())

    def _is_account(self, account: str) -> tuple[Any, ...]:
        return (tables.account.c.county_id == self._keys.county, tables.account.c.account == account)

    def _account_row(self, connection: Connection, account: str) -> Any:
        return connection.execute(select(tables.account).where(*self._is_account(account))).first()

    def _device_row(self, connection: Connection, device: str) -> Any:
        where = (tables.device.c.county_id == self._keys.county, tables.device.c.device == device)
        return connection.execute(self._database.locked(select(tables.device).where(*where))).first()

    def _audit(self, connection: Connection, action: str, detail: dict[str, Any]) -> None:
        audit.record(
            connection, self._database, self._keys.county, lane="office", at=self._now_ms(), actor="office",
            action=action, detail=detail,
        )  # fmt: skip
