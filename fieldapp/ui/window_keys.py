"""The keys of the whole program, and the words of the unlock screen's sheet and of the status bar."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QKeySequence, QShortcut

from fieldapp.ui.messages import moment_words
from fieldapp.ui.screen import Screen
from fieldapp.words import _

if TYPE_CHECKING:
    from fieldapp.services.syncing import SyncReport, Unsent
    from fieldapp.ui.main_window import MainWindow


class WindowKeys(QObject):
    """Three groups: everywhere; ways to the places, for whoever is signed in; and keys that the screen shown answers.

    The interview hears its own keys before any of these (ui/interview/view.py).
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._ways: list[QShortcut] = []
        self._in_places: list[QShortcut] = []
        for keys, act in (
            (("F1", "Ctrl+/"), window.toggle_key_sheet),
            (("Ctrl++", "Ctrl+="), partial(window.step_scale, 1)),
            (("Ctrl+-",), partial(window.step_scale, -1)),
            (("Ctrl+0",), partial(window.step_scale, 0)),
            (("Ctrl+Alt+H",), window.toggle_contrast),
            (("F11",), window.toggle_full_screen),
            (("Ctrl+L",), window.lock),
        ):
            self._add(keys, act)
        for number in range(1, 10):
            self._ways += self._add((f"Ctrl+{number}",), partial(window.go_number, number - 1))
        deeds: tuple[tuple[Sequence[str], Callable[[Screen], object]], ...] = (
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
        )
        for heard, deed in deeds:
            self._in_places += self._add(heard, partial(self._tell, deed))
        self._in_places += self._add(("Ctrl+S",), window.say_saved)

    def enable(self, *, in_places: bool, signed_in: bool) -> None:
        """Which groups are heard now."""
        for shortcut in self._in_places:
            shortcut.setEnabled(in_places)
        for shortcut in self._ways:
            shortcut.setEnabled(signed_in)

    def _add(self, keys: Sequence[str], act: Callable[[], object]) -> list[QShortcut]:
        made = []
        for key in keys:
            shortcut = QShortcut(QKeySequence(key), self._window, context=Qt.ShortcutContext.WindowShortcut)
            shortcut.activated.connect(partial(_call, act))
            made.append(shortcut)
        return made

    def _tell(self, deed: Callable[[Screen], object]) -> None:
        screen = self._window.shown_screen()
        if screen is not None:
            deed(screen)


def _call(act: Callable[[], object]) -> None:
    act()


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
