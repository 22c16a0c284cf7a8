"""交接: look first, then F9; ticks with words; a log in sentences."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from fieldapp.services import relaying
from fieldapp.services.carrying import CarriedOut
from fieldapp.services.finding import HouseholdList, HouseholdRow
from fieldapp.services.leasing import Lease
from fieldapp.services.syncing import Progress, SyncLine, SyncReport, Unsent
from fieldapp.ui import theme
from fieldapp.ui.households.columns import marks_of, state_of
from fieldapp.ui.messages import moment_words
from fieldapp.ui.parts import Band, Facts, button, empty_stack, in_line, on_key
from fieldapp.ui.screen import Said, Screen
from fieldapp.ui.sync.presenter import SyncPresenter
from fieldapp.ui.sync.sticks import choose_stick
from fieldapp.ui.sync.township import TownshipPane
from fieldapp.ui.table_view import RowTable
from fieldapp.ui.tables import Column, RowsModel, Shown
from fieldapp.ui.widgets.cards import column, hairline, label
from fieldapp.ui.widgets.keys import Keys
from fieldapp.ui.widgets.marks import Progress as ProgressBar
from fieldapp.ui.widgets.marks import ThreeTicks
from fieldapp.ui.workplace import Workplace
from fieldapp.words import _
from sync.scope import Role


class Figure(QWidget):
    """A large number with what it counts and a quiet line under it."""

    def __init__(self, words: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        look = theme.current()
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(look.px(12))
        self._number, self._words, self._more = label("0", "figure"), label(words), label("", "hint", wrap=True)
        self._number.setMinimumWidth(look.px(52))
        self._number.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        line.addWidget(self._number)
        texts = QVBoxLayout()
        texts.setSpacing(0)
        texts.addWidget(self._words)
        texts.addWidget(self._more)
        line.addLayout(texts, 1)

    def show_number(self, number: int, more: str = "") -> None:
        self._number.setText(f"{number:,}")
        self._more.setText(more)
        self._more.setVisible(bool(more))
        self.setAccessibleName(f"{number} {self._words.text()} {more}")


class SyncScreen(Screen):
    """The hand-over with the county. F9 starts, Esc stops; nothing that arrived is lost by stopping."""

    def __init__(self, place: Workplace) -> None:
        super().__init__()
        self.setObjectName("sync")
        self._place = place
        self._presenter = SyncPresenter(place, self)
        self._sentences: tuple[str, ...] = ()
        look = theme.current()
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self._build_left(), 1)
        whole.addWidget(column())
        right = self._build_right()
        right.setFixedWidth(look.px(428))
        self._right = right
        whole.addWidget(right)
        self._presenter.facts_read.connect(self._show_facts)
        self._presenter.progressed.connect(self._show_progress)
        self._presenter.finished.connect(self._show_report)
        self._presenter.stopped.connect(self._show_stop)
        self._presenter.carried.connect(self._show_carried)
        self._presenter.failed.connect(lambda sentence: self.said.emit(Said("trouble", sentence)))

    # building

    def _build_left(self) -> QWidget:
        look = theme.current()
        area, lines = empty_stack()
        self._band = Band(_("先看看"), _("按 F9 才动；断网、断电都不丢，下次接着来"))
        lines.addWidget(self._band)
        code_line = self._build_code_line()
        code_line.setContentsMargins(look.px(14), look.px(8), look.px(14), 0)
        lines.addWidget(code_line)
        figures = QHBoxLayout()
        figures.setContentsMargins(look.px(18), look.px(12), look.px(18), look.px(12))
        figures.setSpacing(look.px(18))
        self._ready, self._households, self._changes = (
            Figure(_("份做好的卷")),
            Figure(_("户有改动")),
            Figure(_("处改动")),
        )
        self._back, self._tasks, self._news = Figure(_("份退回")), Figure(_("户新任务")), Figure(_("户有更新"))
        self._clashes, self._isolated = Figure(_("格，两人都改过")), Figure(_("份隔离待认领"))
        columns = (
            (_("会交出去"), "accent", (self._ready, self._households, self._changes)),
            (_("上次带回来"), "accent", (self._back, self._tasks, self._news)),
            (_("撞上的"), "strong", (self._clashes, self._isolated)),
        )
        for number, (title, kind, parts) in enumerate(columns):
            if number:
                figures.addWidget(column())
            box = QVBoxLayout()
            box.setSpacing(look.px(8))
            box.addWidget(label(title, kind))
            for part in parts:
                box.addWidget(part)
            box.addStretch(1)
            figures.addLayout(box, 1)
        lines.addLayout(figures)
        self._card = QFrame()
        self._card.setProperty("kind", "card")
        self._card.setObjectName("sync_result")
        inside = QVBoxLayout(self._card)
        inside.setContentsMargins(look.px(14), look.px(10), look.px(14), look.px(10))
        inside.setSpacing(look.px(6))
        self._headline, self._count = label("", "strong", wrap=True), label("", "label")
        self._bar = ProgressBar()
        self._bar.setFixedHeight(look.px(12))
        self._words = label("", "label", wrap=True)
        head = QHBoxLayout()
        head.addWidget(self._headline, 1)
        head.addWidget(self._count)
        inside.addLayout(head)
        inside.addWidget(self._bar)
        inside.addWidget(self._words)
        framed = QVBoxLayout()
        framed.setContentsMargins(look.px(14), 0, look.px(14), look.px(8))
        framed.addWidget(self._card)
        self._start = button(_("开始交接"), "F9", "sync_start", self.main_deed, "primary", shortcut=False)
        self._stop = button(_("停下"), "Esc", "sync_cancel", self._cancel, shortcut=False)
        self._out = button(_("装 U 盘"), "Alt+U", "stick_out", self._carry_out)
        self._in = button(_("收 U 盘"), "Alt+I", "stick_in", self._take_in)
        framed.addWidget(in_line([self._start, self._stop, self._out, self._in, None]))
        lines.addLayout(framed)
        self._bar.hide()
        self._stop.hide()
        self._card.setMinimumHeight(look.px(92))
        self._headline.setText(_("还没有开始。按 F9 和县服务器交接一次"))
        lines.addWidget(hairline())
        legend = in_line([], gap=6)
        row = legend.layout()
        for reached, words in (
            (1, _("已代收：到了乡镇")),
            (2, _("已入库：县里收下了")),
            (3, _("已备份：县里有了第二份")),
        ):
            ticks = ThreeTicks(reached)
            if row is not None:
                row.addWidget(ticks)
                row.addWidget(label(words.replace(": ", "：").partition("：")[2] or words, "hint"))
        if isinstance(row, QHBoxLayout):
            row.addStretch(1)
        legend.setFixedHeight(look.px(30))
        legend.setContentsMargins(look.px(14), 0, 0, 0)
        self._list: RowTable[HouseholdRow] = RowTable(
            RowsModel(
                [
                    Column(_("户号"), lambda r: Shown(r.hh_no, tone="quiet"), 60),
                    Column(_("户主"), lambda r: Shown(r.head_name, tone="quiet" if r.ended else ""), 110),
                    Column(_("村组"), lambda r: r.village_name.removesuffix("村") + r.group, 116),
                    Column(_("本期状态"), state_of, 150),
                    Column(_("调查员"), lambda r: Shown(r.enumerator_name, tone="plain"), 90),
                    Column(_("交到哪一步"), marks_of),
                ]
            ),
            "sync_list",
            _("交到哪一步"),
            row_height=31,
        )
        lines.addWidget(self._list, 1)
        lines.addWidget(legend)
        self._list.opened.connect(self._open_row)
        return area

    def _build_right(self) -> QWidget:
        look = theme.current()
        area, lines = empty_stack("side")
        lines.addWidget(Band(_("上次交接")))
        self._last = Facts(84)
        self._last.setContentsMargins(look.px(12), look.px(10), look.px(12), look.px(10))
        lines.addWidget(self._last)
        lines.addWidget(Band(_("日志"), _("近的在上"), "Alt+R"))
        self._township: TownshipPane | None = None
        if self._place.session.role in (Role.TSUP, Role.CADM):
            self._township = TownshipPane(self._place)
            self._township.said.connect(self.said.emit)
            lines.insertWidget(lines.count() - 1, self._township, 3)
        self._log: RowTable[SyncLine] = RowTable(
            RowsModel(
                [
                    Column("", lambda line: Shown(moment_words(line.at), tone="quiet"), 108),
                    Column("", lambda line: Shown(line.sentence, tone=line.tone)),
                ]
            ),
            "sync_log",
            _("日志"),
            row_height=26,
            head=False,
            cursor_with_focus=True,
        )
        lines.addWidget(self._log, 1)
        lines.addWidget(hairline())
        if self._township is None:
            lines.addWidget(self._build_relay_line())
        words = label(_("路上都是密的，别人截了也打不开。三个勾都亮了，才算到了县里又多一份。"), "hint", wrap=True)
        words.setContentsMargins(look.px(12), look.px(8), look.px(12), look.px(8))
        lines.addWidget(words)
        on_key(self, "Alt+R", self._log.setFocus)
        return area

    def _build_relay_line(self) -> QWidget:
        """To the township's laptop: its address as its screen shows it, remembered from the last time."""
        look = theme.current()
        self._address = QLineEdit()
        self._address.setObjectName("relay_address")
        self._address.setPlaceholderText(_("乡镇电脑的地址，如 192.168.1.5"))
        self._address.setAccessibleName(_("乡镇电脑的地址"))
        self._address.returnPressed.connect(self._hand_over)
        row = in_line([self._address, button(_("交给乡镇"), "Alt+T", "relay_hand_over", self._hand_over)], gap=6)
        row.setContentsMargins(look.px(12), look.px(6), look.px(12), 0)
        return row

    def _build_code_line(self) -> QWidget:
        """What the county reads out when this laptop has been without contact for too long."""
        self._letters = label("", "strong", wrap=True)
        self._code = QLineEdit()
        self._code.setObjectName("lease_code")
        self._code.setAccessibleName(_("县里念的码"))
        self._code.setPlaceholderText(_("县里念的码"))
        self._code.returnPressed.connect(lambda: self._presenter.open_with_code(self._code.text()))
        self._code_line = in_line([self._letters, self._code], gap=8)
        self._code_line.setObjectName("lease_line")
        self._code_line.hide()
        return self._code_line

    # what is shown

    def fit(self, narrow: bool) -> None:
        self._right.setVisible(not narrow)

    def heading(self) -> str:
        return _("交接")

    def arrive(self) -> None:
        self._presenter.load()
        if self._township is not None:
            self._township.load()
        elif not self._address.text():
            self._address.setText(relaying.known_relay(self._place.session))
        if not self._presenter.running:
            self._start.setFocus()

    def look_again(self) -> bool:
        self._presenter.load()
        return True

    def _show_facts(
        self,
        unsent: Unsent,
        last: SyncReport | None,
        log: tuple[SyncLine, ...],
        households: HouseholdList,
        lease: Lease,
        letters: str,
    ) -> None:
        device = getattr(self._place.session, "device", "")[:8]
        self._letters.setText(_("念给县里：电脑 {device}，字母 {letters}").format(device=device, letters=letters))
        self._code_line.setVisible(lease.over)
        self._ready.show_number(unsent.handed_in)
        self._households.show_number(
            unsent.households, _("另有 {n} 份正在填，先存着一起带").format(n=unsent.drafts) if unsent.drafts else ""
        )
        self._changes.show_number(unsent.changes)
        self._isolated.show_number(unsent.quarantined)
        self._back.show_number(last.returned if last is not None else 0)
        self._tasks.show_number(last.new_assignments if last is not None else 0)
        self._news.show_number(last.received_households if last is not None else 0)
        clashes = sum(row.conflicts for row in households.rows)
        self._clashes.show_number(clashes, _("不挡路：两个数都留着，等乡镇定") if clashes else "")
        self._list.show_rows([row for row in households.rows if row.custody], lambda row: row.household)
        self._log.show_rows(log)
        if last is None:
            self._last.show_facts([(_("什么时候"), _("还没有交接过"), "")])
        else:
            self._last.show_facts(
                [
                    (_("什么时候"), moment_words(last.at), ""),
                    (_("交出去"), _("{n} 户　{c} 处改动").format(n=last.sent_households, c=last.sent), ""),
                    (_("带回来"), _("{n} 户　{c} 处改动").format(n=last.received_households, c=last.received), ""),
                    (_("结果"), _("做完了") if last.ok else _("停在半路，下次接着来"), "ok" if last.ok else "soft"),
                ]
            )

    def _show_progress(self, progress: Progress) -> None:
        if not self._presenter.running:
            return
        self._headline.setText(_(progress.sentence))
        self._count.setText(f"{progress.done:,} / {progress.total:,}" if progress.total else "")
        self._bar.show_progress(progress.done, progress.total)
        self.said.emit(Said("busy", _(progress.sentence)))

    def _set_running(self, running: bool) -> None:
        self._bar.setVisible(running)
        self._stop.setVisible(running)
        for one in (self._start, self._out, self._in):
            one.setEnabled(not running)
        theme.restyle(self._card, state="")
        self._count.setText("")
        self._words.setText(
            _("可以先去别的地方，好了会说。停下也不会丢：到了的算到了，没到的下次接着送。") if running else ""
        )
        (self._stop if running else self._start).setFocus()
        self.keys_changed.emit()

    def _show_report(self, report: SyncReport) -> None:
        self._set_running(False)
        headline = (
            _("停下了，到了的都算数")
            if report.cancelled
            else _("交接做完了")
            if report.ok
            else _("没有全做完，下次接着来")
        )
        self._headline.setText(headline)
        self._words.setText("\n".join(_(sentence) for sentence in report.sentences))
        theme.restyle(self._card, state="ok" if report.ok and not report.cancelled else "soft")
        self.said.emit(Said("ok" if report.ok else "ageing", headline))
        self.facts_changed.emit()

    def _show_stop(self, sentence: str) -> None:
        self._set_running(False)
        self._headline.setText(sentence)
        theme.restyle(self._card, state="soft")
        self.said.emit(Said("ageing", sentence))
        self.facts_changed.emit()

    # what is done

    def main_deed(self) -> bool:
        if not self._presenter.running:
            self._presenter.exchange()
            self._begin(_("正在找县服务器……"))
        return True

    def _hand_over(self) -> None:
        address = self._address.text().strip()
        if not address:
            self._address.setFocus()
            self.said.emit(Said("ageing", _("先填乡镇电脑的地址：它的屏幕上有")))
        elif not self._presenter.running:
            self._presenter.hand_over(address)
            self._begin(_("正在找乡镇的电脑……"))

    def _carry_out(self) -> None:
        folder = None if self._presenter.running else choose_stick(self)
        if folder is not None:
            self._presenter.carry_out(folder)
            self._begin(_("正在装 U 盘，先别拔……"))

    def _take_in(self) -> None:
        folder = None if self._presenter.running else choose_stick(self)
        if folder is not None:
            self._presenter.take_in(folder)
            self._begin(_("正在收 U 盘，先别拔……"))

    def _begin(self, words: str) -> None:
        self._headline.setText(words)
        self._bar.show_progress(0, 0)
        self._set_running(True)
        self.said.emit(Said("busy", words))

    def _show_carried(self, out: CarriedOut) -> None:
        self._set_running(False)
        self._headline.setText(_("U 盘装好了，可以拔"))
        self._words.setText("\n".join(out.sentences))
        theme.restyle(self._card, state="ok")
        self.said.emit(Said("ok", _("U 盘装好了，可以拔")))
        self.facts_changed.emit()

    def _cancel(self) -> None:
        self._presenter.cancel()
        self._headline.setText(_("正在停下……"))

    def _open_row(self) -> None:
        row = self._list.current_row()
        if row is not None:
            self._place.go("households", row.household)

    def subject(self) -> str:
        row = self._list.current_row()
        return row.household if row is not None else ""

    def step_back(self) -> bool:
        if self._presenter.running:
            self._cancel()
            return True
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._start.hasFocus():
            self.main_deed()
        else:
            super().keyPressEvent(event)

    def panes(self) -> Sequence[QWidget]:
        township = (self._township.laptops, self._township.waiting) if self._township is not None else ()
        return (self._start, self._list, *township, self._log)

    def strip(self) -> Sequence[Keys]:
        if self._presenter.running:
            return ((("Esc",), _("停下")), (("Ctrl+1",), _("先去做别的")))
        township: tuple[Keys, ...] = ((("Alt+T",), _("交给乡镇")),)
        if self._township is not None:
            township = ((("Alt+T",), _("代收")), (("Alt+S",), _("送县里")), (("Alt+G",), _("看隔离")))
        return (
            (("F9",), _("开始交接")),
            *township,
            (("Alt+U",), _("装 U 盘")),
            (("Alt+I",), _("收 U 盘")),
            (("F5",), _("再看一遍")),
            (("Alt+R",), _("日志")),
            (("F6",), _("换栏")),
            (("Enter",), _("看这户")),
            (("Esc",), _("返回")),
        )
