"""设置: what can be seen well, passphrase and lock, about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from fieldapp.ui import theme
from fieldapp.ui.choosing import ChoiceButton
from fieldapp.ui.parts import Facts, button, ground, in_line, on_key
from fieldapp.ui.screen import Said, Screen
from fieldapp.ui.settings.preferences import SCALES
from fieldapp.ui.settings.presenter import SettingsPresenter
from fieldapp.ui.table_view import RowTable
from fieldapp.ui.tables import Column, RowsModel, Shown
from fieldapp.ui.unlock.parts import PassphraseField
from fieldapp.ui.widgets.cards import Card, column, label
from fieldapp.ui.widgets.keys import ActionButton, Keys
from fieldapp.ui.workplace import Workplace, role_words
from fieldapp.words import _

Section = tuple[str, str, str]


class SettingsScreen(Screen):
    """Sections at the left, the chosen one at the right; a change is in force and kept at once."""

    def __init__(self, place: Workplace) -> None:
        super().__init__()
        self.setObjectName("settings")
        self._place = place
        self._presenter = SettingsPresenter(place, self)
        self._looks = place.preferences.of(place.session.account, place.session.role)
        look = theme.current()
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        left = ground()
        left.setFixedWidth(look.px(250))
        lines = QVBoxLayout(left)
        lines.setContentsMargins(0, 0, 0, 0)
        title = label(_("设置"), "section")
        title.setContentsMargins(look.px(14), look.px(8), 0, look.px(8))
        lines.addWidget(title)
        sections: tuple[Section, ...] = (
            ("Alt+1", _("看得清"), _("语言、字号、高对比")),
            ("Alt+2", _("口令与锁屏"), _("换口令、多久不动就锁")),
            ("Alt+3", _("关于"), _("版本、许可、这台电脑")),
        )
        self._sections: RowTable[Section] = RowTable(
            RowsModel(
                [Column("", lambda s: Shown(s[0], tone="quiet"), 58), Column("", lambda s: Shown(s[1], second=s[2]))]
            ),
            "settings_sections",
            _("设置"),
            row_height=48,
            head=False,
        )
        lines.addWidget(self._sections, 1)
        whole.addWidget(left)
        whole.addWidget(column())
        self._pages = QStackedWidget()
        for page in (self._build_looks(), self._build_passphrase(), self._build_about()):
            self._pages.addWidget(page)
        whole.addWidget(self._pages, 1)
        self._sections.show_rows(sections)
        self._sections.moved.connect(lambda: self._pages.setCurrentIndex(max(0, self._sections.currentIndex().row())))
        self._sections.opened.connect(self._enter)
        for number in range(len(sections)):
            on_key(self, f"Alt+{number + 1}", self._goer(number))
        self._presenter.passphrase_changed.connect(self._changed)
        self._presenter.failed.connect(self._refused)

    def _goer(self, number: int) -> Callable[[], None]:
        def go() -> None:
            self._sections.go_to(number)
            self._enter()

        return go

    # building

    def _page(self, title: str, parts: Sequence[QWidget]) -> QWidget:
        look = theme.current()
        area = ground()
        lines = QVBoxLayout(area)
        lines.setContentsMargins(look.px(24), look.px(12), look.px(24), look.px(12))
        lines.setSpacing(look.px(12))
        lines.addWidget(label(title, "title"))
        for part in parts:
            lines.addWidget(part)
        lines.addStretch(1)
        return area

    def _line(self, words: str, part: QWidget, hint: str) -> QWidget:
        name = label(words, "strong")
        name.setFixedWidth(theme.current().px(110))
        return in_line([name, part, label(hint, "hint"), None], gap=12)

    def _build_looks(self) -> QWidget:
        looks = self._looks
        self._language = ChoiceButton("settings_language", _("语言"), "Alt+E")
        self._language.offer([("zh", "中文"), ("en", "English")])
        self._language.select(looks.language)
        self._language.chosen.connect(lambda value: self._keep(language=value))
        self._scale = ChoiceButton("settings_scale", _("字号"), "Alt+Z")
        self._scale.offer([(str(scale), f"{scale} %") for scale in SCALES])
        self._scale.select(str(looks.scale))
        self._scale.chosen.connect(lambda value: self._keep(scale=int(value)))
        self._contrast = ChoiceButton("settings_contrast", _("高对比"), "Alt+G")
        self._contrast.offer([("", _("平常")), ("1", _("黑底高对比"))])
        self._contrast.select("1" if looks.high_contrast else "")
        self._contrast.chosen.connect(lambda value: self._keep(high_contrast=bool(value)))
        sample = Card(
            _("样子：电费 300 元，比上季多 5%"), _("字大了，行也高，一个字都不会被切掉。打印出来的不受影响。")
        )
        return self._page(
            _("看得清"),
            [
                self._line(_("语言"), self._language, _("题目和按钮一起换，键不变")),
                self._line(_("字号"), self._scale, _("也可以在任何地方按 Ctrl+加号、Ctrl+减号")),
                self._line(_("高对比"), self._contrast, _("也可以在任何地方按 Ctrl+Alt+H")),
                sample,
            ],
        )

    def _build_passphrase(self) -> QWidget:
        self._old = PassphraseField("settings_old_passphrase", _("现在的口令"))
        self._new = PassphraseField("settings_new_passphrase", _("新口令"))
        self._again = PassphraseField("settings_again_passphrase", _("新口令再打一遍"))
        for field in (self._old, self._new, self._again):
            field.setFixedWidth(theme.current().px(360))
        self._old.returnPressed.connect(self._new.setFocus)
        self._new.returnPressed.connect(self._again.setFocus)
        self._again.returnPressed.connect(self.main_deed)
        self._change = button(_("换口令"), "F9", "settings_change", self.main_deed, "primary", shortcut=False)
        self._words = label(_("口令只有您知道。换了口令，本机资料不用重写，也不会丢。"), "label", wrap=True)
        self._words.setObjectName("settings_message")
        self._minutes = ChoiceButton("settings_lock", _("锁屏"), "Alt+S")
        self._minutes.offer([(str(n), _("{n} 分钟").format(n=n)) for n in (5, 10, 20, 30)] + [("0", _("不自动锁"))])
        self._minutes.select(str(self._looks.lock_minutes))
        self._minutes.chosen.connect(lambda value: self._keep(lock_minutes=int(value)))
        return self._page(
            _("口令与锁屏"),
            [
                self._line(_("现在的口令"), self._old, _("按住 Alt+K 看打了什么")),
                self._line(_("新口令"), self._new, _("至少 10 位，不能全是数字；或四个词")),
                self._line(_("再打一遍"), self._again, ""),
                in_line([self._change, None]),
                self._words,
                self._line(_("多久不动就锁"), self._minutes, _("随时可按 Ctrl+L 锁")),
            ],
        )

    def _build_about(self) -> QWidget:
        about, session = self._presenter.about(), self._place.session
        facts = Facts(150)
        facts.show_facts(
            [
                (_("程序"), _("入户调查 {version}").format(version=about.program), ""),
                (_("许可"), "Apache-2.0", ""),
                (_("这台电脑"), session.device_name, ""),
                (_("谁在用"), f"{session.name}　{role_words(session)}　{session.account}", ""),
                (_("管的村"), "、".join(village.name for village in session.villages), ""),
            ]
        )
        parts = Facts(220)
        parts.show_facts(
            [(name, "　".join(part for part in (number, licence) if part), "") for name, number, licence in about.parts]
        )
        return self._page(_("关于"), [facts, label(_("里面用到的"), "section"), parts])

    # what is done

    def _keep(self, **changes: object) -> None:
        self._looks = replace(self._looks, **changes)  # type: ignore[arg-type]
        self._place.change_looks(self._looks)

    def _enter(self) -> None:
        first: tuple[ActionButton | PassphraseField, ...] = (self._language, self._old)
        at = self._sections.currentIndex().row()
        if at < len(first):
            first[at].setFocus()
        else:
            self._sections.setFocus()

    def main_deed(self) -> bool:
        if self._sections.currentIndex().row() != 1:
            return False
        if not self._old.text() or not self._new.text():
            self._say(_("先打现在的口令，再打新口令"), "soft")
            (self._old if not self._old.text() else self._new).setFocus()
        elif self._new.text() != self._again.text():
            self._say(_("两遍新口令不一样，再打一遍"), "hard")
            self._again.clear()
            self._again.setFocus()
        else:
            self._change.setEnabled(False)
            self._say(_("正在换……"), "accent")
            self._presenter.change_passphrase(self._old.text(), self._new.text())
        return True

    def _say(self, words: str, kind: str) -> None:
        self._words.setText(words)
        theme.restyle(self._words, kind=kind)

    def _changed(self) -> None:
        for field in (self._old, self._new, self._again):
            field.clear()
        self._change.setEnabled(True)
        self._say(_("口令换好了，下次开机用新的"), "ok")
        self.said.emit(Said("ok", _("口令换好了，下次开机用新的")))

    def _refused(self, sentence: str) -> None:
        self._change.setEnabled(True)
        self._say(sentence, "hard")
        self.said.emit(Said("ageing", sentence))
        self._old.setFocus()

    # keys

    def heading(self) -> str:
        return _("设置")

    def arrive(self) -> None:
        self._sections.setFocus()

    def step_back(self) -> bool:
        if not self._sections.hasFocus():
            self._sections.setFocus()
            return True
        return False

    def panes(self) -> Sequence[QWidget]:
        return (self._sections, self._pages)

    def strip(self) -> Sequence[Keys]:
        return (
            (("Alt+1…3",), _("换一类")),
            (("↑", "↓"), _("换一类")),
            (("Enter",), _("进去")),
            (("Tab",), _("下一项")),
            (("Space",), _("换一个")),
            (("F9",), _("换口令")),
            (("Esc",), _("返回")),
        )
