"""The log of changes (stub of the room, filled below)."""

from __future__ import annotations


class ChangeStore:
    """ChangeLog over SQLCipher."""
