"""An interview of a small form, saved in memory: the engine is real, the disk is not."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from fieldapp.services.interviewing import HandInItem, HandInList, Header, PinnedComment, Previous, TypingEvent
from fieldapp.ui import theme
from fieldapp.ui.background import Background
from fieldapp.ui.interview.presenter import InterviewPresenter
from fieldapp.ui.interview.view import InterviewView
from forms.engine import Cell, Effects, Form, Interview, Situation, load_form

NOW = datetime(2026, 9, 22, 9, 0, tzinfo=timezone(timedelta(hours=8)))


class Kept:
    """Stands where services' OpenInterview stands; remembers what was saved."""

    def __init__(self, form: Form, previous: dict[str, Previous], *, readonly: bool = False) -> None:
        self.form = form
        self.ids = iter(range(1, 10_000))
        situation = Situation(
            now=lambda: datetime(2026, 9, 22, 9, 0, tzinfo=UTC),
            new_row_id=lambda: f"{next(self.ids):032x}",
            random=lambda: 0.5,
        )
        self.interview = Interview.begin(form, situation)
        self.header = Header(
            interview="00", household="00", assignment="00", hh_id="0012", head_name="周德顺", place="双河村三组", form_id=form.form_id,
            form_title="季度卷", period="2026Q3", period_title="2026 年三季度", version=1, status=30, status_label="脱贫户", readonly=readonly,
            readonly_reason="已交卷，只能看" if readonly else "", first_of_its_kind=not previous, prev_title="26年二季", yoy_title="25年三季",
            base_title="26年初",
        )  # fmt: skip
        self.cursor: Cell | None = None
        self.section = ""
        self.comments: tuple[PinnedComment, ...] = ()
        self.saves: list[Effects] = []
        self.events: list[TypingEvent | None] = []
        self.places: list[tuple[Cell | None, str]] = []
        self.sealed = 0
        self.closed = False
        self.handed_in = False
        self.failure: Exception | None = None
        self.may_save = threading.Event()
        self.may_save.set()
        self._previous = previous
        self.references: dict[str, str] = {}

    def previous(self, cell: Cell) -> Previous:
        return self._previous.get(cell.path.rsplit("/", 1)[-1], Previous(None, None, None))

    def reference(self, name: str) -> str:
        return self.references.get(name, "")

    def save(self, effects: Effects, event: TypingEvent | None = None) -> datetime:
        self.may_save.wait(10)
        if self.failure is not None:
            raise self.failure
        self.saves.append(effects)
        self.events.append(event)
        return datetime(2026, 9, 22, 10, 42, 7, tzinfo=UTC)

    def remember_place(self, cell: Cell | None, section: str = "") -> None:
        self.places.append((cell, section))

    def seal(self) -> None:
        self.sealed += 1

    def leave(self) -> None:
        self.closed = True

    def hand_in_list(self) -> HandInList:
        blocking = [
            HandInItem(
                broken.cell, self.form.node(broken.cell.path).number or "", broken.condition, broken.message or "没问"
            )
            for broken in self.interview.violations()
        ]
        for check in self.interview.checks():
            if check.state in ("failed", "fallen"):
                blocking.append(HandInItem(check.cell, check.id, check.kind, check.message))
        return HandInList(tuple(blocking), 0, 0, 0, (("一共收入", "15,960 元"),))

    def hand_in(self) -> None:
        self.handed_in = True


