"""A made-up laptop for tests of the window: frozen rows as the services return them, no store behind."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

from fieldapp.services import finding, relaying, reviewing, syncing
from fieldapp.services.deciding import ConflictCase, ConflictRow, HeadCard
from fieldapp.services.finding import (
    EnumeratorHome,
    GroupCount,
    HistoryLine,
    HouseholdCard,
    HouseholdPage,
    HouseholdRow,
    InProgressLine,
    InterviewLine,
    MemberLine,
    PeriodFigure,
    PrintLine,
    ReturnedLine,
    VisitLine,
    VisitPlan,
    WaveProgress,
)
from fieldapp.services.printing import Document, Printed, PrintRow
from fieldapp.services.session import LaptopInfo, Person, Village
from forms.engine import Cell
from sync.scope import Role

NOW = datetime(2026, 9, 22, 1, 6, tzinfo=UTC)


class FakeSession:
    """What screens read of a session."""

    def __init__(self, role: Role = Role.ENUM) -> None:
        self.role = role
        self.account = f"{role.value}-0417"
        self.name = {Role.ENUM: "王建国", Role.VSEC: "杨秀兰", Role.TSUP: "刘志远"}.get(role, "何小军")
        self.villages = (Village("529900100201", "双河村"), Village("529900100202", "岩口村"))
        self.device_name = "YL-QS-07"
        self.locked = False
        self.kept: dict[str, str] = {}

    def lock(self) -> None:
        self.locked = True

    def now(self) -> datetime:
        return NOW

    def today(self) -> date:
        return date(2026, 9, 22)

    def remember(self, name: str, value: str) -> None:
        self.kept[name] = value

    def remembered(self, name: str, default: str = "") -> str:
        return self.kept.get(name, default)

    def change_passphrase(self, _old: str, new: str) -> None:
        self.kept["passphrase"] = new


class FakeLaptop:
    """Opens with the passphrase ``chunjian-2026``."""

    enrolled = True

    def __init__(self, roles: tuple[Role, ...] = (Role.ENUM, Role.VSEC, Role.TSUP)) -> None:
        self.sessions = {f"{role.value}-0417": FakeSession(role) for role in roles}
        self.tries = 5

    def info(self) -> LaptopInfo:
        return LaptopInfo(
            "YL-QS-07",
            "云岭县",
            "青石镇",
            "2026 年三季度",
            "9 月 20 日 — 10 月 15 日",
            NOW,
            "比上次关机晚 13 小时，时间正常",
            True,
        )

    def people(self) -> tuple[Person, ...]:
        return tuple(
            Person(s.account, s.name, s.role, ("双河村", "岩口村"), NOW - timedelta(hours=13), True, None)
            for s in self.sessions.values()
        )

    def unlock(self, account: str, passphrase: str) -> FakeSession:
        from forms.errors import FieldAppError

        if passphrase != "chunjian-2026":
            self.tries -= 1

            class Wrong(FieldAppError):
                zh = "口令不对，还能试 {left} 次。忘了带到乡镇重设，资料不丢"

            raise Wrong(left=self.tries)
        return self.sessions[account]

    def confirm_clock(self, now: datetime) -> None: ...


def row(no: str, name: str, **more: object) -> HouseholdRow:
    base: dict[str, object] = dict(  # noqa: C408
        household=f"hh{no}", hh_id=f"529900100201{no}", hh_no=no, head_name=name, village_code="529900100201", village_name="双河村",
        group="三组", hh_type="2", hh_type_label="脱贫户", assignment=f"as{no}", form_id="quarterly", period="2026Q3", interview="",
        status=20, status_label="没到", progress=0, next_visit_at=None, hard=0, soft=0, conflicts=0, custody="", enumerator="ENUM-0417",
        enumerator_name="王建国", name_matches=(),
    )  # fmt: skip
    return HouseholdRow(**(base | more))  # type: ignore[arg-type]


ROWS = (
    row("0012", "周德顺", status=30, status_label="填报中 26%", progress=26, interview="iv0012", next_visit_at=NOW, hard=1, soft=1, custody="unsent"),
    row("0027", "郑大山", village_name="岩口村", group="一组", hh_type_label="一般农户", next_visit_at=NOW + timedelta(days=2)),
    row("0008", "张德淑", group="一组", hh_type_label="突发严重困难户", status=50, status_label="已交，等乡镇审", interview="iv0008", custody="custody"),
    row("0031", "曾定国", village_name="岩口村", group="二组", status=70, status_label="通过", interview="iv0031", custody="durable"),
    row("0019", "赵冬梅", group="四组", hh_type_label="脱贫不稳定户", conflicts=2, interview="iv0019", next_visit_at=NOW + timedelta(days=1)),
    row("0017", "彭显华", group="一组", hh_type_label="一般农户", status=60, status_label="退回待改", interview="iv0017", custody="admitted"),
)  # fmt: skip

HOME = EnumeratorHome(
    today=(
        VisitPlan(ROWS[0], NOW, "QA19，52 分钟", False),
        VisitPlan(row("0015", "冉光明", group="三组"), NOW + timedelta(hours=1), "要带一卡通存折", False),
        VisitPlan(row("0021", "覃大贵", group="二组"), NOW + timedelta(hours=5), "老人耳背，找组长陪", False),
        VisitPlan(row("0022", "向泽芳", group="二组"), NOW + timedelta(hours=6), "上季拒过 1 次", True),
    ),
    returned=(
        ReturnedLine(ROWS[5], "三季度", "电费 3000 是不是 300？打电话核一下。", "刘志远", NOW - timedelta(days=1), 2),
        ReturnedLine(row("0009", "石桂兰", village_name="岩口村", group="二组"), "三季度", "QB 少了去年出生的小孙女，请补。", "刘志远", NOW - timedelta(days=1), 2),
    ),
    in_progress=(
        InProgressLine(ROWS[0], NOW, "QA19"),
        InProgressLine(row("0024", "罗小兵", group="一组", progress=91, soft=2, interview="iv0024"), NOW, "QG"),
        InProgressLine(row("0025", "谭菊香", group="四组", progress=44, interview="iv0025"), NOW - timedelta(days=2), "QD5"),
    ),
    progress=WaveProgress("2026Q3", "2026 年三季度", 32, 14, 3, 2, 13, date(2026, 10, 15)),
    ready_unsent=3,
    last_exchange_at=NOW - timedelta(days=4),
    last_exchange_sentence="青石镇收了 6 份",
)  # fmt: skip


def card_of(session: object, household: str) -> HouseholdCard:
    found = next((r for r in ROWS if r.household == household), ROWS[0])
    money = getattr(session, "role", Role.ENUM) is not Role.VSEC
    return HouseholdCard(
        household=found, address="双河村三组大坪　院坝有两棵板栗树", phones=("138****2206（户主）", "157****9013（儿媳）"),
        good_time="早上 9 点前、傍晚收工后", members_line="6 人：周德顺 63、田秀英 61、周文强 36（在外）、谭菊香 34、周雨桐 11、周雨泽 5",
        fixed_incomes=("养老金 215 元×2", "公益岗 500 元", "残补 80 元") if money else (), doubts=("卖猪 1 头没记成本；电费比去年同季少一半",) if money else (),
        visits=(VisitLine(NOW, "面访", "填到 QA19"), VisitLine(NOW - timedelta(days=90), "面访", "48 分钟　通过"), VisitLine(NOW - timedelta(days=179), "面访", "55 分钟　退 1 次后通过")),
        incomes=tuple(PeriodFigure(p, lab, y, c) for p, lab, y, c in (("2025Q3", "25三季", 2910, 2020), ("2025Q4", "25四季", 4380, 2100), ("2026Q1", "26一季", 2240, 1810), ("2026Q2", "26二季", 2655, 1592))) if money else (),
        resume_sentence="按 Enter 从 QA19 接着填" if found.interview else "按 Enter 开始填",
    )  # fmt: skip


def page_of(session: object, household: str) -> HouseholdPage:
    money = getattr(session, "role", Role.ENUM) is not Role.VSEC
    yuan = (lambda y: y) if money else (lambda _y: None)
    return HouseholdPage(
        card=card_of(session, household), short_code="QS3-7K2M",
        members=(
            MemberLine("p1", "01", "周德顺", "户主", "男", 63, "常住", "务农；公益岗护林员", False),
            MemberLine("p2", "02", "田秀英", "配偶", "女", 61, "常住", "务农；新患高血压（本季）", False),
            MemberLine("p3", "03", "周文强", "子", "男", 36, "外出", "广东佛山 务工，2019 年起", False),
            MemberLine("p4", "04", "谭菊香", "儿媳", "女", 34, "外出", "县城陪读（本季起）", False),
            MemberLine("p7", "", "周德贵", "弟", "男", 58, "离户", "25年四季分户，另立 0041 号", True),
        ),
        registered_n=6, resident_n=3,
        interviews=(
            InterviewLine("iv0012", "quarterly", "季度卷", "2026Q3", "26年三季", 30, "填报中 35%", "王建国", 58, None, None, "错 1　核 4"),
            InterviewLine("iv2", "quarterly", "季度卷", "2026Q2", "26年二季", 90, "县级验收", "王建国", 48, yuan(2655), yuan(1592), "退 1 次"),
            InterviewLine("iv3", "annual", "年度卷", "2026", "26年年度", 90, "县级验收", "王建国", 92, yuan(11060), yuan(7140), "基线"),
            InterviewLine("", "quarterly", "季度卷", "2025Q3", "25年三季", 0, "缺", "陈开富", None, None, None, "举家外出 321"),
        ),
        history=(
            HistoryLine(NOW, "王建国", "谭菊香 现在：在家 → 外出", ""),
            HistoryLine(NOW - timedelta(days=7), "杨秀兰", "电话：户主 138****2206", ""),
            HistoryLine(NOW - timedelta(days=56), "刘志远", "二季度卷 通过", "ok"),
            HistoryLine(NOW - timedelta(days=58), "刘志远", "卖猪 1 头没记成本，退回", "hard"),
        ),
        prints=(PrintLine("household_file", "一户一档", NOW - timedelta(days=54), 3, 4),), unsent_changes=12,
    )  # fmt: skip


GROUPS = (
    GroupCount("529900100201", "双河村", "一组", 3),
    GroupCount("529900100201", "双河村", "三组", 2),
    GroupCount("529900100202", "岩口村", "二组", 1),
)


def list_households(
    _session: object, *, query: str = "", limit: int | None = None, **_more: object
) -> finding.HouseholdList:
    letters = {"zd": ("周德顺", "郑大山", "张德淑", "曾定国", "赵冬梅")}
    hits = [
        r
        for r in ROWS
        if not query or query in r.head_name or query in r.hh_no or r.head_name in letters.get(query, ())
    ]
    if query == "zd":
        from dataclasses import replace

        hits = [replace(r, name_matches=((0, 2),)) for r in hits]
    return finding.HouseholdList(tuple(hits[:limit]), len(hits), 32)


def waiting_row(name: str, oddity: str, tone: str, version: int = 1) -> reviewing.WaitingRow:
    return reviewing.WaitingRow(
        f"iv{name}", f"hh{name}", "0017", name, "双河村", "一组", "quarterly", "季度卷", "2026Q3", "ENUM-0417", "王建国", version, 50, NOW, 43, 2, 3, 0,
        oddity, tone, 1,
    )  # fmt: skip


WAITING = (
    waiting_row("彭显华", "改了 3 处", "accent", 2),
    waiting_row("何兴旺", "核 9　用时短", "soft"),
    waiting_row("赵冬梅", "有冲突，先定", "conflict"),
    waiting_row("张素珍", "没有疑问", "ok"),
)


def line(
    number: str, label: str, now: str, prev: str, yoy: str, change: str, note: str = "", **more: object
) -> reviewing.SheetLine:
    base: dict[str, object] = dict(  # noqa: C408
        kind="line", cell=Cell(f"/data/{number}"), number=number, label=label, value=now, value_label=now, prev_label=prev, yoy_label=yoy,
        change=change, change_pct=None, change_tone="", note=note, earlier="", badge="", section="/data/f", comments=0, cleared=False, important=False,
    )  # fmt: skip
    return reviewing.SheetLine(**(base | more))  # type: ignore[arg-type]


SHEET_LINES = (
    line("", "收入　合计 9,842　上季 9,105　＋8%", "", "", "", "", kind="section", cell=None),
    line("QD1", "工资：彭显华 打零工 41 天", "5,330", "4,950", "4,100", "＋8%"),
    line("402", "城乡居民养老金", "645", "645", "600", "同", "已当面确认"),
    line("", "消费　合计 6,910　上季 6,480　＋7%", "", "", "", "", kind="section", cell=None),
    line(
        "F305",
        "生活用电",
        "300",
        "286",
        "270",
        "＋5%",
        "打电话核过",
        badge="mended",
        earlier="3,000",
        important=True,
        comments=1,
    ),
    line(
        "F705",
        "门诊医疗费",
        "1,260",
        "180",
        "220",
        "＋600%",
        "“妻子腰椎病，做理疗 9 次”",
        badge="soft",
        change_tone="soft",
        important=True,
    ),
    line("", "成员、住房、饮水", "", "", "", "", kind="section", cell=None),
    line("QB01", "07 孙女 彭小禾", "新增", "—", "—", "新增", badge="mended", important=True),
    line("QA10", "停水天数", "3", "0", "2", ""),
)


def sheet_of(_session: object, interview: str) -> reviewing.Sheet:
    found = next((r for r in WAITING if r.interview == interview), WAITING[0])
    return reviewing.Sheet(
        row=found, hh_id="5299001002010017", hh_type_label="一般农户", lines=SHEET_LINES,
        summary="整卷：错 0　核 2 都写了说明　用时 43 分钟　面访 户主",
        comments=(
            reviewing.Comment(Cell("/data/F305"), "刘志远", True, NOW - timedelta(days=1), "电费 3000 是不是 300？打电话核。"),
            reviewing.Comment(Cell("/data/F305"), "王建国", False, NOW, "打过电话，是 300，多打了 0，已改。"),
        ),
        reasons=REASONS, history=(reviewing.StateStep(NOW, "王建国", 50, "已交，等乡镇审", ""),), returns=1,
        approve_blocked="", return_blocked="", prev_title="上季", yoy_title="去年同季",
    )  # fmt: skip


REASONS = tuple(
    reviewing.ReturnReason(code, words)
    for code, words in (
        ("01", "逻辑错误未处理"), ("02", "核实说明不充分"), ("03", "收支明显漏记"), ("04", "成员登记错误"), ("05", "户类型与名册不符"),
        ("06", "访问过程异常"), ("07", "与凭据不符"), ("08", "回访不一致"), ("09", "照抄上期"), ("10", "其他"),
    )
)  # fmt: skip

CONFLICT_ROWS = (
    ConflictRow(
        "r1", "interview", (), "qd/q404", "hh22", "向泽芳", "双河二组", "QD5", "404 低保金", "cell", NOW, "等您定", True
    ),
    ConflictRow(
        "r2",
        "household",
        (),
        "hh_phone",
        "hh19",
        "赵冬梅",
        "双河四组",
        "",
        "电话",
        "cell",
        NOW - timedelta(days=2),
        "在等人",
        True,
    ),
)


def case_of(_session: object, root: str, at: tuple[str, ...], field: str) -> ConflictCase:
    found = next(r for r in CONFLICT_ROWS if (r.root, r.row, r.field) == (root, at, field))
    return ConflictCase(
        row=found, cell=Cell("/data/qd/q404"), base_label="1,260 元", base_words="二季度卷，王建国 6月23日 填，7月28日 通过",
        heads=(
            HeadCard(0, "0", "0 元", "王建国", "调查员", "YL-QS-07", NOW - timedelta(days=1), "户主说 7 月起没有了，拿不准是停了还是没到账。", True),
            HeadCard(1, "1410", "1,410 元", "陈开富", "调查员", "YL-QS-03", NOW - timedelta(days=2), "7 月提标到 470，民政所名单上有。", False),
        ),
        history=((NOW, "交接时发现两个数"), (NOW - timedelta(days=1), "王建国 1,260 → 0"), (NOW - timedelta(days=2), "陈开富 1,260 → 1,410")),
        earlier=(("26年二季", "1,260"), ("26年一季", "1,260"), ("25年四季", "1,200")),
        neighbours=(("QA17 低保有没有变化", "1 没有变化"), ("402 养老金", "645")), other_allowed=False,
    )  # fmt: skip


LAST = syncing.SyncReport(
    NOW - timedelta(days=4), True, False, 41, 6, 12, 3, 0, 0, 1, 3, ("交上去 6 户", "收回 1 份退回")
)
LAPTOPS = (
    relaying.LaptopLine("3f9a11c0", "王建国", 12, NOW - timedelta(minutes=4), None),
    relaying.LaptopLine("77e0b2d1", "杨秀兰", 31, NOW - timedelta(days=1), NOW - timedelta(hours=2)),
)
UNSENT = syncing.Unsent(1, 35, 3, 3, 0)
SYNC_LOG = (
    syncing.SyncLine(NOW - timedelta(days=4), "县里收了 6 户，已备份", "ok"),
    syncing.SyncLine(NOW - timedelta(days=4), "断了一下，从第 3 段接着送", "soft"),
    syncing.SyncLine(NOW - timedelta(days=11), "县里来了三季度参考价", ""),
)

DOCUMENTS = (
    Document("household_file", "一户一档", "封面、七页、佐证目录"),
    Document("prefilled_form", "预填问卷（纸）", "带上季成员和固定收入"),
    Document("blank_form", "空白问卷（纸）", "年度、季度"),
)
PRINT_ROWS = tuple(
    PrintRow(r.household, r.hh_no, r.hh_id, r.head_name, r.group, r.village_name, r.hh_type_label, printed, version, changed, r.conflicts, changed > 0 or not version, what)
    for r, printed, version, changed, what in (
        (ROWS[2], NOW - timedelta(days=50), 2, 9, "全部 9 页"),
        (ROWS[0], NOW - timedelta(days=54), 3, 4, "1、2、5 页"),
        (ROWS[1], NOW - timedelta(days=54), 3, 0, "没变"),
        (ROWS[5], None, 0, 0, "新"),
        (ROWS[4], NOW - timedelta(days=134), 1, 2, "全部"),
    )
)  # fmt: skip


def a_pdf(pages: int = 2) -> bytes:
    """A PDF with real pages."""
    from io import BytesIO

    from reportlab.pdfgen.canvas import Canvas

    out = BytesIO()
    canvas = Canvas(out, pagesize=(595, 842), invariant=1)
    for number in range(pages):
        canvas.rect(60, 60, 475, 722)
        canvas.drawString(90, 740, f"page {number + 1}")
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def household_file(_session: object, _household: str, **_more: object) -> Printed:
    return Printed(a_pdf(7), 7, 1, ())


def household_files(_session: object, households: object, *, progress: object = None, **_more: object) -> Printed:
    names = list(households)  # type: ignore[call-overload]
    for number, name in enumerate(names, 1):
        if callable(progress):
            progress(number, len(names), name)
    return Printed(a_pdf(2 * len(names)), 2 * len(names), len(names), ())


def nothing(*_args: object, **_more: object) -> tuple[()]:
    return ()


def services_of_tests(patch: object) -> None:
    """Puts the made-up facts in the place of the services (``patch`` is pytest's monkeypatch, or anything with ``setattr``)."""
    from fieldapp.services import deciding, leasing, printing, relaying, replacing, visit_log
    from forms.monitoring.visits import Progress, Visit

    facts: SimpleNamespace = SimpleNamespace()
    facts.pairs = (
        (finding, "home_summary", lambda _s: HOME), (finding, "list_households", list_households), (finding, "household_card", card_of),
        (finding, "household_page", page_of), (finding, "groups", lambda _s: GROUPS), (finding, "villages", lambda s: s.villages),
        (finding, "find_by_code", lambda _s, code: "hh0012" if code in ("0012", "QS3-7K2M") else None),
        (reviewing, "waiting", lambda _s: WAITING), (reviewing, "returned", lambda _s: (reviewing.ReturnedRow("ivx", "石桂兰", "岩口村", "二组", "王建国", NOW - timedelta(days=2), 2, 1, "QB 少了去年出生的小孙女，请补。"),)),
        (reviewing, "desk_today", lambda _s: reviewing.DeskToday(23, 11, 2, 9)), (reviewing, "open_sheet", sheet_of), (reviewing, "read_sheet", sheet_of),
        (reviewing, "reasons", lambda: REASONS), (deciding, "conflicts", lambda _s: CONFLICT_ROWS), (deciding, "open_case", case_of),
        (syncing, "unsent", lambda _s: UNSENT), (syncing, "last_exchange", lambda _s: LAST), (syncing, "log", lambda _s, limit=200: SYNC_LOG[:limit]),
        (leasing, "lease", lambda _s: leasing.Lease(NOW, 100, False)), (relaying, "laptops", lambda _s: LAPTOPS), (relaying, "known_relay", lambda _s: ""),
        (printing, "documents", lambda _s: DOCUMENTS), (printing, "print_rows", lambda _s, **_k: PRINT_ROWS),
        (printing, "household_file", household_file), (printing, "household_files", household_files),
        (replacing, "requests", lambda _s: ()),
        (visit_log, "advice", lambda _s, _a: visit_log.Advice((Visit(NOW, "1", "210"),), None, ("本期到访 1 次，还可以去 5 次", "换一天再去"), True)),
        (visit_log, "progress_now", lambda _s, _form, **_k: ("2026Q3", (visit_log.TownshipProgress("529900100", "青石镇", Progress(due=40, complete=23, open=17)),))),
    )  # fmt: skip
    for module, name, value in facts.pairs:
        patch.setattr(module, name, value)  # type: ignore[attr-defined]
