"""Between the window and the interview: what makes its page, and what makes the next opening quick."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fieldapp.ui.background import Background
from fieldapp.ui.messages import Incidents
from fieldapp.ui.workplace import role_words

if TYPE_CHECKING:
    from fieldapp.services.interviewing import OpenInterview
    from fieldapp.services.session import Session
    from fieldapp.ui.interview.view import InterviewView

__all__ = ["make_page", "make_ready"]

GRID_DIRECTION = "grid_direction"


def make_page(opened: OpenInterview, database_work: Background, incidents: Incidents, fact: str) -> InterviewView:
    """The page of an interview in hand. Enter goes in grids as the person chose last (Alt+H).

    Args:
        fact: one fact on work that is not handed over, for the status bar.
    """
    from fieldapp.services import form_versions, interviewing, project
    from fieldapp.services.session import CHINA
    from fieldapp.ui.interview.presenter import InterviewPresenter
    from fieldapp.ui.interview.project_line import ProjectLine
    from fieldapp.ui.interview.saving import saved_pipe_of_environment
    from fieldapp.ui.interview.view import InterviewView

    session = opened.session
    presenter = InterviewPresenter(
        opened,
        database_work,
        hand_in_list=lambda: interviewing.hand_in_list(opened),
        hand_in=lambda: interviewing.hand_in(opened),
        now=lambda: session.now().astimezone(CHINA),
        saved_pipe=saved_pipe_of_environment(),
    )

    def keep_direction(down: bool) -> None:
        words = "down" if down else "right"
        # A disk that refuses forgets a preference and no answer: the answers say so themselves.
        database_work.run(
            presenter, lambda: session.remember(GRID_DIRECTION, words), lambda _done: None, lambda _error: None
        )

    page = InterviewView(
        presenter,
        sentence=incidents.sentence,
        who=f"{session.name}　{role_words(session)}　{session.account}",
        fact=fact,
        down_first=session.remembered(GRID_DIRECTION) == "down",
        keep_direction=keep_direction,
    )
    presenter.setParent(page)
    version, can_carry = form_versions.version_line(session, opened.header.interview)
    is_survey = session.use_mode is project.UseMode.STAT
    mode = project.mode_line(session, opened.header.form_id)
    page.put_project_line(ProjectLine(mode, version, can_carry, always=is_survey))
    return page


def make_ready(session: Session) -> None:
    """Questionnaires, earlier waves and the pinyin table for the next opening; runs beside everything else, on any thread."""
    from fieldapp.services.preparing import prepare
    from fieldapp.ui.interview.codes import read_pinyin

    if prepare(session):
        read_pinyin()
