"""What the county office publishes and writes with its own hand: forms, villages, parameters, windows, household lists.

Names of fields follow the laptop's reading of the county feed (``fieldapp/store/control.py``).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from sync.change import Content, Kind, NewRow, RootType, Value, Write
from sync.project import Project, UseMode
from sync.records import view
from sync.scope import COUNTY_FEED, register_feed
from sync.server import audit, tables
from sync.server.errors import ModeIsFixed, NoTableNumbers
from sync.server.publishing import control_root, publish, write_change
from sync.server.service import CountyService
from sync.snapshot import unpack_state


class Office:
    """The county office at its server.

    Args:
        service: the county.
        now_ms: county time.
    """

    def __init__(
        self, service: CountyService, *, now_ms: Callable[[], int], chance: Callable[[int], bytes] = secrets.token_bytes
    ) -> None:
        self._service = service
        self._now_ms = now_ms
        self._chance = chance

    def publish_form(self, form_id: str, xml: str, resources: Mapping[str, str] | None = None) -> str:
        """A questionnaire for all laptops; the same form again publishes nothing. Returns its root.

        Args:
            xml: the XForm.
            resources: CSV texts by file name.
        """
        facts: dict[str, Value] = {"form_id": form_id, "xml": xml}
        if resources:
            facts["resources"] = dict(resources)
        return self._publish(control_root("form", form_id), RootType.FORM_PACK, facts)

    def publish_village(self, code: str, name: str, township: str) -> str:
        """A village's name."""
        facts = {"control": "village", "code": code, "name": name, "township": township}
        return self._publish(control_root("village", code), RootType.CONTROL, facts)

    def publish_parameter(self, name: str, value: str, from_on: str = "") -> str:
        """A parameter of the rules, e.g. the monitoring line; ``from_on`` is the day it counts from (ISO)."""
        if name == "use_mode":
            raise ModeIsFixed("use_mode as a parameter")
        facts = {"control": "parameter", "name": name, "value": value, "from_on": from_on}
        return self._publish(control_root("parameter", f"{name} {from_on}"), RootType.CONTROL, facts)

    def publish_project(self, facts: Mapping[str, str]) -> str:
        """The marks of a statistical survey (names of sync/project.py): 表号, 制定机关, 文号, 有效期. The mode is not among them.

        Raises:
            NoTableNumbers: a working project has none, and none may be printed there.
        """
        if self._service.keys.use_mode is not UseMode.STAT:
            raise NoTableNumbers("a working project")
        return self._publish(
            control_root("project", self._service.keys.county), RootType.CONTROL, {"control": "project", **facts}
        )

    def project(self) -> Project:
        """The project as it was founded, with the marks published since."""
        keys = self._service.keys
        return Project.of_facts(
            keys.county, keys.name, keys.use_mode, self._published(control_root("project", keys.county))
        )

    def published_form(self, form_id: str) -> str:
        """The XForm that laptops begin new interviews with, "" if none has been published."""
        return self._published(control_root("form", form_id)).get("xml", "")

    def _published(self, root: str) -> dict[str, str]:
        """The texts that stand in a root of the county feed."""
        county, where = self._service.keys.county, tables.doc_state.c
        with self._service.database.reading() as connection:
            query = select(where.state).where(where.county_id == county, where.root == root)
            row = connection.execute(query).first()
        shown = view(unpack_state(row.state)) if row else None
        return {field: str(cell.value or "") for (_, field), cell in shown.cells.items()} if shown else {}

    def publish_window(self, period: str, title: str, from_on: str, until_on: str) -> str:
        """When a period's interviews are made (ISO days)."""
        facts = {"control": "window", "period": period, "title": title, "from_on": from_on, "until_on": until_on}
        return self._publish(control_root("window", period), RootType.CONTROL, facts)

    def write(
        self,
        root: str,
        root_type: str,
        fields: Mapping[str, Value],
        *,
        village: str = "",
        feed: str = "",
        rows: Sequence[tuple[str, str, Mapping[str, Value]]] = (),
        kind: str = Kind.EDIT,
    ) -> None:
        """One change of the office's own on a new root: a household of the list, an assignment.

        Args:
            fields: of the root.
            village: whose register it goes to, unless ``feed`` says otherwise.
            rows: (roster, row id, fields) in display order.
        """
        writes = [Write((), field, value) for field, value in fields.items()]
        new_rows = []
        for place, (roster, row, cells) in enumerate(rows):
            new_rows.append(NewRow(roster, (row,), f"{place:04d}"))
            writes += [Write((row,), field, value) for field, value in cells.items()]
        content = Content(kind, tuple(writes), tuple(new_rows))
        self.write_content(root, root_type, content, feed=feed or (register_feed(village) if village else COUNTY_FEED))

    def write_content(self, root: str, root_type: str, content: Content, *, feed: str, form_version: str = "") -> bytes:
        """One change of the office's own, of any content; its id."""

        def work(connection: Connection) -> bytes:
            return write_change(
                connection, self._service.database, self._service.keys, now_ms=self._now_ms(), chance=self._chance,
                root=root, root_type=root_type, feed=feed, form_version=form_version, kind=content.kind,
                writes=content.writes, new_rows=content.new_rows, deleted_rows=content.deleted_rows, body=content.body,
            )  # fmt: skip

        return self._service.database.run(work)

    def _publish(self, root: str, root_type: str, facts: Mapping[str, Value]) -> str:
        def work(connection: Connection) -> str:
            now = self._now_ms()
            keys, database = self._service.keys, self._service.database
            change_id = publish(connection, database, keys, root, root_type, facts, now_ms=now, chance=self._chance)
            if change_id is not None:
                detail: dict[str, Any] = {"root": root, "change": change_id}
                audit.record(
                    connection, database, keys.county, lane="office", at=now, actor="office", action="publish",
                    detail=detail,
                )  # fmt: skip
            return root

        return self._service.database.run(work)
