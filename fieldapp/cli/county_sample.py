"""``fieldapp county draw|hand-out|replace|rotate|progress``: the sample without a window (services drawing_sample and others)."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fieldapp.cli.signing_in import add_sign_in_options, sign_in
from fieldapp.words import _

if TYPE_CHECKING:
    from fieldapp.services.draw_report import DrawReport
    from fieldapp.services.session import Session
    from forms.monitoring.rotation import RotationPlan


def register(actions: Any) -> None:
    """Adds the sample's actions to ``fieldapp county``."""
    _register_draw(actions)
    hand_out = actions.add_parser("hand-out", help="按样本下发一期任务 / assignments of a period for the sample")
    hand_out.add_argument("period", help="期：2027 或 2027Q1 / period")
    hand_out.add_argument("--form", default="quarterly", help="问卷 / questionnaire")
    hand_out.add_argument("--dry-run", action="store_true", help="只看给谁，不下发 / look only")
    hand_out.add_argument("--draw", default="", help="哪次抽样，不写为最近一次 / name of the draw")
    add_sign_in_options(hand_out)
    hand_out.set_defaults(run=_hand_out)
    rotate = actions.add_parser("rotate", help="年度轮换：先出方案，批准才执行 / yearly rotation")
    rotate.add_argument("year", type=int, help="哪一年 / year")
    rotate.add_argument("--approve", action="store_true", help="批准并执行已有方案 / approve the plan there is")
    rotate.add_argument("--seed", type=int, help="随机种子 / seed")
    rotate.add_argument("--reason", default="", help="重做方案的理由 / why another plan is made")
    rotate.add_argument("--draw", default="", help="哪次抽样 / name of the draw")
    add_sign_in_options(rotate)
    rotate.set_defaults(run=_rotate)
    _register_replace(actions)
    progress = actions.add_parser("progress", help="样本完成情况（T01） / progress of the sample")
    progress.add_argument("period", help="期 / period")
    progress.add_argument("--form", default="quarterly", help="问卷 / questionnaire")
    add_sign_in_options(progress)
    progress.set_defaults(run=_progress)
    weights = actions.add_parser("weights", help="一期的权数，写成 CSV / weights of a period")
    weights.add_argument("period", help="期 / period")
    weights.add_argument("--form", default="quarterly", help="问卷 / questionnaire")
    weights.add_argument("--draw", default="", help="哪次抽样 / name of the draw")
    weights.add_argument("--out", type=Path, required=True, help="写到哪个文件夹 / target folder")
    add_sign_in_options(weights)
    weights.set_defaults(run=_weights)
    whole = actions.add_parser(
        "year", help="年度汇总：缺一季的插补并标记 / a year's figures, a missing quarter imputed and marked"
    )
    whole.add_argument("year", help="年，如 2026 / year")
    whole.add_argument("--out", type=Path, help="逐户写成 CSV，写到哪个文件夹 / target folder for the households")
    add_sign_in_options(whole)
    whole.set_defaults(run=_year)
    workers = actions.add_parser("workers", help="各调查员手上还有多少户 / what each enumerator has still to do")
    add_sign_in_options(workers)
    workers.set_defaults(run=_workers)
    over = actions.add_parser("take-over", help="换调查员：未完的户交给另一人 / one enumerator's open work to another")
    over.add_argument("before", help="原调查员账号 / account")
    over.add_argument("after", help="接手的账号 / account")
    over.add_argument("--village", default="", help="只交这个村 / village code")
    over.add_argument("--handover", default="", help="交接说明 / words for the next one")
    add_sign_in_options(over)
    over.set_defaults(run=_take_over)


def _register_draw(actions: Any) -> None:
    draw = actions.add_parser(
        "draw", help="抽样（限县级），不带 --name 只看名册 / draw the sample; without --name look only"
    )
    draw.add_argument("--name", default="", help="这次抽样的名字，如 2027年样本 / name of the draw")
    draw.add_argument("--from", dest="first_period", default="", help="从哪一期起调查：2027 或 2027Q1 / first period")
    draw.add_argument("--villages", type=int, help="抽几个村 / sample points")
    draw.add_argument("--seed", type=int, help="随机种子，不写就随机取并记下 / seed")
    draw.add_argument("--key", default="", help="重点帮扶村代码，逗号分开 / key villages")
    draw.add_argument("--relocation", default="", help="安置社区代码，逗号分开 / relocation communities")
    draw.add_argument("--reason", default="", help="重抽的理由 / why a sample is drawn again")
    draw.add_argument("--list", action="store_true", help="列出历次抽样 / all draws")
    draw.add_argument(
        "--report", type=Path, help="把抽样报告写到这个文件夹（PDF、CSV，不加密）/ write the report there"
    )
    add_sign_in_options(draw)
    draw.set_defaults(run=_draw)


