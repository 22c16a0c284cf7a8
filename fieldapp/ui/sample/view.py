"""样本: progress and replacements; for the county also drawing and rotation."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QStackedWidget, QVBoxLayout, QWidget

from fieldapp.ui import theme
from fieldapp.ui.parts import button, in_line
from fieldapp.ui.sample.drawing import DrawPage
from fieldapp.ui.sample.presenter import SamplePresenter
from fieldapp.ui.sample.requests import RequestsPage
from fieldapp.ui.sample.rotation import RotationPage
from fieldapp.ui.screen import Said, Screen
from fieldapp.ui.widgets.keys import Keys
from fieldapp.ui.workplace import Workplace
from fieldapp.words import _
from sync.scope import Role


class SampleScreen(Screen):
    """Alt+1…3 choose the page; the township has the first alone."""

    def __init__(self, place: Workplace) -> None:
        super().__init__()
        self.setObjectName("sample")
        look = theme.current()
        role = place.session.role
        self._presenter = SamplePresenter(place, self)
        self._requests = RequestsPage(self._presenter, role)
        self._pages: list[RequestsPage | DrawPage | RotationPage] = [self._requests]
        titles = [_("进度与替换")]
        if role == Role.CADM:
            self._pages += [DrawPage(self._presenter), RotationPage(self._presenter)]
            titles += [_("抽样"), _("轮换")]
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        self._stack = QStackedWidget()
        for page in self._pages:
            self._stack.addWidget(page)
        self._tabs = [
            button(title, f"Alt+{n + 1}", f"sample_tab_{n}", partial(self._show_page, n))
            for n, title in enumerate(titles)
        ]
        if len(self._tabs) > 1:
            head = in_line([*self._tabs, None])
            head.setContentsMargins(look.px(14), look.px(8), look.px(14), look.px(8))
            whole.addWidget(head)
        whole.addWidget(self._stack, 1)
        self._presenter.done.connect(self._done)
        self._presenter.drawn.connect(lambda _report: self._tell(_("抽好了，下次交接各村就有样本户")))
        self._presenter.planned.connect(
            lambda _plan, done: self._tell(_("轮换已执行") if done else _("方案做好了，还没有执行"))
        )
        self._presenter.failed.connect(lambda sentence: self.said.emit(Said("trouble", sentence)))

    @property
    def _page(self) -> RequestsPage | DrawPage | RotationPage:
        return self._pages[self._stack.currentIndex()]

    def heading(self) -> str:
        return _("样本")

    def arrive(self) -> None:
        self._show_page(self._stack.currentIndex())

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
        if isinstance(page, DrawPage):
            page.draw()
        else:
            page.approve()
        return True

    def counter_deed(self) -> bool:
        if isinstance(self._page, RequestsPage):
            self._page.refuse()
        return True

    def print_this(self) -> bool:
        if not isinstance(self._page, DrawPage):
            return False
        folder = QFileDialog.getExistingDirectory(self, _("抽样报告写到哪个文件夹"))
        if folder:
            self._presenter.write_report(Path(folder))
        return True

    def step_back(self) -> bool:
        if self._stack.currentIndex():
            self._show_page(0)
            return True
        return False

    def panes(self) -> Sequence[QWidget]:
        return self._page.panes()

    def strip(self) -> Sequence[Keys]:
        if len(self._pages) == 1:
            return self._page.strip()
        return ((("Alt+1…3",), _("进度、抽样、轮换")), *self._page.strip())
