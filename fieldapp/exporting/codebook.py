"""The codebook: every variable of every table with its label, type and codes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fieldapp.exporting.table import Table


def codebook_rows(tables: Sequence[Table]) -> Iterator[tuple[str, str, str, str, str, str]]:
    """Heading row first, then one row a variable: table, variable, label, type, codes as ``1=是；2=否``, versions that ask it."""
    yield ("表", "变量", "题面", "类型", "代码", "问卷版本")
    for table in tables:
        for column in table.columns:
            codes = "；".join(f"{code}={label}" for code, label in column.choices)
            yield (table.name, column.name, column.label, column.type, codes, "；".join(column.versions))
