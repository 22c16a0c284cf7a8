"""Changes and histories for the tests of sync: small, seeded, no real person."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sync.change import Change, DeletedRow, Kind, Meta, NewRow, RowPath, Write
from sync.dictionary import known_names
from sync.ids import row_id
from sync.merge import RootState, empty, merge
from sync.records import dots_of_row

COUNTY = "529921"
VILLAGE = "529921001001"
ROOT = "018bcfe5680071d49300aadcf0701880"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
A, B, C, D = (bytes([number]) * 8 for number in (0xA1, 0xB2, 0xC3, 0xD4))


def change(replica: bytes = A, seq: int = 1, **fields: object) -> Change:
    """An edit by one enumerator, with ``fields`` in place of the defaults."""
    plain = Change(
        version=1,
        kind=Kind.EDIT,
        county=COUNTY,
        replica=replica,
        seq=seq,
        hlc=seq << 16,
        tz_min=480,
        actor="ce0001",
        root=ROOT,
        root_type="household",
        feed=f"v:{VILLAGE}:r",
        save_id=replica,
    )
    return replace(plain, **fields)  # type: ignore[arg-type]


def put(
    replica: bytes, seq: int, value: object, *prev: tuple[bytes, int], field: str = "hh_count", **more: object
) -> Change:
    """A write of one cell."""
    return change(replica, seq, writes=(Write((), field, value, prev),), **more)


def history(seed: int, *, replicas: int = 3, steps: int = 12) -> list[Change]:
    """A random history of one root: partial screens, arbitrary loss and clocks, rows added, deleted and edited apart."""
    rng = random.Random(seed)
    names = [bytes([0x10 + number]) * 8 for number in range(replicas)]
    screens: dict[bytes, RootState] = {name: empty(ROOT) for name in names}
    seqs = dict.fromkeys(names, 0)
    made: list[Change] = []
    for _ in range(steps):
        name = rng.choice(names)
        for other in made:
            if rng.random() < 0.4:
                screens[name] = merge(screens[name], other)
        seqs[name] += rng.choice((1, 1, 2))
        new = _random_change(rng, name, seqs[name], screens[name])
        screens[name] = merge(screens[name], new)
        made.append(new)
    return made


def _random_change(rng: random.Random, name: bytes, seq: int, screen: RootState) -> Change:
    rows = sorted({path for (path, field) in screen.cells if field == Meta.ROW})
    writes: list[Write] = []
    new_rows: list[NewRow] = []
    deleted: list[DeletedRow] = []
    save_id = name[:4] + seq.to_bytes(4, "big")
    places: list[RowPath] = [(), *rows]
    for path, field in sorted({(rng.choice(places), rng.choice("xyz")) for _ in range(rng.randint(1, 3))}):
        heads = sorted(screen.cells[path, field].heads) if (path, field) in screen.cells else []
        writes.append(Write(path, field, rng.randint(0, 3), tuple(d for d in heads if rng.random() < 0.8)))
    if rng.random() < 0.3:
        new_rows.append(NewRow("member", (row_id(save_id, 0),), f"{rng.randint(1, 9)}"))
    if rows and rng.random() < 0.25:
        gone = rng.choice(rows)
        deleted.append(DeletedRow(gone, "member", dots_of_row(screen, gone)))
    return change(
        name,
        seq,
        hlc=rng.choice((seq, rng.randint(0, 2**63), 0)),
        writes=tuple(writes),
        new_rows=tuple(new_rows),
        deleted_rows=tuple(deleted),
        save_id=save_id,
    )


def interview(seed: int = 1, *, answers: int = 300, seq: int = 1, replica: bytes = A) -> tuple[Change, list[str]]:
    """A new interview with plausible answers sealed once, and the form's fields in document order.

    Half the answers stand in 6 member rows, as in the annual questionnaire.
    """
    rng = random.Random(seed)
    names = known_names()
    columns = [name for name in names if name.startswith("member/")][: answers // 12]
    plain = [name for name in names if not name.startswith("member/")][20 : 20 + answers - 6 * len(columns)]
    save_id = rng.randbytes(8)
    rows: list[RowPath] = [(row_id(save_id, k),) for k in range(6)]
    writes = [Write((), field, _answer(rng, field)) for field in plain]
    writes += [Write(row, field, _answer(rng, field)) for row in rows for field in columns]
    new_rows = tuple(NewRow("member", row, f"{place:02d}") for place, row in enumerate(rows))
    made = change(
        replica,
        seq,
        root=rng.randbytes(16).hex(),
        root_type="interview",
        feed=f"v:{VILLAGE}:q:ce0001",
        form_version="5f" * 32,
        hlc=(1790000000000 + seed) << 16,
        writes=tuple(writes),
        new_rows=new_rows,
        save_id=save_id,
    )
    return made, [*plain, *columns]


def _answer(rng: random.Random, field: str) -> str:
    """Codes mostly; a fifth are amounts, some are months, as in the real questionnaires."""
    luck = rng.random()
    if luck < 0.2:
        return str(rng.choice((0, 0, rng.randint(1, 99) * 100, rng.randint(10, 9999))))
    if luck < 0.25:
        return f"{rng.randint(1985, 2026)}-{rng.randint(1, 12):02d}"
    return rng.choice(("1", "1", "1", "2", "2", "3")) if not field.endswith("__ok") else "1"


def shuffled(changes: Sequence[Change], seed: int) -> list[Change]:
    """The same changes in another order, some twice."""
    rng = random.Random(seed)
    mixed = [*changes, *(one for one in changes if rng.random() < 0.3)]
    rng.shuffle(mixed)
    return mixed
