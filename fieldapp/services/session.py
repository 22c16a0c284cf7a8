"""Signing in on this laptop: who works here, the key, and what a signed-in person may do.

A :class:`Laptop` is a folder with ``keys.json`` (wrapped keys, names of staff) and ``store.db`` (the encrypted store). Unlocking
gives a :class:`Session`, the first argument of every service function.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from fieldapp.store.changes import ChangeStore
from fieldapp.store.database import Database
from fieldapp.store.keys import KeyCost
from sync.scope import Role


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
        raise NotImplementedError

    @property
    def enrolled(self) -> bool:
        """Whether this laptop belongs to a county (enrolling.py makes it so)."""
        raise NotImplementedError

    def info(self) -> LaptopInfo:
        """Facts for the unlock screen."""
        raise NotImplementedError

    def people(self) -> tuple[Person, ...]:
        """The accounts of this laptop, last used first."""
        raise NotImplementedError

    def unlock(self, account: str, passphrase: str) -> Session:
        """Opens the store for one person.

        Raises:
            WrongPassphrase: with how many tries are left.
            TooManyTries: with the minutes to wait.
            DamagedStore: the file cannot be read with the right key.
        """
        raise NotImplementedError

    def confirm_clock(self, now: datetime) -> None:
        """The person says what time it is; the difference to the machine is applied from now on and noted in the log."""
        raise NotImplementedError


class Session:
    """A signed-in person on this laptop. Made by :meth:`Laptop.unlock` alone."""

    account: str
    name: str
    role: Role
    villages: tuple[Village, ...]
    device_name: str
    county: bytes
    database: Database
    changes: ChangeStore

    @property
    def replica(self) -> bytes:
        """The eight bytes that name this incarnation of the store in every change."""
        raise NotImplementedError

    @property
    def signing_key(self) -> Ed25519PrivateKey:
        """The laptop's key, with which changes are signed."""
        raise NotImplementedError

    def now(self) -> datetime:
        """Aware UTC, with the correction the person confirmed."""
        raise NotImplementedError

    def today(self) -> date:
        """The day in China."""
        raise NotImplementedError

    def require(self, *roles: Role) -> None:
        """Raises NotAllowed unless this person has one of the roles."""
        raise NotImplementedError

    def change_passphrase(self, old: str, new: str) -> None:
        """Wraps the data key anew; the store is not rewritten.

        Raises:
            WeakPassphrase: shorter than 10 characters or digits alone, and not four words.
            WrongPassphrase: ``old`` does not open.
        """
        raise NotImplementedError

    def remember(self, name: str, value: str) -> None:
        """A preference of this person on this laptop: type size, contrast, grid direction, last place."""
        raise NotImplementedError

    def remembered(self, name: str, default: str = "") -> str:
        """What :meth:`remember` kept."""
        raise NotImplementedError

    def lock(self) -> None:
        """Seals open drafts, closes the store and forgets the key."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        raise NotImplementedError

    def __exit__(self, *_: object) -> None:
        raise NotImplementedError
