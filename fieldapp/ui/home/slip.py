"""访户提示: what an enumerator needs before knocking."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from fieldapp.services.finding import HouseholdCard, WaveProgress
from fieldapp.ui import theme
from fieldapp.ui.messages import moment_words
from fieldapp.ui.parts import Facts
from fieldapp.ui.widgets.cards import column, label
from fieldapp.ui.widgets.compare import SmallBars
from fieldapp.words import _


class HouseholdSlip(QFrame):
    """The card of the household under the cursor. Money is absent where the card has none.

    Args:
        resume: whether it says where Enter would go on with the questionnaire.
    """

    def __init__(self, *, resume: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        look = theme.current()
        self.setObjectName("home_slip")
        self.setProperty("kind", "card")
        whole = QHBoxLayout(self)
        whole.setContentsMargins(look.px(14), look.px(8), look.px(14), look.px(8))
        whole.setSpacing(look.px(14))
        left = QVBoxLayout()
        left.setSpacing(look.px(6))
        head = QHBoxLayout()
        head.setSpacing(look.px(10))
        self._name, self._resume = label("", "section"), label("", "accent")
        head.addWidget(self._name)
        head.addWidget(self._resume)
        self._resume_wanted = resume
        head.addStretch(1)
        left.addLayout(head)
        self._facts = Facts()
        left.addWidget(self._facts)
        left.addStretch(1)
        whole.addLayout(left, 1)
        self._line = column()
        whole.addWidget(self._line)
        right = QVBoxLayout()
        right.setSpacing(look.px(4))
        self._visits_title, self._visits = label(_("近三次到访"), "strong"), label("", "label")
        self._bars_title, self._bars = label(_("人均纯收入（元/季）"), "strong"), SmallBars()
        for part in (self._visits_title, self._visits, self._bars_title, self._bars):
            right.addWidget(part)
        right.addStretch(1)
        box = QWidget()
        box.setLayout(right)
        box.setFixedWidth(look.px(306))
        whole.addWidget(box)
        self._beside = (self._line, box)
        self.show_card(None)

    def show_card(self, card: HouseholdCard | None) -> None:
        """Shows a household, or what would be here."""
        there = card is not None and theme.current().scale == 100  # large type: the household's page has them
        for part in self._beside:
            part.setVisible(there)
        if card is None:
            self._name.setText(_("还没有选户"))
            self._resume.setText(_("直接打字找户，按 ↓ 选一户"))
            self._resume.show()
            self._facts.show_facts([])
            return
        self._name.setText(_("{name}户　访户提示").format(name=card.household.head_name))
        self._resume.setText(card.resume_sentence)
        self._resume.setVisible(self._resume_wanted)
        self._facts.show_facts(
            [
                (_("住址"), card.address, ""),
                (_("电话"), "　".join(card.phones), ""),
                (_("好时候"), card.good_time, ""),
                (_("上季成员"), card.members_line, ""),
                (
                    _("按月收入"),
                    _("{incomes}（都要当面再确认）").format(incomes="　".join(card.fixed_incomes))
                    if card.fixed_incomes
                    else "",
                    "",
                ),
                (_("上季疑问"), "；".join(card.doubts), "soft"),
            ]
        )
        self._visits.setText(
            "\n".join(f"{moment_words(v.visited_at)}　{v.mode}　{v.result}" for v in card.visits) or _("还没有去过")
        )
        figures = [(figure.label, figure.yuan) for figure in card.incomes]
        self._bars_title.setVisible(bool(figures))
        self._bars.setVisible(bool(figures))
        self._bars.show_bars(figures)
        self.setAccessibleName(f"{self._name.text()} {card.resume_sentence}")


class WaveBar(QWidget):
    """本期进度 as one bar: done, in progress, returned, the rest empty; the counts stand beside it in words."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._progress: WaveProgress | None = None
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_progress(self, progress: WaveProgress) -> None:
        self._progress = progress
        self.setAccessibleName(
            _("应访 {a} 户，完成 {d}，进行中 {p}，退回 {r}，没到 {n}").format(
                a=progress.assigned,
                d=progress.done,
                p=progress.in_progress,
                r=progress.returned,
                n=progress.not_visited,
            )
        )
        self.update()

    def sizeHint(self) -> QSize:
        look = theme.current()
        return QSize(look.px(260), look.px(12))

    def paintEvent(self, _event: QPaintEvent) -> None:
        look = theme.current()
        painter = QPainter(self)
        painter.fillRect(self.rect(), look.colour("surface"))
        if self._progress is not None and self._progress.assigned:
            x = 1.0
            share = (self.width() - 2) / self._progress.assigned
            for count, token in (
                (self._progress.done, "ok"),
                (self._progress.in_progress, "accent"),
                (self._progress.returned, "hard"),
            ):
                painter.fillRect(QRect(round(x), 1, round(share * count), self.height() - 2), look.colour(token))
                x += share * count
        painter.setPen(QPen(look.colour("line2"), 1))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
