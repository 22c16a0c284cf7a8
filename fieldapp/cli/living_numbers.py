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


def root_named(session: Session, number: str, head: str = "", *, ended: bool = False) -> str:
    """The root of one of several households under a number: by its head's name.

    Args:
        ended: among those that were merged or registered twice.
    Raises:
        NoSuchNumber. SeveralHouseholds: the name does not tell them apart.
    """
    from fieldapp.services.finding import list_households

    if not head and not ended:
        return household_root(session, number)
    rows = list_households(session, query=number, ended=True if ended else None).rows
    found = [row.household for row in rows if row.head_name == head or not head]
    if len(found) != 1:
        raise NoSuchNumber("none, or several", number=number)
    return found[0]
