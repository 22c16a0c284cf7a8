"""Households by what a person types on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forms.errors import FieldAppError

if TYPE_CHECKING:
    from fieldapp.services.session import Session


class NoSuchNumber(FieldAppError):
    """No household, or no person of the household, under this number."""

    zh = "没有“{number}”这个号，名册没有动。用 fieldapp register show 看号码。"


def household_root(session: Session, number: str) -> str:
    """The root of a household by hh_id, its last four digits or the short code.

    Raises:
        NoSuchNumber.
    """
    from fieldapp.services.finding import find_by_code

    root = find_by_code(session, number)
    if root is None:
        raise NoSuchNumber("no such household", number=number)
    return root
