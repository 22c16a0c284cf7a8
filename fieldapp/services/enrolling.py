"""A laptop joins a county, and people join a laptop."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from fieldapp.services.session import Laptop, Person, Session


def enrol(
    laptop: Laptop, address: str, code: str, *, device_name: str = "", county_certificate: Path | None = None
) -> tuple[Person, ...]:
    """Joins the county with the one-time code that the office gave out.

    The store and its keys are made only when the county has answered; the first sign-in of each person sets the passphrase
    (:func:`set_first_passphrase`), until then the one-time code stands in for it.

    Args:
        address: https address of the county server.
        code: one-time enrolment code; also opens the laptop until the first passphrase is set.
    Returns:
        The people who may use this laptop.
    Raises:
        ServerUnreachable, EnrolmentRefused, AlreadyEnrolled.
    """
    raise NotImplementedError


def set_first_passphrase(laptop: Laptop, account: str, code: str, passphrase: str) -> Session:
    """First sign-in of a person: the code from the office is replaced by the own passphrase.

    Raises:
        WeakPassphrase, WrongPassphrase (the code does not fit).
    """
    raise NotImplementedError


def invite(session: Session, accounts: Sequence[str]) -> dict[str, str]:
    """Lets further people of this laptop's certificates sign in: account → one-time code to tell them."""
    raise NotImplementedError


def lease_until(session: Session) -> datetime | None:
    """Until when this laptop may be used without contact to the county."""
    raise NotImplementedError
