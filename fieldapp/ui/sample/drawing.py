"""抽样: the frame by village, the marks, the settings, and what was drawn."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from fieldapp.services.draw_records import StoredDraw
from fieldapp.services.draw_report import DrawReport
from fieldapp.services.drawing_sample import FrameReport, Order, VillageOfFrame
from fieldapp.ui import theme
from fieldapp.ui.parts import Band, button, in_line
from fieldapp.ui.sample.presenter import SamplePresenter
from fieldapp.ui.sample.saying import say, saying_line
from fieldapp.ui.table_view import RowTable
from fieldapp.ui.tables import Column, Mark, RowsModel, Shown
from fieldapp.ui.widgets.cards import hairline, label
from fieldapp.ui.widgets.keys import Keys
from fieldapp.words import _
from forms.monitoring.sample import Stratum

PLAIN, KEY, RELOCATION = "", "key", "relocation"
_NEXT = {PLAIN: KEY, KEY: RELOCATION, RELOCATION: PLAIN}


class DrawPage(QWidget):
    """Space marks key villages and relocation communities; F9 draws. A sample that stands is drawn anew only with name and reason."""

    def __init__(self, presenter: SamplePresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        look = theme.current()
        self._presenter = presenter
        self._marks: dict[str, str] = {}
        self._villages: tuple[VillageOfFrame, ...] = ()
        lines = QVBoxLayout(self)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(0)
        self._band = Band(_("抽样框"), _("正在看名册……"))
        lines.addWidget(self._band)
        self.table: RowTable[VillageOfFrame] = RowTable(self._model(), "sample_frame", _("抽样框"), row_height=31)
        self.table.toggled.connect(self._toggle)
        lines.addWidget(self.table, 1)
        lines.addWidget(hairline())
        self._fields: dict[str, QLineEdit] = {}
        parts: list[QWidget | int | None] = []
        for name, words, width in (
            ("name", _("名字"), 150),
            ("first", _("起始期"), 84),
            ("villages", _("村数"), 60),
            ("seed", _("种子（可空）"), 110),
            ("reason", _("重抽理由"), 230),
        ):
            field = QLineEdit()
            field.setObjectName(f"sample_draw_{name}")
            field.setAccessibleName(words)
            field.setMaximumWidth(look.px(width))
            field.returnPressed.connect(self._next)
            self._fields[name] = field
            parts += [label(words, "hint"), field]
        self._draw = button(_("抽样"), "F9", "sample_draw", self.draw, "primary", shortcut=False)
        foot = in_line([*parts, None, self._draw], gap=6)
        foot.setContentsMargins(look.px(14), look.px(8), look.px(14), look.px(4))
        lines.addWidget(foot)
        self._said = saying_line()
        self._report = label("", "label", wrap=True)
        self._report.setContentsMargins(look.px(14), 0, look.px(14), look.px(8))
        lines.addWidget(self._said)
        lines.addWidget(self._report)
        presenter.frame_read.connect(self._show_frame)
        presenter.draws_read.connect(self._show_draws)
        presenter.drawn.connect(self._show_report)
        presenter.failed.connect(self._refused)

    def _model(self) -> RowsModel[VillageOfFrame]:
        def of(stratum: Stratum) -> Column[VillageOfFrame]:
            return Column(str(stratum), lambda one: str(one.counts.get(stratum, 0)), 80, right=True)

        return RowsModel(
            [
                Column(_("村"), lambda one: Shown(one.name, bold=True), 170),
                Column(_("乡镇"), lambda one: one.township, 130),
                Column(_("代码"), lambda one: one.code, 140),
                *(of(stratum) for stratum in Stratum),
                Column("", lambda _one: "", 20),
                Column(_("必抽"), self._mark),
            ]
        )

    def _mark(self, one: VillageOfFrame) -> Shown:
        mark = self._marks.get(one.code, PLAIN)
        if mark == KEY:
            return Shown("", marks=(Mark(_("重点帮扶村"), "accent"),))
        if mark == RELOCATION:
            return Shown("", marks=(Mark(_("安置社区"), "accent"),))
        return Shown(_("像是安置社区") if one.perhaps_relocation else "", tone="quiet")

    def enter(self) -> None:
        """The person came here."""
        self._presenter.read_frame()
        self.table.setFocus()

    def _show_frame(self, found: FrameReport) -> None:
        self._villages = found.villages
        out = "　".join(f"{_(reason.zh)} {n}" for reason, n in found.frame.left_out)
        doubles = _("　重复 {n} 户，已并").format(n=len(found.frame.doubles)) if found.frame.doubles else ""
        self._band.show_hint(
            _("名册 {listed} 户，进框 {n} 户，{villages} 个村，建议抽 {points} 个村").format(
                listed=found.listed, n=len(found.frame.households), villages=len(found.villages), points=found.points
            )
            + (f"　{out}" if out else "")
            + doubles
        )
        self.table.show_rows(found.villages, lambda one: one.code)
        if not self._fields["villages"].text():
            self._fields["villages"].setText(str(found.points))

    def _show_draws(self, draws: tuple[StoredDraw, ...]) -> None:
        said = [
            _("{name}（{day}，{n} 户，从 {first} 起）").format(
                name=one.name, day=one.made_at.date().isoformat(), n=len(one.draw.households), first=one.first_period
            )
            for one in draws
        ]
        self._report.setText(_("已抽过：{draws}").format(draws="；".join(said)) if said else _("还没有抽过样"))

    def _toggle(self) -> None:
        row = self.table.current_row()
        if row is not None:
            self._marks[row.code] = _NEXT[self._marks.get(row.code, PLAIN)]
            self.table.viewport().update()

    def _next(self) -> None:
        fields = list(self._fields.values())
        at = next((n for n, field in enumerate(fields) if field.hasFocus()), len(fields) - 1)
        (fields[at + 1] if at + 1 < len(fields) else self._draw).setFocus()

    def draw(self) -> None:
        """F9."""
        told = {name: field.text().strip() for name, field in self._fields.items()}
        wrong = self._wrong(told)
        if wrong:
            self._fields[wrong[0]].setFocus()
            say(self._said, "hard", wrong[1])
            return
        say(self._said, "", _("正在抽……"))
        self._presenter.draw(
            Order(
                name=told["name"],
                first_period=told["first"],
                villages=int(told["villages"]),
                seed=int(told["seed"]) if told["seed"] else None,
                key=self._marked(KEY),
                relocation=self._marked(RELOCATION),
                reason=told["reason"],
            )
        )

    @staticmethod
    def _wrong(told: dict[str, str]) -> tuple[str, str] | None:
        first = told["first"]
        if not told["name"]:
            return "name", _("先起个名字，如 2027 年样本")
        if not (
            first[:4].isdigit() and (len(first) == 4 or (len(first) == 6 and first[4] == "Q" and first[5] in "1234"))
        ):
            return "first", _("起始期写成 2027 或 2027Q1")
        if not told["villages"].isdigit():
            return "villages", _("村数写整数")
        if told["seed"] and not told["seed"].isdigit():
            return "seed", _("种子写整数，或空着由程序随机取")
        return None

    def _marked(self, kind: str) -> frozenset[str]:
        here = {one.code for one in self._villages}
        return frozenset(code for code, mark in self._marks.items() if mark == kind and code in here)

    def _show_report(self, found: DrawReport) -> None:
        draw = found.stored.draw
        strata = "　".join(
            _("{stratum} {drawn} 户、备用 {reserve}").format(stratum=one.stratum, drawn=one.drawn, reserve=one.reserve)
            + (_("、缺 {n}").format(n=one.lacking) if one.lacking else "")
            for one in found.strata
        )
        say(
            self._said,
            "ok",
            _("抽好了：{villages} 个村 {n} 户，种子 {seed}，95% 相对误差约 {error}%。{strata}").format(
                villages=len(draw.points), n=len(draw.households), seed=draw.seed, error=found.error, strata=strata
            ),
        )
        for name in ("name", "seed", "reason"):
            self._fields[name].clear()
        self._presenter.read_frame()

    def _refused(self, sentence: str) -> None:
        if self.isVisible():
            say(self._said, "hard", sentence)

    def main_deed(self) -> None:
        """F9."""
        self.draw()

    def panes(self) -> Sequence[QWidget]:
        return (self.table, self._fields["name"])

    def strip(self) -> Sequence[Keys]:
        return (
            (("Space",), _("重点帮扶村、安置社区")),
            (("F6",), _("换栏")),
            (("F9",), _("抽样")),
            (("Ctrl+P",), _("写出抽样报告")),
            (("Esc",), _("返回")),
        )
