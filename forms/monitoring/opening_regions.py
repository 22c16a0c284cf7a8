"""The county's region table: townships, villages, groups, and which new code an old one became (codelists.md 1.8).

``region(code12, name, level, parent, urban_class, valid_from, valid_to)`` with old → new codes: a village that was merged stays in the
table with its last day and its successor, and household numbers made under the old code never change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property
from types import MappingProxyType
from typing import Final

from forms.monitoring import opening_values as values
from forms.monitoring.opening import Level, Problems, ReadTable, letters, plain
from forms.phrases import Phrase

COUNTY, TOWNSHIP, VILLAGE, GROUP = "county", "township", "village", "group"
_URBAN: Final = ("111", "112", "121", "122", "123", "210", "220")
_MOST_STEPS: Final = 8  # of mergers, one after the other
REGION_HEADS: Final[Mapping[str, str]] = {
    plain(head): field
    for field, heads in {
        "code": ("code", "code12", "代码", "区划代码", "行政区划代码", "统计用区划代码", "村代码", "编码", "村编码"),
        "name": ("name", "名称", "区划名称", "村名", "行政村", "村", "行政村名称", "村社区", "单位名称"),
        "township": ("township", "乡镇", "所在乡镇", "乡镇名称", "乡镇街道", "上级名称"),
        "level": ("level", "级别", "层级"),
        "urban_class": ("urban_class", "城乡分类", "城乡分类代码"),
        "groups": ("groups", "村民小组", "组", "小组", "自然村", "组名", "村民组"),
        "valid_from": ("valid_from", "启用日期", "生效日期"),
        "valid_to": ("valid_to", "停用日期", "失效日期", "撤销日期"),
        "new_code": ("new_code", "新代码", "现代码", "并入代码", "撤并后代码", "新村代码"),
        "old_code": ("old_code", "旧代码", "原代码", "原村代码", "撤并前代码", "旧村代码"),
    }.items()
    for head in heads
}


@dataclass(frozen=True, slots=True)
class Region:
    """A township or village.

    Attributes:
        code: 12 digits. level: COUNTY, TOWNSHIP or VILLAGE.
        groups: names of a village's groups, () when the table has none.
        valid_from, valid_to: ISO days, "" open.
        new_code: what it became part of, "" when it stands.
    """

    code: str
    name: str
    level: str = VILLAGE
    township: str = ""
    urban_class: str = ""
    valid_from: str = ""
    valid_to: str = ""
    new_code: str = ""
    groups: tuple[str, ...] = ()

    @property
    def parent(self) -> str:
        """Code of what it lies in."""
        return self.code[:9] + "000" if self.level == VILLAGE else self.code[:6] + "000000"


@dataclass(frozen=True)
class Regions:
    """The table, for looking things up."""

    by_code: Mapping[str, Region]

    @classmethod
    def of(cls, regions: Iterable[Region]) -> Regions:
        """From a list."""
        return cls(MappingProxyType({one.code: one for one in regions}))

    @cached_property
    def _by_name(self) -> Mapping[str, tuple[Region, ...]]:
        found: dict[str, tuple[Region, ...]] = {}
        for one in self.by_code.values():
            if one.level == VILLAGE:
                for name in dict.fromkeys((plain(one.name), _bare(one.name))):
                    found[name] = (*found.get(name, ()), one)
        return found

    @cached_property
    def _counties(self) -> frozenset[str]:
        return frozenset(code[:6] for code in self.by_code)

    def today(self, code: str) -> str:
        """The code that stands for a code now, through every merger; "" for one that is not of this county."""
        for _ in range(_MOST_STEPS):
            region = self.by_code.get(code)
            if region is None:
                return ""
            if not region.new_code:
                return code
            code = region.new_code
        return ""

    def village_of(self, code: str, name: str, township: str) -> str:
        """The present village that a line names by code, else by name and township; "" when none or several fit.

        A code of another county is never made good by a name: many counties have a village of that name.
        """
        if code:
            found = self.today(code)
            if found and self.by_code[found].level == VILLAGE:
                return found
            if len(code) >= 6 and code[:6] not in self._counties:
                return ""
        fitting = self._by_name.get(plain(name)) or self._by_name.get(_bare(name)) or () if name else ()
        if len(fitting) > 1 and township:
            fitting = tuple(one for one in fitting if _bare(one.township) == _bare(township))
        codes = {self.today(one.code) for one in fitting}
        return codes.pop() if len(codes) == 1 else ""

    def like(self, words: str) -> list[str]:
        """Names or codes near to what somebody wrote."""
        if words.isdigit():
            return get_close_matches(words, self.by_code.keys(), 3, 0.8)
        names = [one.name for one in self.by_code.values() if one.level == VILLAGE]
        return get_close_matches(words, names, 3, 0.5)

    def has_group(self, village: str, group: str) -> bool:
        """Whether a village has this group; True when its groups are not known."""
        groups = self.by_code[village].groups if village in self.by_code else ()
        return not groups or group in groups or plain(group) in {plain(one) for one in groups}


def _bare(name: str) -> str:
    """岩口村民委员会 and 岩口村 are the same."""
    found = plain(name)
    for ending in (
        "村民委员会",
        "社区居民委员会",
        "居民委员会",
        "村委会",
        "居委会",
        "街道办事处",
        "办事处",
        "行政村",
        "社区",
        "人民政府",
        "村",
        "镇",
        "乡",
    ):
        if len(found) > len(ending) and found.endswith(ending):
            return found.removesuffix(ending)
    return found


def read_regions(table: ReadTable, county: str, problems: Problems) -> tuple[Region, ...]:
    """The regions of a table: one line a village, or a line a group; lines of old codes name their new ones.

    Args:
        county: 6 digits; codes of other counties are refused.
    """
    at = table.fields
    if not ({"code", "name"} <= at.keys() or {"old_code", "new_code"} <= at.keys()):
        said = "区划表要有代码和名称两列（对照表要有旧代码和新代码）"
        problems.add(Level.FILE, "columns", (table.title, 0), "", said, "补上，或指明是哪一列")
        return ()
    found: dict[str, Region] = {}
    for line in _lines(table, county, problems):
        known = found.get(line.code)
        if known is None:
            found[line.code] = line
        elif line.groups and line.name == known.name:
            found[line.code] = replace(known, groups=tuple(dict.fromkeys((*known.groups, *line.groups))))
        elif line != known:
            problems.add(
                Level.ROW,
                "twice",
                (table.title, 0),
                "",
                Phrase("代码 {code} 有两个名称：{one}、{other}", code=line.code, one=known.name, other=line.name),
                "一个代码只留一行",
            )
    return tuple(_with_townships(found))


def _with_townships(found: dict[str, Region]) -> Iterator[Region]:
    """Villages know their township's name by its code when the table has lines for townships."""
    for one in found.values():
        above = found.get(one.parent)
        yield (
            replace(one, township=above.name)
            if one.level == VILLAGE and not one.township and above is not None
            else one
        )


