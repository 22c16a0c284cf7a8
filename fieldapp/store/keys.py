"""The data key of the store, wrapped once per person, and once for the county's recovery.

``keys.json`` lies beside the store. It holds no secret in clear: account, name, role and villages of the staff (the unlock screen
lists them before anybody has signed in), the data key encrypted under each person's passphrase, the data key sealed to the
county's recovery key, and the count of wrong passphrases. Nothing in it is bound to the machine, so a backup opens elsewhere.

Suite ``fs-key-1``: Argon2id (64 MiB, t=3, p=4, parameters stored per person) → AES-256-GCM, associated data = suite and account;
recovery: HPKE (X25519, HKDF-SHA256, AES-256-GCM), info = suite.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from fieldapp.errors import (
    DiskFull,
    KeyFileMissing,
    ReadOnlyDisk,
    StoreError,
    TooManyTries,
    WeakPassphrase,
    WrongPassphrase,
)

SUITE = "fs-key-1"
KEY_FILE = "keys.json"
TRIES = 5
DELAY = timedelta(minutes=10)
_RECOVERY = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


@dataclass(frozen=True, slots=True)
class KeyCost:
    """Argon2id parameters. The default takes about 0.16 s on the reference machine."""

    memory_kib: int = 65536
    iterations: int = 3
    lanes: int = 4


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """One person's entry in the key file."""

    account: str
    name: str
    role: str
    villages: tuple[str, ...] = ()
    wrapped: dict[str, Any] | None = field(default=None, repr=False)  # None: cannot open yet
    first_code: bool = False  # wrapped under a one-time code instead of an own passphrase
    tries: int = 0
    blocked_until: datetime | None = None
    last_used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class KeyFile:
    """The whole key file as read."""

    holders: tuple[KeyHolder, ...]
    recovery: str | None = field(default=None, repr=False)  # sealed to the county
    facts: dict[str, str] = field(default_factory=dict)  # device and county names, period, for the unlock screen

    def holder(self, account: str) -> KeyHolder | None:
        """The entry of one account."""
        return next((holder for holder in self.holders if holder.account == account), None)


def check_passphrase(passphrase: str) -> None:
    """Refuses what is easy to guess: fewer than 10 characters or digits alone, unless it is four words.

    Raises:
        WeakPassphrase.
    """
    words = passphrase.split()
    if len(words) >= 4 and all(not word.isdigit() for word in words):
        return
    if len(passphrase) < 10 or passphrase.isdigit() or len(set(passphrase)) < 4:
        raise WeakPassphrase("passphrase below the rule")


