"""谁在用这台电脑: people by number, one passphrase field, the clock in words. Nothing of any household is here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from fieldapp.ui import theme
from fieldapp.ui.messages import CHINA, day_words, local_now, moment_words, weekday_words
from fieldapp.ui.unlock.parts import BarGround, PassphraseField, PersonLine
from fieldapp.ui.widgets.cards import Card, hairline, label, rule
from fieldapp.ui.widgets.keys import ActionButton, KeyCap
from fieldapp.words import _, language

if TYPE_CHECKING:
    from fieldapp.services.session import LaptopInfo, Person
    from fieldapp.ui.unlock.presenter import UnlockPresenter

MOST_PEOPLE = 6


class UnlockView(QWidget):
    """The first screen.

    Signals:
        sizing: +1 or -1 step of type size, 0 back to 100 %.
        contrast: high contrast on or off.
        language_switched: the other language.
    """

    sizing = Signal(int)
    contrast = Signal()
    language_switched = Signal()
    keys_wanted = Signal()

    def __init__(self, presenter: UnlockPresenter, last_account: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("unlock")
        self.setProperty("kind", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._presenter = presenter
        self._people: tuple[Person, ...] = ()
        self._lines: list[PersonLine] = []
        self._last_account = last_account
        self._enrolled = True
        self._clock_ok = True
        self._busy = False
        look = theme.current()
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self._build_left())
        column = QWidget()
        column.setMaximumWidth(look.px(560))
        self._column = QVBoxLayout(column)
        self._column.setContentsMargins(look.px(8), look.px(70 if look.scale < 150 else 24), look.px(8), look.px(16))
        self._column.setSpacing(look.px(8))
        whole.addStretch(1)
        whole.addWidget(column, 12)
        whole.addStretch(1)
        self._build_right()
        self._shortcuts()
        presenter.read.connect(self._show_laptop)
        presenter.refused.connect(self._refuse)
        self._tick = QTimer(self)
        self._tick.setInterval(20_000)
        self._tick.timeout.connect(self._show_clock)
        self._tick.start()
        self._show_clock()

    # building

    def _build_left(self) -> QWidget:
        look = theme.current()
        left = BarGround()
        left.setFixedWidth(min(look.px(470), 500))
        lines = QVBoxLayout(left)
        lines.setContentsMargins(look.px(48), look.px(60), look.px(40), look.px(34))
        lines.setSpacing(look.px(8))
        self._county = label("", "name")
        self._device, self._clock, self._clock_words = label("", "dim"), label("", "dim"), label("", "dim", wrap=True)
        self._period, self._window = label("", "name"), label("", "dim")
        lines.addWidget(self._county)
        lines.addWidget(label(_("脱贫成效跟踪监测"), "figure"))
        lines.addWidget(label(_("入户调查"), "figure"))
        lines.addSpacing(look.px(22))
        lines.addWidget(rule())
        lines.addSpacing(look.px(16))
        for part in (self._period, self._window):
            lines.addWidget(part)
        lines.addSpacing(look.px(24))
        for part in (self._device, self._clock, self._clock_words):
            lines.addWidget(part)
        lines.addStretch(1)
        lines.addWidget(label(_("这台电脑里的资料全部加了密。"), "dim"))
        lines.addWidget(label(_("电脑丢了、硬盘拆走，没有口令谁也读不到。"), "dim", wrap=True))
        return left

    def _build_right(self) -> None:
        look = theme.current()
        self._title = label(_("谁在用这台电脑？"), "title")
        self._column.addWidget(self._title)
        self._column.addSpacing(look.px(2))
        self._people_box = QVBoxLayout()
        self._people_box.setSpacing(look.px(8))
        self._column.addLayout(self._people_box)
        self._build_clock()
        self._build_enrolment()
        self._column.addSpacing(look.px(10))
        head = QHBoxLayout()
        self._secret_label = label(_("口令"), "strong")
        self._secret_hint = label(_("至少 10 位，要有字母"), "hint")
        head.addWidget(self._secret_label)
        head.addWidget(self._secret_hint)
        head.addStretch(1)
        head.addWidget(label(_("按住看"), "hint"))
        head.addWidget(KeyCap("Alt+K"))
        self._column.addLayout(head)
        self.secret = PassphraseField("unlock_passphrase", _("口令"))
        self.secret.setMinimumHeight(look.px(42))
        self._column.addWidget(self.secret)
        self._new_label = label(_("新口令，至少 10 位，要有字母；自己定，记牢"), "strong")
        self.new_secret = PassphraseField("unlock_new_passphrase", _("新口令"))
        self._again_label = label(_("新口令再打一遍"), "strong")
        self.again = PassphraseField("unlock_new_passphrase_again", _("新口令再打一遍"))
        for part in (self._new_label, self.new_secret, self._again_label, self.again):
            self._column.addWidget(part)
        self._message = label(_("输入法已自动切到英文"), "hint", wrap=True)
        self._message.setObjectName("unlock_message")
        self._column.addWidget(self._message)
        self._column.addSpacing(look.px(6))
        buttons = QHBoxLayout()
        buttons.setSpacing(look.px(14))
        self.open_button = ActionButton(_("打开"), "Enter", "primary", shortcut=False)
        self.open_button.setObjectName("unlock_open")
        self.open_button.setMinimumSize(look.px(200), look.px(42))
        self.forgot = ActionButton(_("忘了口令"), "Alt+W")
        self.forgot.setObjectName("unlock_forgot")
        self.forgot.setMinimumHeight(look.px(42))
        buttons.addWidget(self.open_button)
        buttons.addWidget(self.forgot)
        buttons.addStretch(1)
        self._column.addLayout(buttons)
        self._column.addSpacing(look.px(4))
        self._rule = label(_("错 5 次锁 10 分钟。忘了口令带电脑到乡镇重设，本机资料一条不丢。"), "hint", wrap=True)
        self._column.addWidget(self._rule)
        self._forgotten = Card(
            _("忘了口令"),
            _(
                "口令只有您自己知道，乡镇和县里也看不到。带这台电脑到县里，用县里的恢复钥匙重设一个，已填的一条不丢；请不要重装、不要删文件夹。"
            ),
        )
        self._forgotten.setObjectName("unlock_forgotten")
        self._forgotten.hide()
        self._column.addWidget(self._forgotten)
        self._column.addStretch(1)
        self._column.addWidget(hairline())
        self._column.addLayout(self._build_foot())
        self._show_fields()
        self.open_button.clicked.connect(self.open)
        self.forgot.clicked.connect(lambda: self._forgotten.setVisible(self._forgotten.isHidden()))
        for field in (self.secret, self.new_secret, self.again):
            field.returnPressed.connect(self._next_or_open)
            field.capitals.connect(self._show_capitals)
        self.secret.walked.connect(self._walk)

    def _build_clock(self) -> None:
        self._clock_box = QWidget()
        look = theme.current()
        lines = QVBoxLayout(self._clock_box)
        lines.setContentsMargins(0, look.px(6), 0, 0)
        self._clock_card = Card("", "", "soft")
        self.clock_field = QLineEdit()
        self.clock_field.setObjectName("unlock_clock")
        self.clock_field.setAccessibleName(_("今天的日期和时间"))
        self.clock_field.setPlaceholderText("2026-09-22 07:41")
        self.clock_field.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self.clock_button = ActionButton(_("就是现在"), "Alt+S")
        self.clock_button.setObjectName("unlock_clock_confirm")
        self.clock_keep = ActionButton(_("电脑时间是对的"), "Alt+D")
        self.clock_keep.setObjectName("unlock_clock_keep")
        row = QHBoxLayout()
        row.addWidget(self.clock_field, 1)
        row.addWidget(self.clock_button)
        row.addWidget(self.clock_keep)
        lines.addWidget(self._clock_card)
        lines.addLayout(row)
        self._clock_box.hide()
        self._column.addWidget(self._clock_box)
        self.clock_button.clicked.connect(self._confirm_clock)
        self.clock_field.returnPressed.connect(self._confirm_clock)
        self.clock_keep.clicked.connect(lambda: self._presenter.confirm_clock(local_now()))

    def _build_enrolment(self) -> None:
        self._address_label = label(_("县服务器地址"), "strong")
        self.address = QLineEdit()
        self.address.setObjectName("unlock_address")
        self.address.setAccessibleName(_("县服务器地址"))
        self.address.setPlaceholderText("https://")
        self.address.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self.address.returnPressed.connect(lambda: self.secret.setFocus())
        self._column.addWidget(self._address_label)
        self._column.addWidget(self.address)

    def _build_foot(self) -> QHBoxLayout:
        look = theme.current()
        foot = QHBoxLayout()
        foot.setSpacing(look.px(8))
        foot.addWidget(label(_("字号"), "hint"))
        for caps, step in (
            ("Ctrl+加号" if language() == "zh" else "Ctrl++", 1),
            ("Ctrl+减号" if language() == "zh" else "Ctrl+-", -1),
        ):
            cap = KeyCap(caps)
            cap.clicked.connect(lambda step=step: self.sizing.emit(step))
            foot.addWidget(cap)
        foot.addWidget(label(f"{look.scale} %", "strong"))
        foot.addStretch(1)
        contrast = KeyCap("Ctrl+Alt+H", _("高对比"))
        contrast.clicked.connect(self.contrast)
        self.language_button = ActionButton("English" if language() == "zh" else "中文", "Alt+E")
        self.language_button.setObjectName("unlock_language")
        self.language_button.clicked.connect(self.language_switched)
        keys = KeyCap("F1", _("键位"))
        keys.clicked.connect(self.keys_wanted)
        for part in (contrast, self.language_button, keys):
            foot.addWidget(part)
        return foot

    def _shortcuts(self) -> None:
        for number in range(1, MOST_PEOPLE + 1):
            shortcut = QShortcut(QKeySequence(f"Alt+{number}"), self, context=Qt.ShortcutContext.WindowShortcut)
            shortcut.activated.connect(lambda at=number - 1: self.choose(at))

    # what is shown

    def _show_clock(self) -> None:
        now = local_now()
        self._clock.setText(
            _("电脑时间")
            + "　"
            + day_words(now.date(), with_year=True)
            + " "
            + weekday_words(now.date())
            + f" {now:%H:%M}"
        )

    def _show_laptop(self, info: LaptopInfo, people: Sequence[Person], enrolled: bool) -> None:
        self._people = tuple(people)[:MOST_PEOPLE]
        self._enrolled = enrolled
        self._clock_ok = info.clock_ok
        self._busy = False
        self._county.setText(info.county_name)
        self._device.setText(
            (_("本机 {name}").format(name=info.device_name) if info.device_name else "")
            + (f"　{info.township_name}" if info.township_name else "")
        )
        self._period.setText(info.period_title)
        self._window.setText(_("入户窗口　{days}").format(days=info.window_title) if info.window_title else "")
        self._clock_words.setText(info.clock_sentence)
        self._clock_card.show_words(
            info.clock_sentence, _("今天是几号、几点？填了再开始访户。写成 2026-09-22 07:41。"), "soft"
        )
        self._clock_box.setVisible(not info.clock_ok)
        for line in self._lines:
            self._people_box.removeWidget(line)
            line.deleteLater()
        self._lines = []
        for number, person in enumerate(self._people, 1):
            post = _(person.role.zh) + ("　" + "、".join(person.villages) if person.villages else "")
            if not person.has_passphrase:
                when = _("第一次用，要开通码")
            else:
                when = _("{when} 用过").format(when=moment_words(person.last_used_at)) if person.last_used_at else ""
            line = PersonLine(number, person.name, post, when)
            line.clicked.connect(lambda _checked=False, at=number - 1: self.choose(at))
            self._people_box.addWidget(line)
            self._lines.append(line)
        wanted = next((i for i, person in enumerate(self._people) if person.account == self._last_account), 0)
        self._title.setText(_("谁在用这台电脑？") if enrolled else _("这台电脑还没有登记到县里"))
        if self._lines:
            self.choose(wanted)
        else:
            self._show_fields()
        (self.clock_field if not info.clock_ok else self.secret if enrolled else self.address).setFocus()

    @property
    def chosen(self) -> Person | None:
        """The person whose line is chosen."""
        at = next((i for i, line in enumerate(self._lines) if line.isChecked()), None)
        return self._people[at] if at is not None else None

    def choose(self, at: int) -> None:
        """Chooses a person and puts the cursor into the passphrase field."""
        if not 0 <= at < len(self._lines):
            return
        self._lines[at].setChecked(True)
        for line in self._lines:
            line.update()
        self._show_fields()
        self.secret.setFocus()

    def _walk(self, step: int) -> None:
        at = next((i for i, line in enumerate(self._lines) if line.isChecked()), 0)
        self.choose(max(0, min(len(self._lines) - 1, at + step)))

    def _show_fields(self) -> None:
        first_time = self._enrolled and self.chosen is not None and not self.chosen.has_passphrase
        for part in (self._new_label, self.new_secret, self._again_label, self.again):
            part.setVisible(first_time)
        self._address_label.setVisible(not self._enrolled)
        self.address.setVisible(not self._enrolled)
        code = first_time or not self._enrolled
        self._secret_label.setText(_("开通码") if code else _("口令"))
        self._secret_hint.setText(_("县里或乡镇给的一次性码") if code else _("至少 10 位，要有字母"))
        self.secret.setAccessibleName(self._secret_label.text())
        self.open_button.setText(_("打开") if self._enrolled else _("登记这台电脑"))
        self.open_button.setAccessibleName(self.open_button.text())
        self.open_button.updateGeometry()
        self.forgot.setVisible(self._enrolled)
        self._rule.setVisible(self._enrolled)

    def _say(self, words: str, kind: str = "hint") -> None:
        self._message.setText(words)
        theme.restyle(self._message, kind=kind)

    def _show_capitals(self, capitals: bool) -> None:
        if self._busy:
            return
        if capitals:
            self._say(_("大写锁定开着，口令分大小写"), "soft")
        else:
            self._say(_("大写锁定没开　输入法已自动切到英文"))

    # what is done

    def _next_or_open(self) -> None:
        waiting = next(
            (f for f in (self.secret, self.new_secret, self.again) if not f.isHidden() and not f.text()), None
        )
        if waiting is not None and waiting is not self.sender():
            waiting.setFocus()
        else:
            self.open()

    def open(self) -> None:
        """Enter: opens the store for the chosen person, or joins the county."""
        if self._busy:
            return
        if not self._clock_ok:
            self._say(_("先把今天的日期、时间填了，再打开"), "soft")
            self.clock_field.setFocus()
            return
        secret = self.secret.text()
        if not secret:
            self._say(
                _("先打开通码，再按 Enter")
                if self.secret.accessibleName() == _("开通码")
                else _("先打口令，再按 Enter"),
                "soft",
            )
            self.secret.setFocus()
            return
        if not self._enrolled:
            self._start(_("正在和县服务器登记……"))
            self._presenter.enrol(self.address.text().strip(), secret)
            return
        person = self.chosen
        if person is None:
            return
        if person.has_passphrase:
            self._start(_("正在打开……"))
            self._presenter.unlock(person.account, secret)
        elif self.new_secret.text() != self.again.text():
            self._say(_("两遍新口令不一样，再打一遍"), "hard")
            self.again.clear()
            self.again.setFocus()
        else:
            self._start(_("正在打开……"))
            self._presenter.first_passphrase(person.account, secret, self.new_secret.text())

    def _start(self, words: str) -> None:
        self._busy = True
        self._say(words, "accent")

    def _refuse(self, sentence: str) -> None:
        self._busy = False
        self._say(sentence, "hard")
        if self._enrolled:
            self.secret.clear()
        self.secret.setFocus()

    def _confirm_clock(self) -> None:
        text = self.clock_field.text().strip().replace("/", "-").replace("：", ":")
        for pattern in ("%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"):
            try:
                moment = datetime.strptime(text, pattern).replace(tzinfo=CHINA)
            except ValueError:
                continue
            self._presenter.confirm_clock(moment)
            return
        self._clock_card.show_words(
            self._clock_words.text(), _("没看懂。请写成 2026-09-22 07:41，再按 Enter。"), "soft"
        )

    def forget(self) -> None:
        """Clears every field: somebody signed in, or the screen was locked."""
        self._busy = False
        for field in (self.secret, self.new_secret, self.again):
            field.clear()
        self._say(_("输入法已自动切到英文"))

    def message(self) -> str:
        """The sentence under the field."""
        return self._message.text()

    def labels(self) -> tuple[QLabel, ...]:
        """All labels, for the test that nothing of a household stands here."""
        return tuple(self.findChildren(QLabel))
