"""What every screen is given: the signed-in person, the two threads, and the ways to other places."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, Signal

from fieldapp.ui.background import Background
from fieldapp.ui.messages import Incidents
from fieldapp.ui.settings.preferences import Looks, Preferences
from fieldapp.words import _

if TYPE_CHECKING:
    from fieldapp.services.session import Session

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Workplace:
    """The surroundings of a screen.

    Args:
        session: the person signed in; screens pass it to services and read name and role from it.
        database_work: the one database thread, in order.
        long_work: two threads for hand-over and PDF.
        go: to a place by name (``home``, ``households``, ``review``, ``conflicts``, ``sync``, ``print``, ``settings``), with the root
            id of what to show there or ``""``.
        open_interview: by the root id of the assignment, or of the interview when there is one already.
        change_looks: another language, type size or contrast for this person.
        leave: locks the window with this sentence: the store is no longer there.
    """

    session: Session
    database_work: Background
    long_work: Background
    incidents: Incidents
    preferences: Preferences
    go: Callable[[str, str], None]
    open_interview: Callable[[str, str], None]
    change_looks: Callable[[Looks], None]
    leave: Callable[[str], None] = lambda _sentence: None


class Presenter(QObject):
    """Calls services on the database thread and turns outcomes into signals.

    Signals:
        failed: the sentence of whatever went wrong.
    """

    failed = Signal(str)

    def __init__(self, place: Workplace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.place = place
        self._turns: dict[str, int] = {}

    @property
    def session(self) -> Session:
        return self.place.session

    def ask(self, job: Callable[[], T], done: Callable[[T], None], *, only_newest: str = "") -> None:
        """Runs a service call; ``done`` comes back on the UI thread.

        Args:
            only_newest: a name; an outcome is dropped when a newer question under the same name was asked meanwhile.
        """
        turn = self._turns.get(only_newest, 0) + 1
        if only_newest:
            self._turns[only_newest] = turn

        def deliver(outcome: T) -> None:
            if not only_newest or self._turns[only_newest] == turn:
                done(outcome)

        self.place.database_work.run(self, job, deliver, self.fail)

    def fail(self, error: Exception) -> None:
        """Says what went wrong."""
        self.failed.emit(self.place.incidents.sentence(error))


def role_words(session: Session) -> str:
    """The post in the field's word."""
    return _(session.role.zh)