def _lines(table: ReadTable, county: str, problems: Problems) -> Iterator[Region]:
    at = table.fields
    for row in table.rows:
        where = (table.title, row.number)

        def cell(field: str, row_cells: tuple[str, ...] = row.cells) -> str:
            place = at.get(field)
            return row_cells[place] if place is not None and place < len(row_cells) else ""

        try:
            code, new, old = (values.code(cell(field)) for field in ("code", "new_code", "old_code"))
        except values.Destroyed:
            problems.add(
                Level.ROW,
                "destroyed",
                where,
                letters(at.get("code", 0)),
                "区划代码被 Excel 变成了科学计数",
                "把这一列设成“文本”后重新粘贴",
            )
            continue
        name = values.text(cell("name"))
        if old and not new:
            old, new, code = "", code, old  # a line "old code → this code"
        elif old:
            code, old = old, ""
        if not code and not name:
            continue
        code = code.ljust(12, "0") if code.isdigit() and len(code) in (6, 9) else code
        wrong = _code_problem(code, county) or (_code_problem(new, county) if new else "")
        if wrong:
            problems.add(
                Level.ROW,
                "code",
                where,
                letters(at.get("code", 0)),
                Phrase("区划代码“{code}”{wrong}", code=code or new, wrong=wrong),
                "改成 12 位统计用区划代码",
            )
            continue
        if not name and not new:
            problems.add(
                Level.ROW, "name", where, letters(at.get("name", 0)), Phrase("{code} 没有名称", code=code), "补上名称"
            )
            continue
        urban = values.text(cell("urban_class"))
        if urban and urban not in _URBAN:
            problems.add(
                Level.CELL,
                "urban",
                where,
                letters(at["urban_class"]),
                Phrase("城乡分类“{said}”不在代码表里", said=urban),
                "改成 111—220 里的代码",
            )
            urban = ""
        days = []
        for field in ("valid_from", "valid_to"):
            try:
                days.append(values.day(cell(field)))
            except ValueError:
                problems.add(Level.CELL, "day", where, letters(at[field]), "日期认不出来", "改成 2024-01-01 的样子")
                days.append("")
        level = VILLAGE if code[9:] != "000" else TOWNSHIP if code[6:] != "000000" else COUNTY
        groups = tuple(
            part for part in values.text(cell("groups")).replace("，", "、").replace(",", "、").split("、") if part
        )
        yield Region(
            code,
            name,
            level,
            values.text(cell("township")),
            urban,
            days[0],
            days[1],
            new if new != code else "",
            groups,
        )


def _code_problem(code: str, county: str) -> str:
    if not (code.isdigit() and len(code) == 12):
        return "不是 12 位数字"
    return "" if code.startswith(county) else Phrase("不是本县的（本县以 {county} 开头）", county=county)


def table_problems(regions: Regions, problems: Problems) -> None:
    """What no single line shows: a new code that nobody knows, villages without a township."""
    for one in regions.by_code.values():
        if one.new_code and not regions.today(one.code):
            problems.add(
                Level.WARN,
                "successor",
                ("", 0),
                "",
                Phrase("{code}{name} 的新代码 {new} 不在区划表里", code=one.code, name=one.name, new=one.new_code),
                "把新村也列进来",
            )
        if one.level == VILLAGE and not one.township and not one.new_code:
            problems.add(
                Level.WARN,
                "township",
                ("", 0),
                "",
                Phrase("{code}{name} 没有乡镇名", code=one.code, name=one.name),
                "补上乡镇一列",
            )
