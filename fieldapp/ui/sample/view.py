"""样本: progress and replacements, taking over, checks; for the county also drawing, rotation, handing out and weights."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QStackedWidget, QVBoxLayout, QWidget

from fieldapp.ui import theme
from fieldapp.ui.parts import button, in_line, on_key
from fieldapp.ui.sample.drawing import DrawPage
from fieldapp.ui.sample.findings import FindingsPage
from fieldapp.ui.sample.handing_out import HandOutPage
from fieldapp.ui.sample.presenter import SamplePresenter
from fieldapp.ui.sample.requests import RequestsPage
from fieldapp.ui.sample.rotation import RotationPage
from fieldapp.ui.sample.taking_over import TakeOverPage
from fieldapp.ui.sample.weights import WeightsPage
from fieldapp.ui.screen import Said, Screen
from fieldapp.ui.widgets.keys import Keys
from fieldapp.ui.workplace import Workplace
from fieldapp.words import _
from sync.scope import Role

Page = RequestsPage | DrawPage | RotationPage | HandOutPage | TakeOverPage | WeightsPage | FindingsPage
_ROOM_FOR_KEYS = 125  # per cent of type size; beyond, the tabs stand without their keys


class SampleScreen(Screen):
    """Alt+1… choose the page; the township has three of them."""

    def __init__(self, place: Workplace) -> None:
        super().__init__()
        self.setObjectName("sample")
        look = theme.current()
        role = place.session.role
        self._presenter = SamplePresenter(place, self)
        self._place = place
        self._requests = RequestsPage(self._presenter, role)
        self._findings = FindingsPage(self._presenter)
        self._findings.wanted.connect(place.go)
        over = TakeOverPage(self._presenter)
        named: list[tuple[str, Page]] = [(_("进度与替换"), self._requests)]
        if role == Role.CADM:
            named += [(_("抽样"), DrawPage(self._presenter)), (_("轮换"), RotationPage(self._presenter))]
            named += [(_("下发"), HandOutPage(self._presenter))]
        named += [(_("换人"), over)]
        if role == Role.CADM:
            named += [(_("权数"), WeightsPage(self._presenter))]
        named += [(_("核查"), self._findings)]
        self._pages: list[Page] = [page for _title, page in named]
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        self._stack = QStackedWidget()
        for page in self._pages:
            self._stack.addWidget(page)
        self._tabs = []
        for n, (title, _page) in enumerate(named):
            keyed = look.scale < _ROOM_FOR_KEYS
            go = partial(self._show_page, n)
            self._tabs.append(button(title, f"Alt+{n + 1}" if keyed else "", f"sample_tab_{n}", go))
            if not keyed:
                on_key(self, f"Alt+{n + 1}", go)
        head = in_line([*self._tabs, None], gap=6)
        head.setContentsMargins(look.px(14), look.px(8), look.px(14), look.px(8))
        whole.addWidget(head)
        whole.addWidget(self._stack, 1)
        self._presenter.done.connect(self._done)
        self._presenter.drawn.connect(lambda _report: self._tell(_("抽好了，下次交接各村就有样本户")))
        self._presenter.planned.connect(
            lambda _plan, done: self._tell(_("轮换已执行") if done else _("方案做好了，还没有执行"))
        )
        self._presenter.handed_out.connect(lambda done: self._tell(_("下发了 {n} 户").format(n=len(done.assignments))))
        self._presenter.taken_over.connect(lambda count: self._tell(_("交接了 {n} 户").format(n=count)))
        self._presenter.findings_read.connect(lambda _found: self.said.emit(Said("ok", _("核查好了"))))
        self._presenter.file_wanted.connect(self.print_this)
        self._presenter.failed.connect(lambda sentence: self.said.emit(Said("trouble", sentence)))

    @property
    def _page(self) -> Page:
        return self._pages[self._stack.currentIndex()]

    def heading(self) -> str:
        return _("样本")

    def arrive(self) -> None:
        self._show_page(self._stack.currentIndex())

    def show_subject(self, subject: str) -> None:
        """``findings`` or ``requests``: the page to begin with."""
        if subject == "findings":
            self._stack.setCurrentWidget(self._findings)
        elif subject == "requests":
            self._stack.setCurrentWidget(self._requests)

    def look_again(self) -> bool:
        self._show_page(self._stack.currentIndex())
        return True

    def _show_page(self, number: int) -> None:
        self._stack.setCurrentIndex(number)
        for at, tab in enumerate(self._tabs):
            tab.show_kind("chosen" if at == number else "plain")
        page = self._page
        if isinstance(page, RequestsPage):
            page.read()
            page.requests.setFocus()
        else:
            page.enter()
        self.keys_changed.emit()

    def _tell(self, sentence: str) -> None:
        self.said.emit(Said("ok", sentence))
        self.facts_changed.emit()

    def _done(self, sentence: str) -> None:
        self._requests.settled()
        self._tell(sentence)

    def main_deed(self) -> bool:
        page = self._page
        page.main_deed()
        return True

    def counter_deed(self) -> bool:
        if isinstance(self._page, RequestsPage):
            self._page.refuse()
        return True

    def print_this(self) -> bool:
        page = self._page
        if isinstance(page, DrawPage):
            folder = QFileDialog.getExistingDirectory(self, _("抽样报告写到哪个文件夹"))
            if folder:
                self._presenter.write_report(Path(folder))
            return True
        if isinstance(page, WeightsPage) and page.weighted is not None:
            folder = QFileDialog.getExistingDirectory(self, _("权数写到哪个文件夹"))
            if folder:
                self._presenter.write_weights(page.weighted, Path(folder))
            return True
        return False

    def step_back(self) -> bool:
        if self._stack.currentIndex():
            self._show_page(0)
            return True
        return False

    def panes(self) -> Sequence[QWidget]:
        return self._page.panes()

    def strip(self) -> Sequence[Keys]:
        return (((f"Alt+1…{len(self._pages)}",), _("换页")), *self._page.strip())
