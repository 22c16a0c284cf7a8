"""One line of a register table while it is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from forms.monitoring import opening_values as values
from forms.monitoring.opening import Computed, Faulty, Level, Problems, TableRow, letters
from forms.monitoring.opening_fields import OF_HOUSEHOLD, OF_MEMBER, ImportField
from forms.phrases import Phrase

_FOOT: Final = ("合计", "小计", "总计", "填表人", "制表", "审核人", "备注：", "说明", "注：", "单位负责人", "填报")


class RawLine:
    """One line while it is read: cells by field, converted once, problems noted where they are."""

    __slots__ = ("_at", "_problems", "_row", "_seen", "destroyed", "where")

    def __init__(self, problems: Problems, title: str, row: TableRow, at: Mapping[str, int]) -> None:
        self._problems, self._row, self._at = problems, row, at
        self._seen: dict[str, str] = {}
        self.where = (title, row.number)
        self.destroyed = False

    def text_of(self, name: str) -> str:
        """The cell as it stands."""
        place = self._at.get(name)
        return self._row.cells[place] if place is not None and place < len(self._row.cells) else ""

    def letters_of(self, *names: str) -> str:
        """Letters of the first of these columns that is there."""
        return next((letters(self._at[name]) for name in names if name in self._at), "")

    def has(self, name: str) -> bool:
        """Whether the table has a column for it."""
        return name in self._at

    def note(self, level: Level, kind: str, name: str, zh: str, mend: str) -> None:
        """Notes a problem of this line."""
        self._problems.add(level, kind, self.where, self.letters_of(name), zh, mend)

    def once(self, level: Level, kind: str, name: str, zh: str, mend: str) -> None:
        """Notes something that many lines share, once a sheet."""
        self._problems.once(level, kind, self.where, self.letters_of(name), zh, mend)

    def code(self) -> str:
        """The household's code: ours of 16 digits, or another system's."""
        return self.value("hh_id") or self.value("frame_hh_code")

    def value(self, name: str) -> str:
        """The value of a field, "" for none and for one that cannot be read (noted once)."""
        found = self._seen.get(name)
        if found is None:
            cell = self.text_of(name)
            found = self._seen[name] = self._convert(name, cell) if cell else ""
        return found

    def _convert(self, name: str, cell: str) -> str:
        known: ImportField = OF_HOUSEHOLD.get(name) or OF_MEMBER[name]
        kind = type(cell)
        if kind is Faulty:
            self.note(
                Level.CELL,
                "faulty",
                name,
                Phrase("{item}这一格是错误值（{cell}）", item=known.zh, cell=str(cell)),
                "在 Excel 里改好，或粘贴成值再导",
            )
            return ""
        if kind is Computed:
            self.once(
                Level.WARN,
                "formula",
                name,
                Phrase("{item}这一列是公式，用了算好的结果", item=known.zh),
                "可先“复制—粘贴为值”，免得结果变",
            )
        try:
            return known.convert(cell)
        except values.Destroyed:
            self.destroyed = True
            self.note(
                Level.CELL, "destroyed", name, Phrase("{item}被 Excel 变成了数字（像 1.2E+17），后几位已经丢了，不能用", item=known.zh),
                "从原系统重新导出，或把这一列设成“文本”后重新粘贴",
            )  # fmt: skip
        except ValueError:
            self.note(
                Level.CELL,
                "value",
                name,
                Phrase("{item}“{said}”认不出来", item=known.zh, said=values.clean(cell)[:12]),
                "改成选项里有的叫法，或正常的日期、数",
            )
        return ""

    def idno(self, name: str) -> str:
        """An identity number that is right, else ""."""
        key = f"#{name}"
        found = self._seen.get(key)
        if found is None:
            found = self.value(name)
            if found and self.value("mem_id_type") in ("", "1", "3"):
                wrong = values.idno_problem(found)
                if wrong:
                    self.note(
                        Level.CELL,
                        "idno",
                        name,
                        Phrase("证件号码（尾号 {tail}）{wrong}", tail=found[-4:], wrong=wrong),
                        "对照户口簿改；没有证件的空着",
                    )
                    found = ""
            self._seen[key] = found
        return found


def is_foot(row: TableRow) -> bool:
    """Whether a line stands below the data: a total, who filled it in."""
    first = next((cell for cell in row.cells if cell), "").strip()
    return first.startswith(_FOOT)
