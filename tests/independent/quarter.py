"""One household in one quarter: people, income, consumption (quarterly.md 9.1 to 9.3)."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from fractions import Fraction

from tests.independent import lines
from tests.independent.fen import exact, fen, nearest
from tests.independent.files import Filling, Row

Figures = dict[str, int | None]
_HUNDRED = 100
_LAST_DAY = {1: (3, 31), 2: (6, 30), 3: (9, 30), 4: (12, 31)}
_DEATHS = ("11", "12", "13")
_COMING = "3"
_GONE = "4"


def year_and_quarter(period: str) -> tuple[int, int]:
    """2026Q3 → (2026, 3)."""
    return int(period[:4]), int(period[5])


def age(born: str, period: str) -> int | None:
    """Completed years on the quarter's last day; None without a birth date."""
    if not born:
        return None
    year, quarter = year_and_quarter(period)
    month, day = _LAST_DAY[quarter]
    birth = datetime.date.fromisoformat(born)
    return year - birth.year - ((month, day) < (birth.month, birth.day))


def known(filling: Filling, name: str, row_id: str = "") -> str:
    """What the living household said of itself or of a member, else the baseline."""
    return filling.known.get(row_id, {}).get(name) or filling.earlier["base"][row_id].get(name, "")


def is_resident(row: Row) -> bool:
    """QB10: a month and a half at home, or here to stay, or a student kept by the household; whoever left is not one, save
    the dead for the time they lived. (A county that keeps the old rule, annual.md 0.8, is not computed here.)"""
    if row["qm_status"] == _GONE and row.get("qm_change") not in _DEATHS:
        return False
    return exact(row.get("qm_months_home")) >= Fraction(3, 2) or "1" in (
        row.get("qm_plan_stay"),
        row.get("qm_student_out"),
    )


def is_family(filling: Filling, row: Row) -> bool:
    """QB11: goes on from the last state; decided anew for who is new, was put right or whose ties changed (annual.md 0.8)."""
    if row["qm_status"] == _GONE:
        return False
    uid = row["row_id"]
    before = filling.earlier["prev"][uid].get("qm_family_pop") or known(filling, "mem_family_pop", uid)
    changed = {"hukou", "tied"} & set(row.get("qm_fix", "").split())
    if before and not changed and row["qm_status"] != _COMING:
        return before == "1"

    def fact(name: str) -> str:
        return row.get(name) or known(filling, name, uid)

    on_register = fact("mem_on_register") == "1" and filling.text("q_hh_type_now") in ("1", "2", "3", "4")
    return on_register or (fact("mem_econ_tied") == "1" and (fact("mem_hukou_here") == "1" or is_resident(row)))


def is_worker(filling: Filling, row: Row) -> bool:
    """Sixteen or older with ordinary or skilled working capacity, and still of the household."""
    uid = row["row_id"]
    years = age(row.get("mem_birth") or known(filling, "mem_birth", uid), filling.period)
    capacity = row.get("mem_labour") or known(filling, "mem_labour", uid)
    return row["qm_status"] != _GONE and years is not None and years >= 16 and capacity in ("1", "2")


def _money(row: Row, names: Iterable[str]) -> int:
    return sum(fen(row.get(name)) for name in names)


def _own(answers: Row, stem: str) -> int:
    """Own produce of a line: quantity × price, to the fen."""
    return nearest(exact(answers.get(f"{stem}_sq")) * exact(answers.get(f"{stem}_sp")) * _HUNDRED)


def depreciation(filling: Filling, kinds: Iterable[str]) -> int:
    """QE2: value × (1 − residual) ÷ years ÷ 4; over when the years are; bought this year counts from the next quarter on."""
    year, _ = year_and_quarter(filling.period)
    parameters = filling.parameters
    base = filling.earlier["base"][""]
    since = int(base.get("cov_ref_year") or year - 1)
    total = Fraction(0)
    for kind in kinds:
        life = exact(parameters[f"dep_years_{kind}"])
        bought = sum(
            exact(filling.earlier[source][""].get(f"fa_buy_{kind}"))
            for source in ("hist1", "hist2", "hist3")
            if filling.earlier[source][""].get("q_period", "0000")[:4] > str(since)
        )
        value = exact(known(filling, f"fa_{kind}_value"))
        first = known(filling, f"fa_{kind}_year")
        if first and year - int(first) >= life:
            value = Fraction(0)
        total += (value + bought) * (1 - exact(parameters["dep_residual"])) / life / 4
    return nearest(total * _HUNDRED)


