"""Which key of an interview does what. A key that is not named here belongs to the field or to the window around."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication

if TYPE_CHECKING:
    from fieldapp.ui.interview.view import InterviewView

__all__ = ["Keyboard"]


class Keyboard:
    """The keys of one interview's screen."""

    def __init__(self, view: InterviewView) -> None:
        self._view = view

    def deed(self, event: QKeyEvent) -> Callable[[], object] | None:
        """What a key does where the cursor is now; None if it is none of ours."""
        modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        control = modifiers == Qt.KeyboardModifier.ControlModifier
        shift = modifiers == Qt.KeyboardModifier.ShiftModifier
        alt = modifiers == Qt.KeyboardModifier.AltModifier
        key = event.key()
        in_page = self._view.stack.currentWidget() is not self._view.summary
        if not modifiers or shift:
            plain_keys: dict[tuple[int, bool], Callable[[], object]] = {
                (Qt.Key.Key_F3, False): self._view.copy_previous,
                (Qt.Key.Key_F2, True): self._view.write_note,
                (Qt.Key.Key_F6, False): lambda: self._view.next_pane(1),
                (Qt.Key.Key_F6, True): lambda: self._view.next_pane(-1),
                (Qt.Key.Key_F7, False): lambda: self._view.next_oddity(1),
                (Qt.Key.Key_F7, True): lambda: self._view.next_oddity(-1),
                (Qt.Key.Key_F8, False): self._view.side_panel,
                (Qt.Key.Key_F9, False): self._view.main_deed,
            }
            return plain_keys.get((key, shift))
        if control:
            return self._with_control(key, in_page=in_page)
        if alt:
            alt_keys: dict[int, Callable[[], object]] = {
                Qt.Key.Key_J: lambda: self._view.next_oddity(1),
                Qt.Key.Key_L: self._view.side_panel,
                Qt.Key.Key_K: lambda: self._view.cover(False),
                Qt.Key.Key_H: self._view.toggle_direction,
            }
            return alt_keys.get(key)
        return None

    def _with_control(self, key: int, *, in_page: bool) -> Callable[[], object] | None:
        deeds: dict[int, Callable[[], object]] = {
            Qt.Key.Key_Z: self._view.undo,
            Qt.Key.Key_Y: self._view.redo,
            Qt.Key.Key_PageDown: lambda: self._view.turn(1),
            Qt.Key.Key_PageUp: lambda: self._view.turn(-1),
            Qt.Key.Key_Tab: lambda: self._view.next_pane(1),
            Qt.Key.Key_T: self._view.main_deed,
            Qt.Key.Key_J: self._view.show_summary,
            Qt.Key.Key_S: self._view.say_safe,
        }
        if in_page:
            deeds |= {
                Qt.Key.Key_Q: self._view.copy_previous,
                Qt.Key.Key_8: lambda: self._view.answer_state("8"),
                Qt.Key.Key_9: lambda: self._view.answer_state("9"),
                Qt.Key.Key_B: self._view.write_note,
                Qt.Key.Key_G: self._view.body.ask_number,
                Qt.Key.Key_E: self._view.only_ticked,
            }
        else:
            deeds[Qt.Key.Key_G] = self._view.summary.go_current
        if key in (Qt.Key.Key_Z, Qt.Key.Key_Y) and self._field_dirty():
            return None
        return deeds.get(key)

    def _field_dirty(self) -> bool:
        focus = QApplication.focusWidget()
        if focus is self._view.side.note or focus is self._view.summary.note:
            return True
        return bool(getattr(focus, "dirty", False))
