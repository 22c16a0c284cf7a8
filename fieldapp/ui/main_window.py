"""The window: bars around the places, the keys of the whole program, locking and unlocking."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QStackedWidget, QVBoxLayout, QWidget
from shiboken6 import isValid

from fieldapp.ui import theme
from fieldapp.ui.background import Background
from fieldapp.ui.interview_page import make_page, make_ready
from fieldapp.ui.keysheet.view import KeySheet
from fieldapp.ui.messages import Incidents, day_words, local_now, weekday_words
from fieldapp.ui.place_bar import PlaceBar
from fieldapp.ui.places import make_place, place_title, places_of
from fieldapp.ui.screen import Said, Screen
from fieldapp.ui.settings.preferences import SCALES, Looks, Preferences
from fieldapp.ui.unlock.presenter import UnlockPresenter
from fieldapp.ui.unlock.view import UnlockView
from fieldapp.ui.widgets.bars import StatusBar
from fieldapp.ui.widgets.keys import KeyStrip
from fieldapp.ui.window_keys import WindowKeys, facts_sentence, unlock_keys
from fieldapp.ui.workplace import Workplace, role_words
from fieldapp.words import _, language, set_language

if TYPE_CHECKING:
    from fieldapp.services.session import Laptop, Session
    from fieldapp.services.syncing import SyncReport, Unsent
    from fieldapp.ui.interview.view import InterviewView

log = logging.getLogger(__name__)

PATIENCE_MS = 5_000
CLOSING_MS = 10_000
FIRST_PAINT_MS = 30
PREPARING_MS = 400


class MainWindow(QMainWindow):
    """The one window.

    Args:
        make_laptop: makes the laptop on the database thread.
        preferences: language, type size and contrast, kept beside the store.
        incidents: turns errors into sentences.

    Signals:
        arrived: name of the place that is shown now (``unlock``, ``interview`` or a place); its facts may still be coming.
    """

    arrived = Signal(str)

    def __init__(
        self,
        make_laptop: Callable[[], Laptop],
        preferences: Preferences,
        incidents: Incidents,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("main_window")
        self._preferences = preferences
        self._incidents = incidents
        self._looks = preferences.of(preferences.last_account)
        self.database_work = Background(1, self)
        self.long_work = Background(2, self)
        self._session: Session | None = None
        self._workplace: Workplace | None = None
        self._screens: dict[str, Screen] = {}
        self._place = "unlock"
        self._interview: InterviewView | None = None
        self._came_from = "home"
        self._handed_in = ""
        self._stale = False
        self._unlock_presenter = UnlockPresenter(make_laptop, self.database_work, incidents)
        self._unlock_presenter.opened.connect(self._sign_in)
        self._unlock: UnlockView | None = None
        self._top: PlaceBar | None = None
        self._idle = QTimer(self)
        self._idle.setSingleShot(True)
        self._idle.timeout.connect(self.lock)

        ground = QWidget()
        ground.setProperty("kind", "page")
        self._lines = QVBoxLayout(ground)
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setSpacing(0)
        self._stack = QStackedWidget()
        self._strip = KeyStrip()
        self._strip.setObjectName("key_strip")
        self._status = StatusBar()
        self._status.setObjectName("status_bar")
        for part in (self._stack, self._strip, self._status):
            self._lines.addWidget(part, 1 if part is self._stack else 0)
        self.setCentralWidget(ground)
        self._sheet = KeySheet(ground)
        self._sheet.print_wanted.connect(self._print_sheet)
        self._keys = WindowKeys(self)
        self._show_unlock()
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.installEventFilter(self)
            application.focusChanged.connect(self._show_strip)

    # keys of the whole program

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._place in self._screens:
            self.step_back()
        else:
            super().keyPressEvent(event)

    def step_back(self) -> None:
        """Esc: one level back inside the screen, else to the first place."""
        screen = self._screens.get(self._place)
        if screen is None or screen.step_back() or self._workplace is None:
            return
        first = places_of(self._workplace.session.role)[0]
        if self._place != first:
            self.go(first)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress) and self._session is not None:
            self._start_idle()
        return super().eventFilter(watched, event)

    def _start_idle(self) -> None:
        if self._looks.lock_minutes > 0:
            self._idle.start(self._looks.lock_minutes * 60_000)
        else:
            self._idle.stop()

    # locked

    def _show_unlock(self) -> None:
        self._place = "unlock"
        self.setWindowTitle(_("入户调查"))
        old = self._unlock
        self._unlock = UnlockView(self._unlock_presenter, self._preferences.last_account)
        self._unlock.sizing.connect(self.step_scale)
        self._unlock.contrast.connect(self.toggle_contrast)
        self._unlock.language_switched.connect(
            lambda: self.change_looks(replace(self._looks, language="en" if language() == "zh" else "zh"))
        )
        self._unlock.keys_wanted.connect(self.toggle_key_sheet)
        self._stack.addWidget(self._unlock)
        self._stack.setCurrentWidget(self._unlock)
        if old is not None:
            self._stack.removeWidget(old)
            old.deleteLater()
        for part in (self._strip, self._status):
            part.hide()
        self._keys.enable(in_places=False, signed_in=self._session is not None)
        self._unlock.secret.setFocus()
        QTimer.singleShot(FIRST_PAINT_MS, self._unlock, self._unlock_presenter.load)  # the field takes keys first
        self.arrived.emit("unlock")

    def when_read(self, act: Callable[[], object]) -> None:
        """Runs something once, when the unlock screen knows the people of this laptop (the services are imported then)."""
        self._unlock_presenter.read.connect(lambda *_facts: act(), Qt.ConnectionType.SingleShotConnection)

    @property
    def unlock_view(self) -> UnlockView | None:
        """The unlock screen while it is shown."""
        return self._unlock

    def _sign_in(self, session: Session) -> None:
        self._session = session
        self._preferences.last_account = session.account
        self._preferences.write()
        looks = self._preferences.of(session.account, session.role)
        self._workplace = Workplace(
            session=session,
            database_work=self.database_work,
            long_work=self.long_work,
            incidents=self._incidents,
            preferences=self._preferences,
            go=self.go,
            open_interview=self.open_interview,
            change_looks=self.change_looks,
            leave=self._leave,
        )
        if self._unlock is not None:
            self._unlock.forget()
        self._put_in_force(looks)
        self._start_idle()
        self._build_places(places_of(session.role)[0])
        self._prepare_soon()
        if self._unlock is not None:
            self._stack.removeWidget(self._unlock)
            self._unlock.deleteLater()
            self._unlock = None

    def _prepare_soon(self) -> None:
        """Makes the next opening of an interview quick, once the screen of the place has had its turn."""
        QTimer.singleShot(PREPARING_MS, self, self._prepare)

    def _prepare(self) -> None:
        session = self._session
        if session is None or self._interview is not None:
            return

        # What could not be made ready is made when it is needed, and says there what is wrong.
        self.long_work.run(self, lambda: make_ready(session), lambda _done: None, lambda _error: None)

    def lock(self) -> None:
        """Ctrl+L, and after some minutes without a key: seals what is open, forgets the key."""
        session = self._session
        if session is None:
            return
        self._session = None
        self._idle.stop()
        self._sheet.hide()
        self._drop_places()
        self._workplace = None
        if self._top is not None:
            self._top.deleteLater()
            self._top = None
        self._close_interview(lambda: self._forget(session))
        self._show_unlock()

    def _leave(self, sentence: str) -> None:
        self.lock()
        self.say("trouble", sentence)

    def _forget(self, session: Session) -> None:
        self.database_work.run(
            self, session.lock, lambda _done: None, lambda error: self.say("trouble", self._incidents.sentence(error))
        )

    # places

    def _build_places(self, current: str) -> None:
        assert self._workplace is not None
        self._drop_places()
        session = self._workplace.session
        if self._top is not None:
            self._lines.removeWidget(self._top)
            self._top.deleteLater()
        names = places_of(session.role)
        tight = self._looks.scale >= 133 or (language() == "en" and len(names) > 5)
        who = session.name if tight else session.name + "　" + role_words(session)
        self._top = PlaceBar([(name, place_title(name, session.role)) for name in names], who)
        self._top.chosen.connect(lambda name: self.go(name))
        self._top.lock_wanted.connect(self.lock)
        self._top.keys_wanted.connect(self.toggle_key_sheet)
        self._lines.insertWidget(0, self._top)
        for part in (self._strip, self._status):
            part.show()
        self.go(current)

    def _drop_places(self) -> None:
        for screen in self._screens.values():
            self._stack.removeWidget(screen)
            screen.deleteLater()
        self._screens = {}

    def go_number(self, at: int) -> None:
        if self._workplace is not None:
            names = places_of(self._workplace.session.role)
            screen = self._screens.get(self._place)
            if at < len(names):
                follow = names[at] == "households" and self._place == "home" and screen is not None
                self.go(names[at], screen.subject() if follow and screen is not None else "")

    def go(self, name: str, subject: str = "") -> None:
        """To a place; ``subject`` is the root id of what to show there."""
        if self._workplace is None or name not in places_of(self._workplace.session.role):
            return
        self._close_interview()
        if self._stale:
            self._stale = False
            self._build_places(name)
            return
        screen = self._screens.get(name)
        if screen is None:
            screen = make_place(name, self._workplace)
            screen.keys_changed.connect(self._show_strip)
            screen.said.connect(self._show_said)
            screen.facts_changed.connect(self.read_facts)
            self._screens[name] = screen
            self._stack.addWidget(screen)
        self._place = name
        self._stack.setCurrentWidget(screen)
        if self._top is not None:
            self._top.show_place(name)
            self._top.show()
        self._strip.show()
        self._status.show()
        self._keys.enable(in_places=True, signed_in=True)
        self._show_said(Said("ok", _("都已保存，断电也不会丢"), right=self._today()))
        if subject:
            screen.show_subject(subject)
        screen.arrive()
        heading = screen.heading()
        self.setWindowTitle(_("入户调查") + (f" — {heading}" if heading else ""))
        self._show_strip()
        self.read_facts()
        self.arrived.emit(name)

    @property
    def place(self) -> str:
        """Name of the place shown now."""
        return self._place

    def current_screen(self) -> QWidget | None:
        """The screen, the interview or the unlock view that is shown now."""
        return self._stack.currentWidget()

    def _today(self) -> str:
        day = local_now().date()
        return f"{day_words(day)} {weekday_words(day)}"

    def shown_screen(self) -> Screen | None:
        """The screen of the place shown now; None while locked or in an interview."""
        return self._screens.get(self._place)

    def _show_strip(self, _old: QWidget | None = None, _new: QWidget | None = None) -> None:
        screen = self._screens.get(self._place)
        if screen is not None and isValid(screen) and screen.isVisible():
            self._strip.show_keys(tuple(screen.strip()))

    def _show_said(self, said: Said) -> None:
        self._status.show_state(said.tone, said.sentence)
        if said.fact:
            self._status.show_fact(said.fact)
        if said.right:
            self._status.show_who(said.right)

    def say(self, tone: str, sentence: str) -> None:
        """A sentence in the status bar, or on the unlock screen when nobody is signed in."""
        if self._unlock is not None:
            self._unlock_presenter.refused.emit(sentence)
        else:
            self._show_said(Said(tone, sentence))

    def say_saved(self) -> None:
        self._show_said(Said("ok", _("每一格都已存好，{time}").format(time=f"{local_now():%H:%M:%S}")))

    def read_facts(self) -> None:
        """Reads anew what exists on this laptop alone, for the status bar."""
        session = self._session
        if session is None:
            return

        def job() -> tuple[Unsent, SyncReport | None, str]:
            from fieldapp.services import leasing, syncing

            return syncing.unsent(session), syncing.last_exchange(session), leasing.lease(session).sentence()

        def done(facts: tuple[Unsent, SyncReport | None, str]) -> None:
            if session is self._session:
                unsent, last, lease = facts
                self._status.show_fact(facts_sentence(unsent, last))
                if lease:
                    self.say("ageing", lease)

        self.database_work.run(self, job, done, lambda error: self.say("trouble", self._incidents.sentence(error)))

    # the interview

    def open_interview(self, assignment: str, interview: str) -> None:
        """Opens or resumes the interview of an assignment at the very question; shown over the places."""
        session = self._session
        if session is None:
            return
        from fieldapp.services import interviewing
        from forms.errors import FieldAppError

        self._came_from = self._place if self._place in self._screens else "home"
        try:
            if assignment:
                opened = interviewing.begin(session, assignment)
            else:
                opened = interviewing.open_interview(session, interview)
        except FieldAppError as error:
            self.say("trouble", self._incidents.sentence(error))
            return
        page = make_page(opened, self.database_work, self._incidents, self._status.fact)
        page.left.connect(self._interview_left)
        page.handed_in.connect(self._interview_handed_in)
        page.keys_wanted.connect(self.toggle_key_sheet)
        if page.project_line is not None:
            page.project_line.carry_over_wanted.connect(self._carry_over)
        self._interview = page
        self._place = "interview"
        self._stack.addWidget(page)
        self._stack.setCurrentWidget(page)
        for part in (self._top, self._strip, self._status):
            if part is not None:
                part.hide()
        self._keys.enable(in_places=False, signed_in=self._session is not None)
        self.setWindowTitle(
            _("入户调查")
            + " — "
            + _("{name}户").format(name=opened.header.head_name)
            + f" {opened.header.period_title}"
        )
        page.arrive()
        self.arrived.emit("interview")

    def _interview_left(self) -> None:
        self._close_interview()
        self.go(self._came_from)
        self._prepare_soon()
        if self._handed_in:
            self._show_said(Said("ok", _("{name}户 交卷了，下次交接带走").format(name=self._handed_in)))
            self._handed_in = ""

    def _carry_over(self) -> None:
        """The interview is put away, carried over to the newest version of its questionnaire and opened again."""
        page, session, came_from = self._interview, self._session, self._came_from
        if page is None or session is None:
            return
        root = page.presenter.header.interview

        def again(sentence: str) -> None:
            self.open_interview("", root)
            self._came_from = came_from
            if self._interview is not None:
                self._interview.presenter.told.emit(sentence)

        def job() -> str:
            from fieldapp.services import form_versions

            return form_versions.migrate(session, root).sentence

        self._close_interview(
            lambda: self.database_work.run(self, job, again, lambda error: again(self._incidents.sentence(error)))
        )

    def _interview_handed_in(self) -> None:
        if self._interview is not None:
            self._handed_in = self._interview.presenter.header.head_name

    def _close_interview(self, then: Callable[[], object] | None = None) -> None:
        """Takes the interview away. Its last answers go on to the disk; ``then`` follows when they are there."""
        page, self._interview = self._interview, None
        if page is None:
            if then is not None:
                then()
            return
        left_already = self.sender() is page
        page.left.disconnect(self._interview_left)
        once = [then] if then is not None else []

        def gone() -> None:
            if isValid(page):
                page.deleteLater()
            for act in once:
                once.clear()
                act()

        self._stack.removeWidget(page)
        page.hide()
        if left_already:
            page.close_interview()
            gone()
        else:
            page.left.connect(gone)
            page.close_interview()
            QTimer.singleShot(PATIENCE_MS, self, gone)  # a disk that refuses must not keep the screen open

    # looks

    def change_looks(self, looks: Looks) -> None:
        """Another language, type size, contrast or lock time: kept for the person and in force at once."""
        self._preferences.keep(self._session.account if self._session is not None else "", looks)
        rebuild = replace(looks, lock_minutes=self._looks.lock_minutes) != self._looks
        self._put_in_force(looks)
        if self._session is not None:
            self._start_idle()
        if not rebuild:
            return
        self._sheet.hide()
        if self._session is None:
            self._show_unlock()
        elif self._interview is None:
            self._build_places(self._place)
        else:
            self._drop_places()  # made anew in the new looks when the interview is left
            self._stale = True

    def _put_in_force(self, looks: Looks) -> None:
        changed = (looks.language, looks.scale, looks.high_contrast) != (
            language(),
            theme.current().scale,
            theme.current().high_contrast,
        )
        self._looks = looks
        application = QApplication.instance()
        if changed and isinstance(application, QApplication):
            set_language(looks.language)
            theme.apply(application, looks.scale, high_contrast=looks.high_contrast)

    def step_scale(self, step: int) -> None:
        at = SCALES.index(self._looks.scale)
        scale = 100 if step == 0 else SCALES[max(0, min(len(SCALES) - 1, at + step))]
        if scale != self._looks.scale:
            self.change_looks(replace(self._looks, scale=scale))

    def toggle_contrast(self) -> None:
        self.change_looks(replace(self._looks, high_contrast=not self._looks.high_contrast))

    def toggle_full_screen(self) -> None:
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    # the key sheet

    def toggle_key_sheet(self) -> None:
        """F1: opens the key sheet of the current screen, or closes it."""
        if self._sheet.isVisible():
            self._sheet.close_sheet()
            return
        screen = self._stack.currentWidget()
        if isinstance(screen, Screen):
            self._sheet.show_sheet(place_title(self._place, ""), screen.sheet())
        elif self._interview is not None:
            self._sheet.show_sheet(_("填问卷"), self._interview.sheet())
        else:
            self._sheet.show_sheet(_("开机"), ((_("开机"), unlock_keys()),))

    def _print_sheet(self) -> None:
        from fieldapp.ui.printing.paper import print_widget

        sheet = self._sheet.sheet_widget()
        if sheet is not None:
            print_widget(sheet, self)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._sheet.place()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._interview is not None:
            event.ignore()
            self._close_interview(self.close)
            return
        session, self._session = self._session, None
        self._idle.stop()
        if session is not None:
            self._forget(session)
        self.database_work.wait(CLOSING_MS)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.removeEventFilter(self)
            application.focusChanged.disconnect(self._show_strip)
        super().closeEvent(event)