def _register_replace(actions: Any) -> None:
    replace = actions.add_parser("replace", help="替换：申请、看、批准、不批准 / replacements")
    replace.add_argument("deed", choices=("list", "ask", "approve", "refuse"), help="做什么 / what to do")
    replace.add_argument("household", nargs="?", default="", help="户编码或户号 / household")
    replace.add_argument("--period", default="", help="期，不写为当期 / period")
    replace.add_argument("--outcome", default="", help="原因代码，与本期最终结果一致 / outcome code")
    replace.add_argument("--evidence", default="", help="佐证 / evidence")
    replace.add_argument("--words", default="", help="说明 / words")
    add_sign_in_options(replace)
    replace.set_defaults(run=_replace)


def _draw(options: argparse.Namespace) -> int:
    from fieldapp.services import draw_report, drawing_sample
    from fieldapp.services.drawing_sample import Order

    with sign_in(options) as session:
        if options.list:
            for one in drawing_sample.draws(session):
                print(
                    f"{one.name}\t{one.first_period}\t{len(one.draw.households)}\t{one.made_at:%Y-%m-%d}\t{one.reason}"
                )
            return 0
        if not options.name:
            return _look(session)
        if options.first_period:
            order = Order(
                name=options.name,
                first_period=options.first_period,
                villages=options.villages,
                seed=options.seed,
                key=_codes(options.key),
                relocation=_codes(options.relocation),
                reason=options.reason,
            )
            drawing_sample.draw(session, order)
        stored = drawing_sample.find(session, options.name)
        _say_report(draw_report.report(session, stored))
        if options.report is not None:
            for path in draw_report.write_report(session, stored, options.report):
                print(path)
    return 0


def _codes(text: str) -> frozenset[str]:
    return frozenset(code.strip() for code in text.replace("，", ",").split(",") if code.strip())


def _look(session: Session) -> int:
    from fieldapp.services import drawing_sample
    from forms.monitoring.sample import Stratum

    found = drawing_sample.survey_frame(session)
    print(
        _("名册 {listed} 户，进框 {n} 户，{villages} 个村，建议抽 {points} 个村").format(
            listed=found.listed, n=len(found.frame.households), villages=len(found.villages), points=found.points
        )
    )
    for stratum in Stratum:
        print(f"{stratum}\t{_(stratum.zh)}\t{found.frame.count(stratum)}")
    for reason, n in found.frame.left_out:
        print(f"{_(reason.zh)}\t{n}")
    for double in found.frame.doubles:
        print(_("同一户：留 {kept}，去 {dropped}").format(kept=double.kept, dropped=double.dropped))
    for village in found.villages:
        mark = _("像是安置社区") if village.perhaps_relocation else ""
        counts = "\t".join(str(village.counts.get(stratum, 0)) for stratum in Stratum)
        print(f"{village.code}\t{village.name}\t{counts}\t{mark}")
    return 0


def _say_report(found: DrawReport) -> None:
    draw = found.stored.draw
    print(
        _("{name}：{villages} 个村 {n} 户，种子 {seed}，框校验码 {digest}").format(
            name=found.stored.name,
            villages=len(draw.points),
            n=len(draw.households),
            seed=draw.seed,
            digest=draw.frame_digest[:16],
        )
    )
    for one in found.strata:
        print(f"{one.stratum}\t{_(one.stratum.zh)}\t{one.frame}\t{one.drawn}\t{one.reserve}\t{one.lacking}")
    print(
        _("精度：公式要求 {needed} 户，现有 {n} 户，95% 相对误差约 {error}%").format(
            needed=found.needed, n=len(draw.households), error=found.error
        )
    )
    print(_("按留存的框和种子重抽一遍：{same}").format(same=_("完全一致") if found.again else _("不一致，请报告")))


def _hand_out(options: argparse.Namespace) -> int:
    from fieldapp.services.handing_out import hand_out, look

    with sign_in(options) as session:
        if options.dry_run:
            found = look(session, options.period, options.form, draw=options.draw)
            for one in found.tasks:
                print(f"{one.hh_id}\t{one.head_name}\t{one.village_name}\t{one.enumerator or '-'}")
            return 0
        done = hand_out(session, options.period, options.form, draw=options.draw)
        print(_("下发 {n} 户，先前已下发 {already} 户").format(n=len(done.assignments), already=done.already))
        for hh_id in done.ended:
            print(_("{hh_id} 已并走、迁走或已无人，没有下发，请办替换").format(hh_id=hh_id))
        for village in done.nobody:
            print(_("没有调查员的村：{village}").format(village=village))
    return 0


