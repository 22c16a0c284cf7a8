"""The word that the county reads out to a laptop whose lease has run out (sync.md 3.11): both ends make it from a secret that
only they share, X25519 between the county's sealing key and the laptop's, so it needs no line and fits no other laptop."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from hashlib import blake2b
from typing import Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

LETTERS: Final = "ABCDEFGHJKMNPQRSTVWXYZ23456789"  # none that look alike on paper or sound alike for long
CHALLENGE_LETTERS: Final = 6
GRANTED_DAYS: Final = 14
WARNING_DAYS: Final = 20  # before the end
_CODE_LETTERS: Final = 12


def make_challenge(chance: Callable[[int], bytes]) -> str:
    """What the laptop shows and the person reads to the county: good for one code."""
    return "".join(LETTERS[int.from_bytes(chance(4), "big") % len(LETTERS)] for _ in range(CHALLENGE_LETTERS))


def lease_code(own: X25519PrivateKey, other: X25519PublicKey, device: str, challenge: str) -> str:
    """The county's answer to a challenge, as ``K7QM-3XTD-9HBA``: twelve letters, about 59 bits.

    Args:
        own, other: sealing keys of the two ends, whichever way round.
        device: of the laptop.
    """
    text = f"{device} {plain(challenge)}".encode()
    number = int.from_bytes(blake2b(text, key=own.exchange(other), person=b"fieldapp lease", digest_size=32).digest())
    letters = ""
    for _ in range(_CODE_LETTERS):
        number, place = divmod(number, len(LETTERS))
        letters += LETTERS[place]
    return "-".join(letters[at : at + 4] for at in range(0, _CODE_LETTERS, 4))


def fits(typed: str, code: str) -> bool:
    """Whether what was typed is the code; case, blanks and hyphens do not matter."""
    return hmac.compare_digest(plain(typed), plain(code))


def plain(text: str) -> str:
    """The letters alone."""
    return "".join(letter for letter in text.upper() if letter in LETTERS)
