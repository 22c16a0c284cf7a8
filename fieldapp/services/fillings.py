"""Between an interview's root in the log and the engine's filling: the same answers in the other's words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from fieldapp.store.drafts import Op, split_register
from fieldapp.store.sealing import register_lookup
from forms.engine import AddRow, Cell, Form, MoveRow, Question, RemoveRow, RowPath, SavedInterview, SetValue, StoredOp
from sync.change import Dot
from sync.merge import RootState
from sync.records import RootView, dots_of_row


def field_of(form: Form, path: str) -> str:
    """``/data/member/mem_age`` → ``member/mem_age``."""
    return path.removeprefix(form.root.path + "/")


def path_of(form: Form, field: str) -> str:
    """``member/mem_age`` → ``/data/member/mem_age``."""
    return f"{form.root.path}/{field}"


def saved_interview(form: Form, shown: RootView, ops: Sequence[Op]) -> SavedInterview:
    """The filling as it stands: merged changes with the unsealed writes on top."""
    rosters: dict[tuple[str, RowPath], list[str]] = {
        (roster, parent): [row.row[-1] for row in rows] for (roster, parent), rows in shown.rows.items()
    }
    values: dict[Cell, str] = {}
    register_of = register_lookup(form)
    for (rows, field), cell in shown.cells.items():
        if field.startswith("~"):
            continue
        for member, value in split_register(cell.value, register_of(field)).items():
            values[Cell(path_of(form, member), rows)] = value
    for op in ops:
        _apply(form, op, rosters, values)
    return SavedInterview(tuple(_in_order(form, rosters)), values)


def _apply(form: Form, op: Op, rosters: dict[tuple[str, RowPath], list[str]], values: dict[Cell, str]) -> None:
    if op.path.startswith("~"):
        return
    if op.op == "set":
        values[Cell(path_of(form, op.path), op.rows)] = op.value
        return
    siblings = rosters.setdefault((op.path, op.rows[:-1]), [])
    own = op.rows[-1]
    if own in siblings:
        siblings.remove(own)
    if op.op == "add":
        siblings.insert(
            siblings.index(op.value) + 1 if op.value in siblings else 0 if not op.value else len(siblings), own
        )
    elif op.op == "move":
        siblings.insert(siblings.index(op.value) if op.value in siblings else len(siblings), own)
    else:
        depth = len(op.rows)
        for cell in [cell for cell in values if cell.rows[:depth] == op.rows]:
            del values[cell]


def _in_order(
    form: Form, rosters: Mapping[tuple[str, RowPath], list[str]], parent: RowPath = ()
) -> Iterable[tuple[str, RowPath]]:
    for (roster, above), ids in sorted(rosters.items()):
        if above != parent:
            continue
        for row_id in ids:
            row = (*parent, row_id)
            yield path_of(form, roster), row
            yield from _in_order(form, rosters, row)


def draft_ops(
    form: Form, stored: Iterable[StoredOp], heads: Mapping[tuple[RowPath, str], tuple[Dot, ...]], state: RootState
) -> list[Op]:
    """The engine's stored operations as drafts, each with the parents that the author's screen showed.

    Computed values are left out: the engine computes them again, and they never travel.
    """
    register_of = register_lookup(form)
    found = []
    for one in stored:
        path, rows = field_of(form, one.cell.path), one.cell.rows
        match one:
            case SetValue(derived=True) if _computed_again(form, one.cell.path):
                continue
            case SetValue(value=value):
                found.append(Op("set", path, rows, value, heads.get((rows, register_of(path)[0]), ())))
            case AddRow(after=after):
                found.append(Op("add", path, rows, after or ""))
            case MoveRow(before=before):
                found.append(Op("move", path, rows, before or ""))
            case RemoveRow():
                found.append(Op("remove", path, rows, "", dots_of_row(state, rows)))
    return found


def whole_registers(form: Form, ops: Sequence[Op], value_of: Callable[[Cell], str]) -> list[Op]:
    """The same writes, with all members of every register that one of them touches, as the screen shows them.

    A register is one value to everybody else; its untouched half must be what this author saw, not what has arrived meanwhile.
    """
    register_of = register_lookup(form)
    written = {(op.path, op.rows) for op in ops if op.op == "set"}
    found = list(ops)
    for op in ops:
        for other in register_of(op.path) if op.op == "set" else ():
            if (other, op.rows) not in written:
                written.add((other, op.rows))
                found.append(Op("set", other, op.rows, value_of(Cell(path_of(form, other), op.rows)), op.prev))
    return found


def _computed_again(form: Form, path: str) -> bool:
    """Whether the engine makes this value anew at every opening; preloads and ``once()`` it makes only once."""
    node = form.find_node(path)
    return isinstance(node, Question) and node.calculated and "once(" not in (node.bind.calculate or "")


def heads_of(shown: RootView) -> dict[tuple[RowPath, str], tuple[Dot, ...]]:
    """What a person who sees this view names as parents, by cell."""
    return {key: cell.prev for key, cell in shown.cells.items()}