class Sitting:
    """Presenter and view of one interview, and shortcuts for tests."""

    def __init__(self, opened: Kept, qtbot: QtBot, *, shown: bool = True, **chosen: Any) -> None:
        self.opened, self.interview, self.qtbot = opened, opened.interview, qtbot
        self.work = Background(1)
        self.presenter = InterviewPresenter(
            opened, self.work, hand_in_list=opened.hand_in_list, hand_in=opened.hand_in, now=lambda: NOW
        )
        self.view: InterviewView | None = None
        if shown:
            self.view = InterviewView(self.presenter, sentence=lambda error: f"没存住：{error}", **chosen)
            qtbot.addWidget(self.view)
            self.view.resize(1366, 697)
            self.view.show()
            qtbot.waitExposed(self.view)
            self.view.activateWindow()
            self.view.arrive()
            self.settle()

    def settle(self) -> None:
        """Until everything is saved and painted."""
        for _turn in range(4):
            self.work.wait()
            QApplication.processEvents()

    def cell(self, name: str, *rows: str) -> Cell:
        path = self.opened.form.path_of(name)
        assert path is not None
        return Cell(path, rows)

    def value(self, name: str, *rows: str) -> str:
        return self.interview.value(self.cell(name, *rows))

    def focus(self) -> object:
        return QApplication.focusWidget()

    def press(self, *keys: str) -> None:
        """Keys to whatever has the focus: characters, or names like ``Enter``, ``Ctrl+Z``, ``Shift+Enter``."""
        from PySide6.QtGui import QKeySequence
        from PySide6.QtTest import QTest

        for key in keys:
            target = QApplication.focusWidget() or self.view
            assert target is not None
            if len(key) == 1:
                QTest.keyClicks(target, key)
            else:
                stroke = QKeySequence("Return" if key == "Enter" else key.replace("+Enter", "+Return"))[0]
                QTest.keyClick(target, stroke.key(), stroke.keyboardModifiers())
            QApplication.processEvents()

    def type(self, text: str) -> None:
        self.press(*text)

    def compose(self, preedit: str) -> None:
        """A composition in the input method, not committed yet."""
        from PySide6.QtGui import QInputMethodEvent

        QApplication.sendEvent(QApplication.focusWidget(), QInputMethodEvent(preedit, []))
        QApplication.processEvents()

    def commit(self, text: str) -> None:
        """Text from the input method."""
        from PySide6.QtGui import QInputMethodEvent

        event = QInputMethodEvent()
        event.setCommitString(text)
        QApplication.sendEvent(QApplication.focusWidget(), event)
        QApplication.processEvents()

    @property
    def here(self) -> str:
        """Name of the question under the cursor."""
        assert self.view is not None
        assert self.view.cell is not None
        return self.view.cell.path.rsplit("/", 1)[-1]


Sit = Callable[..., Sitting]


def table(*lines: str, choices: str = "", settings: str = "") -> str:
    """A form in Markdown: one line per row of the survey sheet, cells parted by ``|``."""
    head = (
        "| | type | name | label | relevant | constraint | constraint_message | appearance | required | readonly | calculation |"
        + (
            " bind::fa:no | bind::fa:unit | bind::fa:short | bind::fa:head | bind::fa:nonresponse | bind::fa:check | bind::fa:id |"
            " bind::fa:about | bind::fa:level | bind::fa:total | bind::fa:ref | bind::type | choice_filter |"
        )
    )
    names = [part.strip() for part in head.strip("|").split("|")][1:]
    body = []
    for line in lines:
        given: dict[str, str] = {}
        words = [word.strip() for word in line.split("|")]
        for name, value in zip(("type", "name", "label"), words, strict=False):
            given[name] = value
        for word in words[3:]:
            key, _equals, value = word.partition("=")
            key = {"check": "fa:check"}.get(key.strip(), key.strip())
            given[key if key in names else f"bind::{key}"] = value.strip()
        body.append("| | " + " | ".join(given.get(name, "") for name in names) + " |")
    listed = "".join(
        f"| | {name} | {value} | {label} |\n"
        for name, value, label in (part.split(":") for part in choices.split(";") if part)
    )
    return (
        "| survey |\n"
        + head
        + "\n"
        + "\n".join(body)
        + "\n| choices |\n| | list_name | name | label |\n"
        + (listed or "| | none | 1 | x |\n")
        + '| settings |\n| | form_id | version | namespaces |\n| | small | 1 | fa="urn:fieldapp:xforms:1" |\n'
        + settings
    )


@pytest.fixture(autouse=True)
def themed(qapp: QApplication) -> None:
    if theme.current().scale != 100 or theme.current().high_contrast or not qapp.styleSheet():
        theme.apply(qapp)


@pytest.fixture
def sit(qtbot: QtBot) -> Iterator[Sit]:
    """Opens an interview of a form given as lines (see :func:`table`)."""
    sittings: list[Sitting] = []

    def open_(*lines: str, choices: str = "", previous: dict[str, Previous] | None = None, **more: object) -> Sitting:
        form = load_form(table(*lines, choices=choices), name="small.md")
        sitting = Sitting(
            Kept(form, previous or {}, readonly=bool(more.get("readonly"))), qtbot, shown=bool(more.get("shown", True))
        )
        sittings.append(sitting)
        return sitting

    yield open_
    for sitting in sittings:
        sitting.opened.may_save.set()
        sitting.opened.failure = None
        if sitting.view is not None:
            sitting.view.close_interview()
        sitting.settle()