def _rotate(options: argparse.Namespace) -> int:
    from fieldapp.services import rotating

    with sign_in(options) as session:
        if options.approve:
            _say_plan(rotating.approve(session, options.year, draw=options.draw), done=True)
        else:
            plan = rotating.plan(session, options.year, draw=options.draw, seed=options.seed, reason=options.reason)
            _say_plan(plan, done=False)
    return 0


def _say_plan(plan: RotationPlan, *, done: bool) -> None:
    words = (
        _("{year} 年轮换已执行：退 {out} 户，进 {come} 户")
        if done
        else _("{year} 年轮换方案：退 {out} 户，进 {come} 户，等批准")
    )
    print(words.format(year=plan.year, out=len(plan.leaving), come=len(plan.entering)))
    for one in plan.entering:
        print(f"{one.instead_of}\t{one.hh_id}\t{one.stratum}\t{one.village}")
    for hh_id in plan.unfilled:
        print(_("{hh_id} 退出，同村同乡镇同层没有户可补").format(hh_id=hh_id))


def _replace(options: argparse.Namespace) -> int:
    from fieldapp.services import replacing

    with sign_in(options) as session:
        if options.deed == "list":
            for one in replacing.requests(session):
                print(
                    f"{one.hh_id}\t{one.head_name}\t{one.period}\t{one.outcome}\t{one.evidence}\t{one.state}\t{one.replaced_by}"
                )
            return 0
        assignment = replacing.find(session, options.household, options.period)
        if options.deed == "ask":
            replacing.ask(session, assignment, options.outcome, options.evidence, options.words)
            print(_("申请记下了，交接后县里就看得到"))
        elif options.deed == "refuse":
            replacing.refuse(session, assignment, options.words)
            print(_("已答复：不批准"))
        else:
            done = replacing.approve(session, assignment, options.words)
            print(
                _("批准了：由 {hh_id} 接替，本年替换率 {rate}%").format(
                    hh_id=done.hh_id, rate=f"{float(done.rate.share) * 100:.1f}"
                )
            )
    return 0


def _progress(options: argparse.Namespace) -> int:
    from fieldapp.services.visit_log import progress

    with sign_in(options) as session:
        heads = (
            _("乡镇"),
            _("应访"),
            _("完成"),
            _("部分"),
            _("拒访"),
            _("无接触"),
            _("替换"),
            _("完成率"),
            _("拒访率"),
            _("无接触率"),
        )
        print("\t".join(heads))
        for one in progress(session, options.period, options.form):
            p = one.progress
            shares = (p.completion, p.refusal, p.without_contact)
            rates = ("—" if one is None else f"{float(one) * 100:.1f}%" for one in shares)
            figures = (p.due, p.complete, p.partial, p.refused, p.no_contact, p.replaced)
            print("\t".join((one.name, *map(str, figures), *rates)))
    return 0


def _weights(options: argparse.Namespace) -> int:
    from fieldapp.services import weighting

    with sign_in(options) as session:
        found = weighting.weights_of(session, options.period, options.form, draw=options.draw)
        for stratum in found.weights.empty:
            print(_("{stratum} 一户都没有访成，出不了数").format(stratum=stratum))
        print(weighting.write_weights(session, found, options.out))
    return 0


def _year(options: argparse.Namespace) -> int:
    from fieldapp.services.year_figures import write_year, year_figures

    with sign_in(options) as session:
        found = year_figures(session, options.year)
        for line in found.lines:
            words = _(
                "{n} 户，插补 {imputed} 户，不进入年度人均 {left} 户；人均可支配收入 {income} 元，人均消费 {consumption} 元"
            )
            said = words.format(
                n=line.households,
                imputed=line.imputed,
                left=line.left_out,
                income=line.income,
                consumption=line.consumption,
            )
            print(f"{line.label}\t{said}")
        if options.out is not None:
            print(write_year(session, found, options.out))
    return 0


def _workers(options: argparse.Namespace) -> int:
    from fieldapp.services.workloads import workloads

    with sign_in(options) as session:
        print("\t".join((_("调查员"), _("没交的"), _("交了的"), _("管的村"))))
        for one in workloads(session):
            print(f"{one.account} {one.name}\t{one.open}\t{one.done}\t{'、'.join(one.villages)}")
    return 0


def _take_over(options: argparse.Namespace) -> int:
    from fieldapp.services.assigning import reassign_all

    with sign_in(options) as session:
        moved = reassign_all(session, options.before, options.after, village=options.village, handover=options.handover)
        print(_("交接了 {n} 户").format(n=len(moved)))
    return 0
