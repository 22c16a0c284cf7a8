"""The window: bars around the places, the keys of the whole program, locking and unlocking."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QKeySequence, QPainter, QPaintEvent, QResizeEvent, QShortcut
from PySide6.QtWidgets import QAbstractButton, QApplication, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from fieldapp.ui import theme
from fieldapp.ui.background import Background
from fieldapp.ui.keysheet.view import KeySheet
from fieldapp.ui.messages import Incidents, day_words, local_now, moment_words, weekday_words
from fieldapp.ui.places import make_place, place_title, places_of
from fieldapp.ui.screen import Said, Screen
from fieldapp.ui.settings.preferences import SCALES, Looks, Preferences
from fieldapp.ui.unlock.presenter import UnlockPresenter
from fieldapp.ui.unlock.view import UnlockView
from fieldapp.ui.widgets.bars import StatusBar, TopBar
from fieldapp.ui.widgets.keys import KeyCap, KeyStrip
from fieldapp.ui.widgets.painting import CENTRE, text_width, write
from fieldapp.ui.workplace import Workplace, role_words
from fieldapp.words import _, language, set_language

if TYPE_CHECKING:
    from fieldapp.services.session import Laptop, Session
    from fieldapp.services.syncing import SyncReport, Unsent

log = logging.getLogger(__name__)


class PlaceTab(QAbstractButton):
    """A place in the top bar: its word and its key; the current one is white."""

    def __init__(self, name: str, title: str, key: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._key = key
        self.setText(title)
        self.setCheckable(True)
        self.setObjectName(f"place_{name}")
        self.setAccessibleName(title)
        self.setAccessibleDescription(key)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def sizeHint(self) -> QSize:
        look = theme.current()
        words = text_width(look.font(15, self.isChecked()), self.text())
        return QSize(words + text_width(look.font(11), self._key) + look.px(26), look.px(30))

    def paintEvent(self, _event: QPaintEvent) -> None:
        look = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        here = self.isChecked()
        if here:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.colour("bar_text"))
            painter.drawRoundedRect(self.rect(), look.px(4), look.px(4))
        font = look.font(15, here)
        words = text_width(font, self.text())
        ink = look.colour("bar" if here else "bar_text")
        area = self.rect().adjusted(look.px(10), 0, 0, 0)
        write(painter, area, self.text(), font=font, colour=ink, elide=False)
        area = self.rect().adjusted(look.px(16) + words, 0, -look.px(8), 0)
        write(
            painter,
            area,
            self._key,
            font=look.font(11),
            colour=look.colour("bar" if here else "bar_dim"),
            align=CENTRE,
            elide=False,
        )


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
        self._interview: QWidget | None = None
        self._came_from = "home"
        self._unlock_presenter = UnlockPresenter(make_laptop, self.database_work, incidents)
        self._unlock_presenter.opened.connect(self._sign_in)
        self._unlock: UnlockView | None = None
        self._top: TopBar | None = None
        self._tabs: dict[str, PlaceTab] = {}
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
        self._everywhere: list[QShortcut] = []
        self._in_places: list[QShortcut] = []
        self._make_shortcuts()
        self._show_unlock()
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.installEventFilter(self)
            application.focusChanged.connect(lambda _old, _new: self._show_strip())

    # keys of the whole program

    def _make_shortcuts(self) -> None:
        def everywhere(keys: Sequence[str], act: Callable[[], object]) -> None:
            self._everywhere += [self._shortcut(key, act) for key in keys]

        def in_places(keys: Sequence[str], act: Callable[[], object]) -> None:
            self._in_places += [self._shortcut(key, act) for key in keys]

        everywhere(("F1", "Ctrl+/"), self.toggle_key_sheet)
        everywhere(("Ctrl++", "Ctrl+="), lambda: self._step_scale(1))
        everywhere(("Ctrl+-",), lambda: self._step_scale(-1))
        everywhere(("Ctrl+0",), lambda: self._step_scale(0))
        everywhere(("Ctrl+Alt+H",), self._toggle_contrast)
        everywhere(("F11",), self._toggle_full_screen)
        everywhere(("Ctrl+L",), self.lock)
        for number in range(1, 8):
            in_places((f"Ctrl+{number}",), lambda at=number - 1: self._go_number(at))
        for keys, call in (
            (("Ctrl+F",), lambda screen: screen.seek()),
            (("Ctrl+O",), lambda screen: screen.open_number()),
            (("F9", "Ctrl+T"), lambda screen: screen.main_deed()),
            (("Shift+F9",), lambda screen: screen.counter_deed()),
            (("F7", "Alt+J"), lambda screen: screen.next_oddity(1)),
            (("Shift+F7",), lambda screen: screen.next_oddity(-1)),
            (("F8", "Alt+L"), lambda screen: screen.side_panel()),
            (("F5", "Ctrl+R"), lambda screen: screen.look_again()),
            (("Ctrl+P",), lambda screen: screen.print_this()),
            (("F6", "Ctrl+Tab"), lambda screen: screen.next_pane(1)),
            (("Shift+F6",), lambda screen: screen.next_pane(-1)),
            (("Ctrl+PgDown",), lambda screen: screen.turn(1)),
            (("Ctrl+PgUp",), lambda screen: screen.turn(-1)),
            (("Ctrl+Z",), lambda screen: screen.undo()),
            (("Ctrl+Y",), lambda screen: screen.redo()),
        ):
            in_places(keys, lambda call=call: self._tell_screen(call))
        in_places(("Ctrl+S",), self._say_saved)

    def _shortcut(self, key: str, act: Callable[[], object]) -> QShortcut:
        shortcut = QShortcut(QKeySequence(key), self, context=Qt.ShortcutContext.WindowShortcut)
        shortcut.activated.connect(lambda: act())
        return shortcut

    def _tell_screen(self, call: Callable[[Screen], object]) -> None:
        screen = self._screens.get(self._place)
        if screen is not None:
            call(screen)

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
        self._unlock.sizing.connect(self._step_scale)
        self._unlock.contrast.connect(self._toggle_contrast)
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
        self._enable_keys(False)
        self._unlock.secret.setFocus()
        self._unlock_presenter.load()
        self.arrived.emit("unlock")

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
        )
        if self._unlock is not None:
            self._unlock.forget()
        self._put_in_force(looks)
        self._start_idle()
        self._build_places(places_of(session.role)[0])
        if self._unlock is not None:
            self._stack.removeWidget(self._unlock)
            self._unlock.deleteLater()
            self._unlock = None

    def lock(self) -> None:
        """Ctrl+L, and after some minutes without a key: seals what is open, forgets the key."""
        session = self._session
        if session is None:
            return
        self._leave_interview()
        self._session = None
        self._idle.stop()
        self._sheet.hide()
        self._drop_places()
        self._workplace = None
        if self._top is not None:
            self._top.deleteLater()
            self._top = None
        self.database_work.run(
            self, session.lock, lambda _done: None, lambda error: self._incidents.sentence(error) and None
        )
        self._show_unlock()

    # places

    def _build_places(self, current: str) -> None:
        assert self._workplace is not None
        self._drop_places()
        session = self._workplace.session
        if self._top is not None:
            self._lines.removeWidget(self._top)
            self._top.deleteLater()
        self._top = TopBar()
        self._top.setObjectName("top_bar")
        self._top.add_label(_("入户调查"), "name")
        self._tabs = {}
        for number, name in enumerate(places_of(session.role), 1):
            tab = PlaceTab(name, place_title(name, session.role), f"Ctrl+{number}")
            tab.clicked.connect(lambda _checked=False, name=name: self.go(name))
            self._top.add(tab)
            self._tabs[name] = tab
        self._top.add_label(session.name + "　" + role_words(session), "", right=True)
        locking = KeyCap("Ctrl+L", _("锁屏"), on_bar=True)
        locking.setObjectName("lock")
        locking.clicked.connect(self.lock)
        keys = KeyCap("F1", _("键位"), on_bar=True)
        keys.setObjectName("keys")
        keys.clicked.connect(self.toggle_key_sheet)
        self._top.add_right(locking)
        self._top.add_right(keys)
        self._lines.insertWidget(0, self._top)
        for part in (self._strip, self._status):
            part.show()
        self.go(current)

    def _drop_places(self) -> None:
        for screen in self._screens.values():
            self._stack.removeWidget(screen)
            screen.deleteLater()
        self._screens = {}

    def _go_number(self, at: int) -> None:
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
        self._leave_interview()
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
        for tab_name, tab in self._tabs.items():
            tab.setChecked(tab_name == name)
            tab.updateGeometry()
        if self._top is not None:
            self._top.show()
        self._strip.show()
        self._status.show()
        self._enable_keys(True)
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

    def _enable_keys(self, in_places: bool) -> None:
        for shortcut in self._in_places:
            shortcut.setEnabled(in_places)

    def _show_strip(self) -> None:
        screen = self._screens.get(self._place)
        if screen is not None:
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

    def _say_saved(self) -> None:
        self._show_said(Said("ok", _("每一格都已存好，{time}").format(time=f"{local_now():%H:%M:%S}")))

    def read_facts(self) -> None:
        """Reads anew what exists on this laptop alone, for the status bar."""
        session = self._session
        if session is None:
            return

        def job() -> tuple[Unsent, SyncReport | None]:
            from fieldapp.services import syncing

            return syncing.unsent(session), syncing.last_exchange(session)

        def done(facts: tuple[Unsent, SyncReport | None]) -> None:
            if session is self._session:
                self._status.show_fact(facts_sentence(*facts))

        self.database_work.run(self, job, done, lambda error: self.say("trouble", self._incidents.sentence(error)))

    # the interview

    def open_interview(self, assignment: str, interview: str) -> None:
        """Opens or resumes the interview of an assignment at the very question; shown over the places."""
        if self._session is None:
            return
        from fieldapp.services import interviewing
        from forms.errors import FieldAppError

        self._came_from = self._place if self._place in self._screens else "home"
        try:
            if assignment:
                opened = interviewing.begin(self._session, assignment)
            else:
                opened = interviewing.open_interview(self._session, interview)
        except FieldAppError as error:
            self.say("trouble", self._incidents.sentence(error))
            return
        from fieldapp.ui.interview_page import InterviewPage

        page = InterviewPage(opened, self.database_work, self._incidents)
        page.left.connect(self.leave_interview)
        self._interview = page
        self._place = "interview"
        self._stack.addWidget(page)
        self._stack.setCurrentWidget(page)
        if self._top is not None:
            self._top.hide()
        self._strip.hide()
        self._status.hide()
        self._enable_keys(False)
        self.setWindowTitle(_("入户调查") + f" — {opened.header.head_name}")
        page.arrive()
        self.arrived.emit("interview")

    def leave_interview(self) -> None:
        """Back to where the interview was opened from."""
        self.go(self._came_from)

    def _leave_interview(self) -> None:
        page = self._interview
        if page is not None:
            self._interview = None
            self._stack.removeWidget(page)
            page.close_interview()  # type: ignore[attr-defined]
            page.deleteLater()

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

    def _step_scale(self, step: int) -> None:
        at = SCALES.index(self._looks.scale)
        scale = 100 if step == 0 else SCALES[max(0, min(len(SCALES) - 1, at + step))]
        if scale != self._looks.scale:
            self.change_looks(replace(self._looks, scale=scale))

    def _toggle_contrast(self) -> None:
        self.change_looks(replace(self._looks, high_contrast=not self._looks.high_contrast))

    def _toggle_full_screen(self) -> None:
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
            self._sheet.show_sheet(_("填问卷"), self._interview.sheet())  # type: ignore[attr-defined]
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
        session, self._session = self._session, None
        self._leave_interview()
        if session is not None:
            self.database_work.run(
                self, session.lock, lambda _done: None, lambda error: self._incidents.sentence(error) and None
            )
        self.database_work.wait(10_000)
        application = QApplication.instance()
        if application is not None:
            application.removeEventFilter(self)
        super().closeEvent(event)


def unlock_keys() -> tuple[tuple[tuple[str, ...], str], ...]:
    """The keys of the unlock screen."""
    return (
        (("Alt+1…6",), _("选人")),
        (("↑", "↓"), _("选人")),
        (("Enter",), _("打开")),
        (("Alt+K",), _("按住看口令")),
        (("Alt+W",), _("忘了口令怎么办")),
        (("Alt+E",), _("换语言")),
    )


def facts_sentence(unsent: Unsent, last: SyncReport | None) -> str:
    """What exists on this laptop alone, and when it was last handed over, in one line."""
    parts = []
    if unsent.handed_in:
        parts.append(_("本机 {n} 份做好没交").format(n=unsent.handed_in))
    elif unsent.households:
        parts.append(_("本机 {n} 户有改动没交").format(n=unsent.households))
    else:
        parts.append(_("没有要交的"))
    parts.append(_("上次交接 {when}").format(when=moment_words(last.at)) if last is not None else _("还没有交接过"))
    return "　".join(parts)
