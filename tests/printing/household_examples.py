"""Households for the tests of paper. Nobody in them lives: area code 529900 is not assigned."""

from __future__ import annotations

from datetime import UTC, date, datetime

from fieldapp.printing.record import Answer, HouseholdRecord, Printed, VisitLine, Wave

RARE_NAMES = ("罗𬭚", "陈𫖮", "李䶮", "王㼆", "赵𠅤", "吴邝囍")
PRINTED = Printed(by="杨秀兰", at=datetime(2026, 4, 3, 11, 40, tzinfo=UTC), version=3)


def answers(**values: str | tuple[str, str]) -> dict[str, Answer]:
    """Answers by name; a tuple is (stored value, words)."""
    return {
        name: Answer(*value) if isinstance(value, tuple) else Answer(value, value) for name, value in values.items()
    }


def member(row_id: str, no: str, name: str, relation: str = "儿子") -> dict[str, Answer]:
    """One living member."""
    return answers(
        row_id=row_id,
        mem_no=no,
        mem_name=name,
        mem_relation=("20", relation),
        mem_sex=("1", "男"),
        mem_birth="1980-05-06",
    )


def quarter(period: str, **more: str | tuple[str, str]) -> Wave:
    """A quarterly interview with plausible sums."""
    sums = answers(
        wage_inc="6000.00", op_net="1234.56", prop_net="0", trf_net="645.00", disp_inc="7879.56", disp_inc_pc="1969.89",
        net_inc_mon="8200.00", cons_total="5120.10", cons_f1="2100.00", q_family_n="4", q_resident_n="4",
        q_food_short=("1", "从来没有"), q_wat_stop="2", **more,
    )  # fmt: skip
    row = answers(row_id="a" * 32, qm_age="45", qm_med_ins=("1", "城乡居民医保"))
    return Wave("quarterly", period, "通过", date(2026, 3, 22), sums, {"member": (row,)})


def household(
    members: int = 4, names: tuple[str, ...] = (), quarters: tuple[Wave, ...] = (), conflicts: int = 0
) -> HouseholdRecord:
    """A household of as many members, with an annual interview and any quarters."""
    people = tuple(
        member(f"{i:032x}", f"{i + 1:02d}", names[i] if i < len(names) else f"周成员{i + 1}") for i in range(members)
    )
    health = answers(row_id=f"{0:032x}", mem_no="01", mem_name="周德顺", mem_age="63", mem_health=("2 3", "慢病、大病"), mem_major_disease=("25", "尿毒症"), ss_med=("1", "城乡居民医保"))  # fmt: skip
    loan = answers(
        loan_source=("1", "银行"), loan_purpose=("2", "看病"), loan_balance="31415.90", loan_over=("2", "否")
    )
    annual = Wave(
        "annual",
        "2026",
        "通过",
        date(2026, 1, 15),
        answers(
            land_contract="5.20",
            hou_struct=("3", "砖混"),
            food_short=("1", "从来没有"),
            db_has=("2", "否"),
            wat_source=("1", "自来水"),
        ),
        {"member": (health,), "loan": (loan,)},
    )
    return HouseholdRecord(
        hh_id="5299001010010012",
        county_name="云岭县",
        village_name="双河村",
        fields=answers(
            hh_head_name="周德顺",
            hh_address="双河村三组大坪",
            hh_phone="19900001234",
            hh_type_now=("1", "脱贫户"),
            cov_group="三组",
        ),
        members=people,
        annual=annual,
        quarters=quarters,
        visits=(VisitLine(date(2026, 3, 22), 52, "入户面访", "完成", "王建国"),),
        open_conflicts=conflicts,
        content_hash="0123456789abcdef" * 4,
    )
