"""Opening a county of 20,000 households (issue: ≤ 60 s): dry run, import, and the dry run of the same table again.

    python -m tests.benchmarks.benchmark_opening [--households 20000]

Wall time, processor time and the peak of memory. Read the processor time on a machine that others use too.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from random import Random
from typing import TypeVar

import openpyxl
import psutil

from fieldapp.services import opening_county, opening_lists, sampling
from fieldapp.services.sample_people import household, phone_number
from fieldapp.services.session import Laptop
from fieldapp.store.keys import KeyCost
from sync.project import UseMode

T = TypeVar("T")
VILLAGES = [f"529900{101 + n // 10}{200 + n % 10:03d}" for n in range(80)]
RELATIONS = {
    "02": "户主", "10": "配偶", "20": "之子", "30": "之女", "38": "之儿媳", "41": "之孙子", "42": "之孙女", "52": "之母",
}  # fmt: skip
PASSPHRASE = "xiong huai da zhi"


def write_register(path: Path, count: int) -> int:
    """A workbook as counties have it; returns the number of people."""
    chance, members = Random(5), 0
    book = openpyxl.Workbook(write_only=True)
    houses, people = book.create_sheet("户"), book.create_sheet("人")
    houses.append(["云岭县名册"])
    houses.append(
        ["户编码", "乡镇", "行政村", "组", "户主姓名", "户主身份证号", "联系电话", "住址", "户类型", "脱贫年度", "人口"]
    )
    people.append(["户编码", "姓名", "与户主关系", "性别", "证件号码", "出生日期", "民族", "健康状况", "劳动能力"])
    for n in range(count):
        family = household(chance, date(2026, 9, 1))
        code = f"{VILLAGES[n % 80]}{n // 80 + 1:04d}"
        head, place = family[0], n % 80
        kind = chance.choice(("脱贫户", "一般农户", "边缘易致贫户"))
        houses.append(
            [code, f"第{place // 10 + 1}镇", f"村{place + 1}村", "三组", head.name, head.idno, phone_number(chance), "大坪",
             kind, "2018年" if kind == "脱贫户" else "", len(family)]
        )  # fmt: skip
        for one in family:
            members += 1
            people.append(
                [code, one.name, RELATIONS[one.relation], "男" if one.male else "女", one.idno, one.born.isoformat(), "土家族",
                 "健康", "普通劳动力"]
            )  # fmt: skip
    book.save(path)
    return members


def timed(what: str, work: Callable[[], T]) -> T:
    """Does it and prints what it cost."""
    wall, cpu = time.perf_counter(), time.process_time()
    outcome = work()
    memory = psutil.Process().memory_info().rss // 2**20
    spent = f"{time.perf_counter() - wall:6.1f} s wall  {time.process_time() - cpu:6.1f} s processor"
    print(f"{what:<44} {spent}   target 60 s   {memory} MB resident", flush=True)
    return outcome


def main() -> int:
    """Prints the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--households", type=int, default=20_000)
    count = parser.parse_args().households
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        members = write_register(folder / "register.xlsx", count)
        print(
            f"{count:,} households, {members:,} people, {(folder / 'register.xlsx').stat().st_size / 2**20:.1f} MB of workbook"
        )
        now = datetime.now(UTC)
        laptop = Laptop(folder / "laptop", clock=lambda: datetime.now(UTC), key_cost=KeyCost(8, 1, 1))
        laptop.found(sampling._founding(now, VILLAGES, PASSPHRASE, UseMode.WORK))
        regions = folder / "regions.csv"
        lines = [f"{code},村{n + 1}村,第{n // 10 + 1}镇" for n, code in enumerate(VILLAGES)]
        regions.write_text("\n".join(["代码,名称,乡镇", *lines]), encoding="utf-8")
        with laptop.unlock("office01", PASSPHRASE) as session:
            opening_lists.apply_list(session, opening_lists.plan_list(session, opening_lists.REGIONS, [regions]))
            paths = [folder / "register.xlsx"]
            plan = timed("dry run", lambda: opening_county.plan_register(session, paths))
            done = timed("import", partial(opening_county.apply_register, session, plan))
            del plan
            again = timed("dry run of the same table again", lambda: opening_county.plan_register(session, paths))
        print(f"new {done.new:,}, again the same {again.same:,}, different {again.different}")
        return 0 if (again.same, again.different) == (done.new, 0) else 1


if __name__ == "__main__":
    sys.exit(main())
