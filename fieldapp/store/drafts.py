"""Unsealed writes: each on disk before 已保存 shows, and turned into one signed change when the person leaves.

Paths in drafts are *fields* (paths below the form's root, ``member/mem_age``), row paths are ids joined by "/".
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b

from sqlalchemy import bindparam, delete, insert
from sqlmodel import Session, col, select

from fieldapp.store.ordering import key_between
from fieldapp.store.tables import Draft, DraftOp, PinnedSnapshot
from sync.change import Content, DeletedRow, Dot, Kind, Meta, NewRow, RowPath, Write
from sync.records import RootView

HEADS = "heads.json"  # name of the pinned snapshot (services/snapshots.py)
Field = str
RegisterOf = Callable[[Field], tuple[Field, ...]]


@dataclass(frozen=True, slots=True)
class Op:
    """One write. ``op`` is set, add, remove or move; ``value`` the new value, or the sibling of an add or move ("" none)."""

    op: str
    path: Field
    rows: RowPath
    value: str = ""
    prev: tuple[Dot, ...] = ()


def put(
    session: Session,
    *,
    root: str,
    root_type: str,
    save_id: bytes,
    form_hash: str,
    actor: str,
    at: datetime,
    ops: Iterable[Op],
) -> None:
    """Adds writes to the open change of a root; a later value of the same cell replaces the earlier one.

    Within one call a cell is written once (:func:`last_writes`).
    """
    ops = last_writes(ops)
    draft = session.get(Draft, root)
    if draft is None:
        session.add(
            Draft(root=root, root_type=root_type, save_id=save_id, form_hash=form_hash, actor=actor, started_at=at)
        )
        session.flush()
    rows = [
        {
            "root": root,
            "op": op.op,
            "path": op.path,
            "row_path": "/".join(op.rows),
            "value": op.value,
            "prev": json.dumps([[dot[0].hex(), dot[1]] for dot in op.prev]) if op.prev else "",
            "at": at,
            "actor": actor,
        }
        for op in ops
    ]
    connection = session.connection()
    sets = [{"b_root": root, "b_path": row["path"], "b_row": row["row_path"]} for row in rows if row["op"] == "set"]
    if sets and draft is not None:
        connection.execute(_REPLACED, sets)
    if rows:
        connection.execute(insert(DraftOp), rows)


_REPLACED = delete(DraftOp).where(
    col(DraftOp.root) == bindparam("b_root"),
    col(DraftOp.path) == bindparam("b_path"),
    col(DraftOp.row_path) == bindparam("b_row"),
    col(DraftOp.op) == "set",
)


def last_writes(ops: Iterable[Op]) -> list[Op]:
    """The same writes without values that a later one replaces."""
    kept: dict[tuple[str, RowPath, int], Op] = {}
    for n, op in enumerate(ops):
        if op.op == "set":
            kept.pop((op.path, op.rows, -1), None)
        kept[op.path, op.rows, -1 if op.op == "set" else n] = op
    return list(kept.values())


def ops_of(session: Session, root: str) -> list[Op]:
    """The unsealed writes of a root, in order."""
    rows = session.exec(select(DraftOp).where(DraftOp.root == root).order_by(col(DraftOp.n)))
    return [
        Op(row.op, row.path, tuple(row.row_path.split("/")) if row.row_path else (), row.value, _dots(row.prev))
        for row in rows
    ]


def open_change(session: Session, root: str) -> Draft | None:
    """The open change of a root, None when everything is sealed."""
    return session.get(Draft, root)


def open_roots(session: Session) -> list[str]:
    """Roots with unsealed writes."""
    return list(session.exec(select(Draft.root).order_by(col(Draft.started_at))))


def discard(session: Session, root: str) -> None:
    """They are in a sealed change now."""
    session.execute(delete(DraftOp).where(col(DraftOp.root) == root))
    session.execute(delete(Draft).where(col(Draft.root) == root))


def rename_parents(session: Session, renamed: Mapping[Dot, Dot]) -> None:
    """The laptop goes on as another replica: parents that were sealed anew have new names."""
    for row in session.exec(select(DraftOp).where(DraftOp.prev != "")):
        row.prev = json.dumps([[dot[0].hex(), dot[1]] for dot in (renamed.get(dot, dot) for dot in _dots(row.prev))])
        session.add(row)


def rename_pinned_heads(session: Session, renamed: Mapping[Dot, Dot]) -> None:
    """The same for the heads of the living household that interviews were begun with: a hand-in names them as parents."""
    for row in session.exec(select(PinnedSnapshot).where(PinnedSnapshot.name == HEADS)):
        listed = [
            [
                rows,
                field,
                [[dot[0].hex(), dot[1]] for dot in (renamed.get(one, one) for one in _dots(json.dumps(dots)))],
            ]
            for rows, field, dots in json.loads(row.data)
        ]
        row.data = json.dumps(listed).encode()
        row.hash = blake2b(row.data, digest_size=16).hexdigest()
        session.add(row)


def _dots(text: str) -> tuple[Dot, ...]:
    return tuple((bytes.fromhex(replica), int(seq)) for replica, seq in json.loads(text)) if text else ()


@dataclass
class _Folding:
    """Writes folded to what they come to: of two values of a cell the later, of a row added and removed nothing."""

    seen: RootView
    sets: dict[tuple[RowPath, Field], Op] = field(default_factory=dict)
    added: dict[RowPath, tuple[str, str]] = field(default_factory=dict)
    removed: dict[RowPath, Op] = field(default_factory=dict)
    orders: dict[RowPath, str] = field(default_factory=dict)
    rosters: dict[tuple[str, RowPath], list[tuple[str, str]]] = field(default_factory=dict)

    def siblings(self, roster: str, parent: RowPath) -> list[tuple[str, str]]:
        """(order key, row id) of the living rows, in order."""
        key = (roster, parent)
        if key not in self.rosters:
            self.rosters[key] = [(row.order, row.row[-1]) for row in self.seen.roster(roster, parent)]
        return self.rosters[key]

    def place(self, roster: str, row: RowPath, index: int) -> str:
        siblings = self.siblings(roster, row[:-1])
        low = siblings[index - 1][0] if index else ""
        high = siblings[index][0] if index < len(siblings) else ""
        order = key_between(low, high)
        siblings.insert(index, (order, row[-1]))
        return order

    def take_out(self, roster: str, row: RowPath) -> None:
        siblings = self.siblings(roster, row[:-1])
        siblings[:] = [one for one in siblings if one[1] != row[-1]]

    def fold(self, op: Op) -> None:
        if op.op == "set":
            self.sets[op.rows, op.path] = op
        elif op.op == "add":
            ids = [row_id for _, row_id in self.siblings(op.path, op.rows[:-1])]
            index = ids.index(op.value) + 1 if op.value in ids else (0 if op.value == "" else len(ids))
            if self.removed.pop(op.rows, None) is None:
                self.added[op.rows] = (op.path, self.place(op.path, op.rows, index))
            else:
                self.orders[op.rows] = self.place(op.path, op.rows, index)
        elif op.op == "remove":
            self.take_out(op.path, op.rows)
            depth = len(op.rows)
            self.sets = {key: one for key, one in self.sets.items() if key[0][:depth] != op.rows}
            was_new = op.rows in self.added
            self.added = {row: one for row, one in self.added.items() if row[:depth] != op.rows}
            self.removed = {row: one for row, one in self.removed.items() if row[:depth] != op.rows}
            self.orders.pop(op.rows, None)
            if not was_new:
                self.removed[op.rows] = op
        else:
            self.take_out(op.path, op.rows)
            ids = [row_id for _, row_id in self.siblings(op.path, op.rows[:-1])]
            index = ids.index(op.value) if op.value in ids else len(ids)
            order = self.place(op.path, op.rows, index)
            if op.rows in self.added:
                self.added[op.rows] = (op.path, order)
            else:
                self.orders[op.rows] = order


def content_of(ops: Sequence[Op], seen: RootView, register_of: RegisterOf) -> Content:
    """One change's content: the last value of every cell, registers whole, rows added and removed.

    Args:
        seen: the root as merged now; supplies the members of a register that were not touched, and the rows there are.
        register_of: members of a field's register, main one first; ``(field,)`` for most.
    """
    folding = _Folding(seen)
    for op in ops:
        folding.fold(op)
    registers: dict[tuple[RowPath, Field], tuple[Field, ...]] = {}
    for rows, path in folding.sets:
        members = register_of(path)
        registers.setdefault((rows, members[0]), members)
    writes = []
    for (rows, main), members in registers.items():
        touched = [folding.sets[rows, one] for one in members if (rows, one) in folding.sets]
        prev = tuple(sorted({dot for op in touched for dot in op.prev}))
        writes.append(Write(rows, main, _register_value(rows, members, folding.sets, seen), prev))
    writes += [Write(rows, Meta.ORDER, order, seen.prev(Meta.ORDER, rows)) for rows, order in folding.orders.items()]
    return Content(
        Kind.EDIT,
        tuple(writes),
        tuple(NewRow(roster, rows, order) for rows, (roster, order) in folding.added.items()),
        tuple(DeletedRow(rows, op.path, op.prev) for rows, op in folding.removed.items()),
    )


def _register_value(
    rows: RowPath, members: tuple[Field, ...], sets: Mapping[tuple[RowPath, Field], Op], seen: RootView
) -> object:
    if len(members) == 1:
        return sets[rows, members[0]].value or None
    standing = split_register(seen.value(members[0], rows), members)
    return [sets[rows, one].value if (rows, one) in sets else standing.get(one, "") for one in members]


def split_register(value: object, members: tuple[Field, ...]) -> dict[Field, str]:
    """Values by member of a register (or the plain cell); a list from an older form may be shorter."""
    if isinstance(value, list):
        return {one: "" if part is None else str(part) for one, part in zip(members, value, strict=False)}
    return {} if value is None else {members[0]: str(value)}
