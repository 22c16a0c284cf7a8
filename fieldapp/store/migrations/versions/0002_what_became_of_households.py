"""what became of households and of the work on them stands in the lists"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from sync.merge import RootState
from sync.snapshot import unpack_state

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

_FIELDS = {"hh_state": "state", "merged_into": "ended_to", "hh_moved_to": "ended_to", "cov_sample_role": "sample_role"}


def upgrade() -> None:
    with op.batch_alter_table('household_row') as batch:
        batch.add_column(sa.Column('state', sa.String(), nullable=False, server_default='1'))
        for name in ('ended_to', 'sample_role', 'numbers_before'):
            batch.add_column(sa.Column(name, sa.String(), nullable=False, server_default=''))
    with op.batch_alter_table('assignment_row') as batch:
        batch.add_column(sa.Column('closed', sa.String(), nullable=False, server_default=''))
    _fill()


def _fill() -> None:
    """The new columns of the households that are here already, from their merged states."""
    connection = op.get_bind()
    roots = [row[0] for row in connection.execute(sa.text("SELECT root FROM household_row"))]
    for root in roots:
        body = connection.execute(sa.text("SELECT body FROM doc_state WHERE root = :root"), {"root": root}).scalar()
        said = _said(unpack_state(body)) if body is not None else {}
        if said:
            columns = ", ".join(f"{name} = :{name}" for name in sorted(said))
            connection.execute(sa.text(f"UPDATE household_row SET {columns} WHERE root = :root"), {**said, "root": root})


def _said(state: RootState) -> dict[str, str]:
    found: dict[str, str] = {}
    for field, column in _FIELDS.items():
        cell = state.cells.get(((), field))
        value = max(cell.heads.values(), key=lambda head: head.rank).value if cell is not None and cell.heads else None
        if value:
            found.setdefault(column, str(value))
    return found


def downgrade() -> None:
    raise NotImplementedError("a store never goes back; the copy made before migrating is the way back")