def _sector(rows: Iterable[Row], second: bool) -> tuple[int, int, int]:
    """Income, costs and taxes of the second or the third sector."""
    mine = [row for row in rows if (row.get("b_industry") in lines.SECOND_SECTOR) == second]
    income = sum(_money(row, ("b_gross", "b_self")) for row in mine)
    return income, sum(_money(row, lines.BIZ_COSTS) for row in mine), sum(fen(row.get("b_tax")) for row in mine)


def away_wages(family: Iterable[Row]) -> int:
    """Wages of family who live elsewhere; where nobody knows them, what was sent home."""
    total = 0
    for row in family:
        if not is_resident(row) and exact(row.get("ql_work_m")) > 0:
            unknown = row.get("ql_out_wage__st") == "8"
            total += fen(row.get("ql_out_remit" if unknown else "ql_out_wage"))
    return total


def counted(filling: Filling, kind: dict[int, str]) -> int | None:
    """Lines that count for monitoring, as the county decided; None while it has not decided about one that has money."""
    total = 0
    for code, name in kind.items():
        amount = fen(filling.text(name))
        decided = filling.parameters.get(f"mon_{code}", "")
        if amount and decided not in ("Y", "N"):
            return None
        total += amount if decided == "Y" else 0
    return total


def figures_of(filling: Filling) -> Figures:
    """Every figure of the quarter that needs no other quarter, in fen (people as numbers)."""
    answers, rosters, parameters = filling.answers, filling.rosters, filling.parameters
    members = rosters["member"]
    family = [row for row in members if is_family(filling, row)]
    out: Figures = {
        "q_resident_n": sum(is_resident(row) for row in members),
        "q_family_n": len(family),
        "q_labor_n": sum(is_worker(filling, row) for row in members),
    }
    wages, deducted = 0, 0
    if answers.get("has_wage") == "1":
        wages = sum(_money(row, ("w_cash", "w_deduct", "w_inkind")) for row in rosters["wage"])
        deducted = sum(fen(row.get("w_deduct")) for row in rosters["wage"])
    lodging = sum(fen(row.get("w_inkind")) for row in rosters["wage"]) if answers.get("has_wage") == "1" else 0
    from_employer = _money(answers, lines.FREE_FROM_EMPLOYER.values())
    out["wage_inc"] = wages + from_employer

    own = {branch: sum(_own(answers, stem) for stem in stems) for branch, stems in lines.BRANCHES.items()}
    out |= own
    out["own_use_1"] = sum(own.values())
    sold = sum(fen(row.get("p_amt")) for row in rosters["product"]) if answers.get("has_product") == "1" else 0
    op_inc_1 = sold + _money(answers, ("agri_service", "agri_gather", "agri_ins_claim")) + sum(own.values())
    op_cost_1 = _money(answers, lines.COSTS)
    trades = rosters["biz"] if answers.get("has_biz") == "1" else []
    op_inc_2, op_cost_2, tax_2 = _sector(trades, second=True)
    op_inc_3, op_cost_3, tax_3 = _sector(trades, second=False)
    dep_1, dep_2, dep_3 = (depreciation(filling, kinds) for kinds in (lines.ASSETS_1, lines.ASSETS_2, lines.ASSETS_3))
    op_net = (op_inc_1 - op_cost_1 - dep_1) + (op_inc_2 - op_cost_2 - tax_2 - dep_2)
    op_net += op_inc_3 - op_cost_3 - tax_3 - dep_3
    out |= {
        "op_inc_1": op_inc_1, "op_inc_2": op_inc_2, "op_inc_3": op_inc_3, "op_cost_1": op_cost_1, "op_cost_2": op_cost_2,
        "op_cost_3": op_cost_3, "op_tax_2": tax_2, "op_tax_3": tax_3, "op_tax": tax_2 + tax_3, "dep_1": dep_1,
        "dep_2": dep_2, "dep_3": dep_3, "op_net_1": op_inc_1 - op_cost_1 - dep_1,
        "op_net_2": op_inc_2 - op_cost_2 - tax_2 - dep_2, "op_net_3": op_inc_3 - op_cost_3 - tax_3 - dep_3,
        "op_net": op_net,
    }  # fmt: skip

    imputed = 0
    if parameters.get("imputed_rent_on") == "on":
        value = exact(known(filling, "hou_value"))
        imputed = nearest(value * exact(parameters["imputed_rent_rate"]) / 4 * _HUNDRED)
    prop_inc = _money(answers, lines.PROPERTY.values()) + imputed
    prop_exp = _money(answers, lines.PROPERTY_SPENDING)
    from_state = _money(answers, lines.FREE_FROM_STATE.values())
    sent_home = sum(fen(row.get("ql_out_remit")) for row in members)
    trf_inc = _money(answers, lines.TRANSFERS.values()) + sent_home + from_state
    trf_exp = _money(answers, lines.TRANSFER_SPENDING) + deducted
    disp_inc = wages + from_employer + op_net + prop_inc - prop_exp + trf_inc - trf_exp
    in_kind = lodging + from_employer + from_state
    out |= {
        "prop_inc": prop_inc, "prop_exp": prop_exp, "prop_net": prop_inc - prop_exp, "prop_imputed": imputed,
        "trf_remit": sent_home, "trf_goods": from_state, "trf_inc": trf_inc, "trf_exp": trf_exp,
        "trf_net": trf_inc - trf_exp, "disp_inc": disp_inc,
        "cash_inc": disp_inc - sum(own.values()) - in_kind - imputed,
    }  # fmt: skip

    cons_total = cons_cash = 0
    for number, stems in lines.CONSUMPTION.items():
        cash = sum(fen(answers.get(f"{stem}_cash")) for stem in stems)
        eaten = sum(_own(answers, stem) for stem in stems)
        free = fen(answers.get(lines.FREE_FROM_EMPLOYER.get(number, ""))) + fen(
            answers.get(lines.FREE_FROM_STATE.get(number, ""))
        )
        out[f"cons_f{number}"] = cash + eaten + free + (lodging + imputed if number == 3 else 0)
        cons_total += out[f"cons_f{number}"] or 0
        cons_cash += cash
    bought = _money(answers, (f"fa_buy_{k}" for k in (*lines.ASSETS_1, *lines.ASSETS_2, *lines.ASSETS_3)))
    out |= {
        "cons_total": cons_total, "cons_cash": cons_cash, "fa_buy_all": bought, "surplus": disp_inc - cons_total,
        "nonc_total": op_cost_1 + op_cost_2 + op_cost_3 + bought + prop_exp + trf_exp
        + _money(answers, lines.OTHER_SPENDING),
    }  # fmt: skip
    out["food_share"] = nearest(Fraction(out["cons_f1"] or 0, cons_total) * 100 * _HUNDRED) if cons_total else None
    out |= _rigid(filling)

    property_part, transfer_part = counted(filling, lines.PROPERTY), counted(filling, lines.TRANSFERS)
    if property_part is None or transfer_part is None:
        out["net_inc_mon"] = None
    else:
        net = wages + from_employer + away_wages(family) + property_part + transfer_part
        net += op_inc_1 + op_inc_2 + op_inc_3 - op_cost_1 - op_cost_2 - op_cost_3
        net -= dep_1 + dep_2 + dep_3 if parameters.get("mon_dep") == "on" else 0
        net -= trf_exp if parameters.get("mon_trf_exp") == "on" else 0
        out["net_inc_mon"] = net
    residents = out["q_resident_n"]
    for name, amount in (("disp_inc_pc", disp_inc), ("cons_pc", cons_total)):
        out[name] = nearest(Fraction(amount, residents)) if residents else None
    return out


def _rigid(filling: Filling) -> Figures:
    """What can not be put off (QG2)."""
    answers = filling.answers
    paid = sum(fen(answers.get(f"{stem}_cash")) for stem in lines.CONSUMPTION[7]) - fen(answers.get("trf_med"))
    school = sum(fen(answers.get(f"{stem}_cash")) for stem in lines.SCHOOL) + fen(answers.get("cf_canteen_stu"))
    net_school = max(0, school - fen(answers.get("trf_edu")))
    others = _money(answers, ("rig_house", "rig_accident"))
    return {
        "cm_self": paid,
        "rig_med": max(0, paid),
        "rig_edu": school,
        "rig_edu_net": net_school,
        "rig_funeral": fen(answers.get("co_funeral_cash")),
        "rig_total": max(0, paid) + net_school + others,
    }
