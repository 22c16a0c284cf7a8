"""The root of every expected failure.

    FieldAppError            forms/errors.py
    ├─ FormRefused, AnswerRefused …   forms/engine
    ├─ SyncError             sync/errors.py
    └─ the laptop's own      fieldapp/errors.py

An expected failure is something of the world (a broken workbook, a wrong passphrase, a full disk), not a bug.
Each class carries one sentence for the person in ``zh``: what happened, whether the data is safe, what to do.
"""

from __future__ import annotations

from typing import ClassVar


class FieldAppError(Exception):
    """An expected failure, told to a person in one sentence.

    Args:
        detail: English, for the log; holds no answer, name, number or passphrase.
        fields: what the sentence names, filled into ``zh``.
    """

    zh: ClassVar[str] = "这一步没有做成，已存的资料没有动。请再试一次。"

    def __init__(self, detail: str = "", **fields: object) -> None:
        super().__init__(detail or type(self).__name__)
        self.fields = fields

    def sentence(self) -> str:
        """The sentence for the person, in Chinese, with its fields filled in."""
        return self.zh.format(**self.fields)
