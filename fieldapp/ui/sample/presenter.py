"""样本: what the services say of progress, replacements, draws and rotation, off the UI thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Signal

from fieldapp.services import (
    assigning,
    checking,
    draw_report,
    drawing_sample,
    handing_out,
    periods,
    replacing,
    rotating,
    visit_log,
    weighting,
    workloads,
)
from fieldapp.services.drawing_sample import Order
from fieldapp.ui.workplace import Presenter
from fieldapp.words import _

QUARTERLY, ANNUAL = "quarterly", "annual"


@dataclass(frozen=True, slots=True)
class Shown:
    """A period with its progress by township."""

    title: str
    lines: tuple[visit_log.TownshipProgress, ...]


class SamplePresenter(Presenter):
    """Signals:
    progress_read: :class:`Shown`. requests_read: tuple of requests. done: a sentence.
    frame_read: :class:`FrameReport`. draws_read: tuple of :class:`StoredDraw`. drawn: :class:`DrawReport`.
    planned: :class:`RotationPlan`, whether it was carried out.
    outlook_read: :class:`Outlook` and the form. handed_out: :class:`HandedOut`.
    workloads_read: tuple of :class:`Workload`. taken_over: how many households.
    weighted: :class:`Weighted`. file_wanted: a folder is to be chosen. findings_read: tuple of findings.
    """

    progress_read = Signal(object)
    requests_read = Signal(object)
    done = Signal(str)
    frame_read = Signal(object)
    draws_read = Signal(object)
    drawn = Signal(object)
    planned = Signal(object, bool)
    outlook_read = Signal(object, str)
    handed_out = Signal(object)
    workloads_read = Signal(object)
    taken_over = Signal(int)
    weighted = Signal(object)
    file_wanted = Signal()
    findings_read = Signal(object)

    def read_progress(self, form_id: str) -> None:
        """T01 of the quarter being surveyed, or of its year."""

        def job() -> Shown:
            period, lines = visit_log.progress_now(self.session, form_id, yearly=form_id == ANNUAL)
            return Shown(periods.title(period), lines)

        self.ask(job, self.progress_read.emit, only_newest="progress")

    def read_requests(self) -> None:
        """替换申请, what waits first."""
        self.ask(
            lambda: tuple(sorted(replacing.requests(self.session), key=lambda one: one.state != replacing.ASKED)),
            self.requests_read.emit,
        )

    def ask_replacement(self, household: str, evidence: str) -> None:
        """申请替换 of a household given by number."""

        def job() -> str:
            replacing.ask(self.session, replacing.find(self.session, household), "", evidence)
            return _("申请记下了，交接后县里就看得到")

        self._deed(job)

    def approve(self, assignment: str, words: str) -> None:
        """批准."""

        def job() -> str:
            approved = replacing.approve(self.session, assignment, words)
            rate = f"{float(approved.rate.share) * 100:.1f}"
            said = _("批准了：由 {hh_id} 接替，本年替换率 {rate}%").format(hh_id=approved.hh_id, rate=rate)
            return said if approved.assignment else said + _("；该村没有调查员，任务还没有下发")

        self._deed(job)

    def refuse(self, assignment: str, words: str) -> None:
        """不批准."""

        def job() -> str:
            replacing.refuse(self.session, assignment, words)
            return _("已答复：不批准")

        self._deed(job)

    def _deed(self, job: Callable[[], str]) -> None:
        def finish(sentence: str) -> None:
            self.done.emit(sentence)
            self.read_requests()

        self.ask(job, finish)

    def read_frame(self) -> None:
        """The frame as the register stands, and the draws made so far."""
        self.ask(lambda: drawing_sample.survey_frame(self.session), self.frame_read.emit, only_newest="frame")
        self.ask(lambda: drawing_sample.draws(self.session), self.draws_read.emit, only_newest="draws")

    def draw(self, order: Order) -> None:
        """抽样."""
        self.ask(lambda: draw_report.report(self.session, drawing_sample.draw(self.session, order)), self.drawn.emit)

    def write_report(self, folder: Path) -> None:
        """抽样报告 of the newest draw into a folder."""

        def job() -> str:
            written = draw_report.write_report(self.session, drawing_sample.find(self.session), folder)
            return _("抽样报告写好了，{n} 个文件，没有加密，用完收好：{folder}").format(n=len(written), folder=folder)

        self.ask(job, self.done.emit)

    def plan_rotation(self, year: int, reason: str) -> None:
        """轮换方案."""
        self.ask(lambda: rotating.plan(self.session, year, reason=reason), lambda plan: self.planned.emit(plan, False))

    def approve_rotation(self, year: int) -> None:
        """批准轮换."""
        self.ask(lambda: rotating.approve(self.session, year), lambda plan: self.planned.emit(plan, True))

    def read_outlook(self, period: str, form_id: str) -> None:
        """What handing out a period would do."""
        self.ask(
            lambda: handing_out.look(self.session, period, form_id),
            lambda found: self.outlook_read.emit(found, form_id),
            only_newest="outlook",
        )

    def hand_out(self, period: str, form_id: str) -> None:
        """下发."""
        self.ask(lambda: handing_out.hand_out(self.session, period, form_id), self.handed_out.emit)

    def read_workloads(self) -> None:
        """Who has how much to do."""
        self.ask(lambda: workloads.workloads(self.session), self.workloads_read.emit, only_newest="workloads")

    def take_over(self, before: str, after: str, village: str, words: str) -> None:
        """换人."""
        self.ask(
            lambda: assigning.reassign_all(self.session, before, after, village=village, handover=words),
            lambda moved: self.taken_over.emit(len(moved)),
        )

    def read_weights(self, period: str, form_id: str) -> None:
        """权数 of a period."""
        self.ask(lambda: weighting.weights_of(self.session, period, form_id), self.weighted.emit, only_newest="weights")

    def write_weights(self, weighted: weighting.Weighted, folder: Path) -> None:
        """The same as a file."""

        def job() -> str:
            return _("权数写好了，没有加密，用完收好：{path}").format(
                path=weighting.write_weights(self.session, weighted, folder)
            )

        self.ask(job, self.done.emit)

    def read_findings(self, period: str) -> None:
        """核查 of a period, beside everything else: it opens every interview."""
        self.place.long_work.run(
            self, lambda: checking.findings(self.session, period), self.findings_read.emit, self.fail
        )