class Keys:
    """The key file of one folder.

    Args:
        folder: where ``keys.json`` lies.
        cost: Argon2id parameters for new wrappings.
        clock: aware UTC now; the delay after wrong passphrases also survives a clock set back.
    """

    def __init__(
        self, folder: Path, *, cost: KeyCost | None = None, clock: Callable[[], datetime] | None = None
    ) -> None:
        self._path = folder / KEY_FILE
        self._cost = cost or KeyCost()
        self._clock = clock or (lambda: datetime.now(UTC))

    @property
    def exists(self) -> bool:
        """Whether there is a key file (or its kept previous copy)."""
        return self._path.exists() or self._previous.exists()

    @property
    def _previous(self) -> Path:
        return self._path.with_suffix(".previous.json")

    def read(self) -> KeyFile:
        """The key file; the previous copy when the newest cannot be read.

        Raises:
            KeyFileMissing: neither can be read.
        """
        for path in (self._path, self._previous):
            content = _readable(path)
            if content is not None:
                return content
        raise KeyFileMissing(f"no readable {KEY_FILE}")

    def write(self, content: KeyFile) -> None:
        """Replaces the file atomically and keeps the one before."""
        text = json.dumps(_dump(content), ensure_ascii=False, indent=1)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            if _readable(self._path):
                # A damaged file must not take the place of the last good one: until the new one stands, that is all there is.
                _replace_with(self._previous, self._path.read_bytes())
            _replace_with(self._path, text.encode("utf-8"))
        except PermissionError as error:
            raise ReadOnlyDisk("key file not writable") from error
        except OSError as error:
            raise (DiskFull if error.errno == 28 else StoreError)("key file not written") from error

    def make_data_key(self) -> bytes:
        """A new random 256-bit key; it exists nowhere until it is wrapped."""
        return secrets.token_bytes(32)

    def wrap(self, holder: KeyHolder, data_key: bytes, passphrase: str, *, first_code: bool = False) -> KeyHolder:
        """The holder's entry with the key wrapped under a passphrase (or one-time code)."""
        wrapped = wrap_secret(data_key, holder.account, passphrase, self._cost)
        return replace(holder, wrapped=wrapped, first_code=first_code, tries=0, blocked_until=None)

    def put(self, holder: KeyHolder) -> None:
        """Adds or replaces one person's entry."""
        content = self.read()
        others = tuple(one for one in content.holders if one.account != holder.account)
        kept = [holder if one.account == holder.account else one for one in content.holders]
        self.write(replace(content, holders=tuple(kept) if len(others) < len(content.holders) else (*others, holder)))

    def open(self, account: str, passphrase: str) -> bytes:
        """The data key.

        The wrong try is counted on disk before the passphrase is tested, so that pulling the plug does not give another one.

        Raises:
            TooManyTries: five were wrong, within the last ten minutes.
            WrongPassphrase: with how many are left.
        """
        content = self.read()
        holder = content.holder(account)
        wrapped = holder.wrapped if holder else None
        if holder is None or wrapped is None:
            raise WrongPassphrase("no key for this account", left=0)
        now = self._clock()
        if holder.blocked_until is not None:
            # A clock set back must not free at once, nor block for years: never wait longer than the delay.
            remaining = min(holder.blocked_until - now, DELAY)
            if remaining > timedelta(0):
                if remaining < holder.blocked_until - now:
                    self.put(replace(holder, blocked_until=now + DELAY))
                raise TooManyTries("blocked", minutes=max(1, -(-int(remaining.total_seconds()) // 60)))
            holder = replace(holder, tries=0, blocked_until=None)
        tries = holder.tries + 1
        blocked = now + DELAY if tries >= TRIES else None
        self.put(replace(holder, tries=tries, blocked_until=blocked))
        try:
            key = _unwrap(wrapped, account, passphrase)
        except InvalidTag:
            if blocked is not None:
                raise TooManyTries("five wrong", minutes=int(DELAY.total_seconds()) // 60) from None
            raise WrongPassphrase("wrong passphrase", left=TRIES - tries) from None
        self.put(replace(holder, tries=0, blocked_until=None, last_used_at=now))
        return key

    def change_passphrase(self, account: str, old: str, new: str) -> None:
        """Wraps the same data key under a new passphrase; the store is not touched."""
        check_passphrase(new)
        data_key = self.open(account, old)
        holder = self.read().holder(account)
        assert holder is not None
        self.put(self.wrap(holder, data_key, new))

    def sealed_for_recovery(self, content: KeyFile, data_key: bytes, county_key: X25519PublicKey) -> KeyFile:
        """``content`` with the data key sealed to the county's recovery key, so that a forgotten passphrase never costs data."""
        return replace(content, recovery=_text(_RECOVERY.encrypt(data_key, county_key, SUITE.encode())))

    def seal_for_recovery(self, data_key: bytes, county_key: X25519PublicKey) -> None:
        """The same for the file as it stands."""
        self.write(self.sealed_for_recovery(self.read(), data_key, county_key))

    def recover(self, county_key: X25519PrivateKey) -> bytes:
        """The data key, with the county's recovery key in hand.

        Raises:
            KeyFileMissing: nothing was sealed, or to another county.
        """
        sealed = self.read().recovery
        if sealed is None:
            raise KeyFileMissing("no recovery entry")
        try:
            return _RECOVERY.decrypt(_bytes(sealed), county_key, SUITE.encode())
        except (InvalidTag, ValueError) as error:
            raise KeyFileMissing("recovery entry of another county") from error

    def set_facts(self, **facts: str) -> None:
        """Keeps what the unlock screen says about laptop and county."""
        content = self.read()
        self.write(replace(content, facts={**content.facts, **facts}))


def wrap_secret(secret: bytes, account: str, passphrase: str, cost: KeyCost) -> dict[str, Any]:
    """A secret under a passphrase, as plain JSON with the parameters that open it."""
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    sealed = AESGCM(_stretch(passphrase, salt, cost)).encrypt(nonce, secret, _bound_to(account))
    kdf = {"memory_kib": cost.memory_kib, "iterations": cost.iterations, "lanes": cost.lanes, "salt": _text(salt)}
    return {"suite": SUITE, "kdf": kdf, "nonce": _text(nonce), "key": _text(sealed)}


def unwrap_secret(wrapped: dict[str, Any], account: str, passphrase: str) -> bytes:
    """The secret again. Raises WrongPassphrase."""
    try:
        return _unwrap(wrapped, account, passphrase)
    except InvalidTag:
        raise WrongPassphrase("wrong passphrase", left=0) from None


def plain_code(code: str) -> str:
    """A one-time code as it was given out, however it was typed."""
    return "".join(letter for letter in code.upper() if letter.isalnum())


def _stretch(passphrase: str, salt: bytes, cost: KeyCost) -> bytes:
    argon = Argon2id(salt=salt, length=32, iterations=cost.iterations, lanes=cost.lanes, memory_cost=cost.memory_kib)
    return argon.derive(passphrase.encode("utf-8"))


def _unwrap(wrapped: dict[str, Any], account: str, passphrase: str) -> bytes:
    kdf = wrapped["kdf"]
    cost = KeyCost(int(kdf["memory_kib"]), int(kdf["iterations"]), int(kdf["lanes"]))
    wrapping = _stretch(passphrase, _bytes(kdf["salt"]), cost)
    return AESGCM(wrapping).decrypt(_bytes(wrapped["nonce"]), _bytes(wrapped["key"]), _bound_to(account))


def _bound_to(account: str) -> bytes:
    return f"{SUITE}|{account}".encode()


def _replace_with(path: Path, content: bytes) -> None:
    """Whole or not at all: written aside, on disk, then renamed (both files closed, as Windows wants it)."""
    aside = path.with_name(path.name + ".new")
    with aside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(aside, path)
    if os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _readable(path: Path) -> KeyFile | None:
    try:
        return _parse(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text.encode("ascii"), validate=True)


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _parse(raw: dict[str, Any]) -> KeyFile:
    holders = tuple(
        KeyHolder(
            account=str(one["account"]),
            name=str(one["name"]),
            role=str(one["role"]),
            villages=tuple(str(name) for name in one.get("villages", ())),
            wrapped=one.get("wrapped"),
            first_code=bool(one.get("first_code", False)),
            tries=int(one.get("tries", 0)),
            blocked_until=_instant(one.get("blocked_until")),
            last_used_at=_instant(one.get("last_used_at")),
        )
        for one in raw["holders"]
    )
    facts = {str(name): str(value) for name, value in raw.get("facts", {}).items()}
    return KeyFile(holders, raw.get("recovery"), facts)


def _dump(content: KeyFile) -> dict[str, Any]:
    return {
        "format": 1,
        "facts": content.facts,
        "recovery": content.recovery,
        "holders": [
            {
                "account": one.account,
                "name": one.name,
                "role": one.role,
                "villages": list(one.villages),
                "first_code": one.first_code,
                "tries": one.tries,
                "blocked_until": one.blocked_until and one.blocked_until.isoformat(),
                "last_used_at": one.last_used_at and one.last_used_at.isoformat(),
                "wrapped": one.wrapped,
            }
            for one in content.holders
        ],
    }
