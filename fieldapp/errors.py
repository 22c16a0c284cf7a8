"""Failures of the laptop's own (tree in forms/errors.py)."""

from __future__ import annotations

from forms.errors import FieldAppError

__all__ = ["FieldAppError", "StoreError"]


class StoreError(FieldAppError):
    """The encrypted store could not be read or written."""

    zh = "本机资料库这一步没有做成，已存的资料没有动。请再试一次，还不行就找乡镇。"
