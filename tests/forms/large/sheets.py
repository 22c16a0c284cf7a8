"""Writes the workbook of a large questionnaire, as people write them: two languages, groups in groups, columns as they come."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

ENGLISH, CHINESE = "English (en)", "中文 (zh)"
TRANSLATED = (
    "label",
    "hint",
    "guidance_hint",
    "constraint_message",
    "required_message",
    "media::image",
    "media::audio",
)
_PLAIN = {"image": "media::image", "audio": "media::audio"}

Words = str | tuple[str, str]


@dataclass
class Sheets:
    """One workbook while it is written; ``csv()`` is the finished source, ``files`` are its attachments."""

    form_id: str
    title: str
    settings: dict[str, str] = field(default_factory=dict)
    survey: list[dict[str, str]] = field(default_factory=list)
    choices: list[dict[str, str]] = field(default_factory=list)
    entities: list[dict[str, str]] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)

    def ask(self, kind: str, name: str, label: Words = "", **columns: Words) -> None:
        """One row of the survey sheet. Words in two languages are a pair; one language alone leaves the other untranslated."""
        row: dict[str, str] = {"type": kind, "name": name}
        for key, words in {"label": label, **columns}.items():
            column = _PLAIN.get(key, key)
            if column not in TRANSLATED:
                assert isinstance(words, str)
                row[column] = words
                continue
            english, chinese = words if isinstance(words, tuple) else (words, "")
            row[f"{column}::{ENGLISH}"], row[f"{column}::{CHINESE}"] = english, chinese
        self.survey.append(row)

    def calculate(self, name: str, calculation: str, **columns: str) -> None:
        """One computed row."""
        self.ask("calculate", name, calculation=calculation, **columns)

    def blank(self) -> None:
        """An empty row, as editors leave them."""
        self.survey.append({})

    @contextmanager
    def group(self, name: str, label: Words = "", **columns: str) -> Iterator[None]:
        """A group around the rows written inside."""
        self.ask("begin_group", name, label, **columns)
        yield
        self.survey.append({"type": "end_group", "name": name})

    @contextmanager
    def repeat(self, name: str, label: Words = "", **columns: str) -> Iterator[None]:
        """A roster around the rows written inside."""
        self.ask("begin repeat", name, label, **columns)
        yield
        self.survey.append({"type": "end repeat"})

    def options(self, name: str, options: Mapping[str, Words] | str, **columns: Mapping[str, str]) -> None:
        """A choice list, by code; a text is codes whose labels are the codes themselves. Further columns by code."""
        table = options if isinstance(options, Mapping) else {code: code.replace("_", " ") for code in options.split()}
        for code, words in table.items():
            english, chinese = words if isinstance(words, tuple) else (words, "")
            row = {"list_name": name, "name": code, f"label::{ENGLISH}": english, f"label::{CHINESE}": chinese}
            row.update({column: by_code.get(code, "") for column, by_code in columns.items()})
            self.choices.append(row)

    def csv(self) -> bytes:
        """The workbook in one CSV file: a sheet's name alone, then its rows, moved one column to the right."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        settings = {"form_id": self.form_id, "form_title": self.title, "version": "1", "default_language": ENGLISH}
        sheets: dict[str, list[dict[str, Any]]] = {
            "survey": self.survey,
            "choices": self.choices,
            "settings": [{**settings, **self.settings}],
            "entities": self.entities,
        }
        for sheet, rows in sheets.items():
            if not rows:
                continue
            header = list(dict.fromkeys(column for row in rows for column in row))
            writer.writerow([sheet])
            writer.writerow(["", *header])
            for row in rows:
                writer.writerow(["", *(row.get(column, "") for column in header)])
        return out.getvalue().encode()

    def resource(self, name: str) -> bytes | None:
        """An attachment by its file name."""
        return self.files[name].encode() if name in self.files else None
