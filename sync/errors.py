"""Failures of moving records, told to a person (tree in forms/errors.py)."""

from __future__ import annotations

from forms.errors import FieldAppError


class SyncError(FieldAppError):
    """Something between this laptop and the county did not work; the data stays where it is."""

    zh = "这次交接没有做完。数据仍保存在本机，下次接着来。"


class ServerUnreachable(SyncError):
    """No connection to the county server."""

    zh = "现在连不上县里，不要紧：数据都在本机，连上会自己送。"
