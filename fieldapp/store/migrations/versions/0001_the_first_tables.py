"""the first tables"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('activity',
    sa.Column('n', sa.Integer(), nullable=False),
    sa.Column('at', sa.String(), nullable=False),
    sa.Column('actor', sa.String(), nullable=False),
    sa.Column('deed', sa.String(), nullable=False),
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('detail', sa.String(), nullable=False),
    sa.Column('prev_hash', sa.LargeBinary(), nullable=False),
    sa.Column('hash', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('n', name=op.f('pk_activity'))
    )
    op.create_table('assignment_row',
    sa.Column('root', sa.String(), nullable=False),
    sa.Column('household', sa.String(), nullable=False),
    sa.Column('form_id', sa.String(), nullable=False),
    sa.Column('period', sa.String(), nullable=False),
    sa.Column('enumerator', sa.String(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('visit_at', sa.DateTime(), nullable=True),
    sa.Column('remark', sa.String(), nullable=False),
    sa.Column('hlc', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('root', name=op.f('pk_assignment_row'))
    )
    with op.batch_alter_table('assignment_row', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_assignment_row_household'), ['household'], unique=False)
        batch_op.create_index('ix_assignment_row_who', ['enumerator', 'period'], unique=False)

    op.create_table('blob',
    sa.Column('hash', sa.String(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('mime', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('have_map', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('hash', name=op.f('pk_blob'))
    )
    op.create_table('certificate',
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('raw', sa.LargeBinary(), nullable=False),
    sa.Column('received_at', sa.DateTime(), nullable=False),
    sa.CheckConstraint("kind IN ('device','user')", name=op.f('ck_certificate_kind')),
    sa.PrimaryKeyConstraint('kind', 'subject', name=op.f('pk_certificate'))
    )
    op.create_table('change',
    sa.Column('change_id', sa.LargeBinary(), nullable=False),
    sa.Column('replica', sa.LargeBinary(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('root', sa.String(), nullable=False),
    sa.Column('root_type', sa.String(), nullable=False),
    sa.Column('feed', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('hlc', sa.Integer(), nullable=False),
    sa.Column('actor', sa.String(), nullable=False),
    sa.Column('form_version', sa.String(), nullable=False),
    sa.Column('raw', sa.LargeBinary(), nullable=False),
    sa.Column('origin', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('stored_at', sa.DateTime(), nullable=False),
    sa.CheckConstraint("origin IN ('own','feed','relay')", name=op.f('ck_change_origin')),
    sa.CheckConstraint("state IN ('sealed','custody','admitted','durable','quarantined','held')", name=op.f('ck_change_state')),
    sa.PrimaryKeyConstraint('change_id', name=op.f('pk_change')),
    sa.UniqueConstraint('replica', 'seq', name=op.f('uq_change_replica'))
    )
    with op.batch_alter_table('change', schema=None) as batch_op:
        batch_op.create_index('ix_change_own', ['origin', 'state'], unique=False)
        batch_op.create_index('ix_change_root', ['root', 'hlc'], unique=False)

    op.create_table('clock_obs',
    sa.Column('n', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('offset_ms', sa.Integer(), nullable=False),
    sa.Column('round_trip_ms', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('n', name=op.f('pk_clock_obs'))
    )
    op.create_table('conflict',
    sa.Column('root', sa.String(), nullable=False),
    sa.Column('row_path', sa.String(), nullable=False),
    sa.Column('field', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('found_at', sa.DateTime(), nullable=False),
    sa.PrimaryKeyConstraint('root', 'row_path', 'field', name=op.f('pk_conflict'))
    )
    op.create_table('control_fact',
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('value', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('kind', 'name', name=op.f('pk_control_fact'))
    )
    op.create_table('doc_state',
    sa.Column('root', sa.String(), nullable=False),
    sa.Column('type', sa.String(), nullable=False),
    sa.Column('village', sa.String(), nullable=False),
    sa.Column('form_version', sa.String(), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.Column('digest', sa.LargeBinary(), nullable=False),
    sa.Column('n_conflict', sa.Integer(), nullable=False),
    sa.Column('status', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('root', name=op.f('pk_doc_state'))
    )
    with op.batch_alter_table('doc_state', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_doc_state_type'), ['type'], unique=False)

    op.create_table('draft',
    sa.Column('root', sa.String(), nullable=False),
    sa.Column('root_type', sa.String(), nullable=False),
    sa.Column('save_id', sa.LargeBinary(), nullable=False),
    sa.Column('form_hash', sa.String(), nullable=False),
    sa.Column('actor', sa.String(), nullable=False),
    sa.Column('started_at', sa.DateTime(), nullable=False),
    sa.PrimaryKeyConstraint('root', name=op.f('pk_draft'))
    )
    op.create_table('feed_cursor',
    sa.Column('feed', sa.String(), nullable=False),
    sa.Column('epoch', sa.String(), nullable=False),
    sa.Column('vseq', sa.Integer(), nullable=False),
    sa.Column('digest', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('feed', name=op.f('pk_feed_cursor'))
    )
    op.create_table('feed_place',
    sa.Column('feed', sa.String(), nullable=False),
    sa.Column('vseq', sa.Integer(), nullable=False),
    sa.Column('item_id', sa.LargeBinary(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('fact', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('feed', 'vseq', name=op.f('pk_feed_place'))
    )
    with op.batch_alter_table('feed_place', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_feed_place_item_id'), ['item_id'], unique=False)

    op.create_table('form_pack',
    sa.Column('hash', sa.String(), nullable=False),
    sa.Column('form_id', sa.String(), nullable=False),
    sa.Column('version', sa.String(), nullable=False),
    sa.Column('title', sa.String(), nullable=False),
    sa.Column('xml', sa.String(), nullable=False),
    sa.Column('compiled', sa.LargeBinary(), nullable=False),
    sa.Column('engine_version', sa.Integer(), nullable=False),
    sa.Column('published_hlc', sa.Integer(), nullable=False),
    sa.Column('root', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('hash', name=op.f('pk_form_pack'))
    )
    with op.batch_alter_table('form_pack', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_form_pack_form_id'), ['form_id'], unique=False)

    op.create_table('household_row',
    sa.Column('root', sa.String(), nullable=False),
    sa.Column('hh_id', sa.String(), nullable=False),
    sa.Column('hh_no', sa.String(), nullable=False),
    sa.Column('village_code', sa.String(), nullable=False),
    sa.Column('village_name', sa.String(), nullable=False),
    sa.Column('grp', sa.String(), nullable=False),
    sa.Column('head_name', sa.String(), nullable=False),
    sa.Column('head_pinyin', sa.String(), nullable=False),
    sa.Column('phone', sa.String(), nullable=False),
    sa.Column('address', sa.String(), nullable=False),
    sa.Column('hh_type', sa.String(), nullable=False),
    sa.Column('members', sa.Integer(), nullable=False),
    sa.Column('search', sa.String(), nullable=False),
    sa.Column('short_code', sa.String(), nullable=False),
    sa.Column('n_conflict', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('root', name=op.f('pk_household_row'))
    )
    with op.batch_alter_table('household_row', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_household_row_hh_id'), ['hh_id'], unique=False)
        batch_op.create_index('ix_household_row_place', ['village_code', 'hh_no'], unique=False)
        batch_op.create_index(batch_op.f('ix_household_row_short_code'), ['short_code'], unique=False)

    op.create_table('interview_place',
    sa.Column('root', sa.String(), nullable=False),
    sa.Column('path', sa.String(), nullable=False),
    sa.Column('row_path', sa.String(), nullable=False),
    sa.Column('section', sa.String(), nullable=False),
    sa.Column('number', sa.String(), nullable=False),
    sa.Column('progress', sa.Integer(), nullable=False),
    sa.Column('hard', sa.Integer(), nullable=False),
    sa.Column('soft', sa.Integer(), nullable=False),
    sa.Column('left_at', sa.DateTime(), nullable=True),
    sa.PrimaryKeyConstraint('root', name=op.f('pk_interview_place'))
    )
    op.create_table('interview_row',
    sa.Column('root', sa.String(), nullable=False),
    sa.Column('household', sa.String(), nullable=False),
    sa.Column('assignment', sa.String(), nullable=False),
    sa.Column('form_id', sa.String(), nullable=False),
    sa.Column('form_hash', sa.String(), nullable=False),
    sa.Column('period', sa.String(), nullable=False),
    sa.Column('status', sa.Integer(), nullable=False),
    sa.Column('enumerator', sa.String(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('returns', sa.Integer(), nullable=False),
    sa.Column('handed_in_at', sa.DateTime(), nullable=True),
    sa.Column('returned_at', sa.DateTime(), nullable=True),
    sa.Column('returned_by', sa.String(), nullable=False),
    sa.Column('returned_words', sa.String(), nullable=False),
    sa.Column('decided_at', sa.DateTime(), nullable=True),
    sa.Column('duration_s', sa.Integer(), nullable=False),
    sa.Column('soft_noted', sa.Integer(), nullable=False),
    sa.Column('states_8_9', sa.Integer(), nullable=False),
    sa.Column('changed', sa.Integer(), nullable=False),
    sa.Column('n_conflict', sa.Integer(), nullable=False),
    sa.Column('figures', sa.String(), nullable=False),
    sa.Column('summary_hlc', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('root', name=op.f('pk_interview_row'))
    )
    with op.batch_alter_table('interview_row', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_interview_row_assignment'), ['assignment'], unique=False)
        batch_op.create_index('ix_interview_row_household', ['household', 'period'], unique=False)
        batch_op.create_index('ix_interview_row_status', ['status'], unique=False)

    op.create_table('member_row',
    sa.Column('root', sa.String(), nullable=False),
    sa.Column('person_uid', sa.String(), nullable=False),
    sa.Column('mem_no', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('relation', sa.String(), nullable=False),
    sa.Column('sex', sa.String(), nullable=False),
    sa.Column('birth', sa.String(), nullable=False),
    sa.Column('id_tail', sa.String(), nullable=False),
    sa.Column('gone', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('root', 'person_uid', name=op.f('pk_member_row'))
    )
    op.create_table('meta',
    sa.Column('k', sa.String(), nullable=False),
    sa.Column('v', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('k', name=op.f('pk_meta'))
    )
    op.create_table('paradata_event',
    sa.Column('n', sa.Integer(), nullable=False),
    sa.Column('root', sa.String(), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('actor', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('path', sa.String(), nullable=False),
    sa.Column('row_path', sa.String(), nullable=False),
    sa.Column('section', sa.String(), nullable=False),
    sa.Column('duration_ms', sa.Integer(), nullable=False),
    sa.Column('sealed', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('n', name=op.f('pk_paradata_event'))
    )
    with op.batch_alter_table('paradata_event', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_paradata_event_root'), ['root'], unique=False)

    op.create_table('pinned_snapshot',
    sa.Column('root', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('hash', sa.String(), nullable=False),
    sa.Column('data', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('root', 'name', name=op.f('pk_pinned_snapshot'))
    )
    op.create_table('preference',
    sa.Column('account', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('value', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('account', 'name', name=op.f('pk_preference'))
    )
    op.create_table('print_register',
    sa.Column('n', sa.Integer(), nullable=False),
    sa.Column('household', sa.String(), nullable=False),
    sa.Column('document', sa.String(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('printed_at', sa.DateTime(), nullable=False),
    sa.Column('actor', sa.String(), nullable=False),
    sa.Column('pages', sa.Integer(), nullable=False),
    sa.Column('content', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('n', name=op.f('pk_print_register'))
    )
    with op.batch_alter_table('print_register', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_print_register_household'), ['household'], unique=False)

    op.create_table('quarantine',
    sa.Column('change_id', sa.LargeBinary(), nullable=False),
    sa.Column('raw', sa.LargeBinary(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('opened_at', sa.DateTime(), nullable=False),
    sa.PrimaryKeyConstraint('change_id', name=op.f('pk_quarantine'))
    )
    op.create_table('staff',
    sa.Column('account', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('role', sa.String(), nullable=False),
    sa.Column('villages', sa.String(), nullable=False),
    sa.Column('own', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('account', name=op.f('pk_staff'))
    )
    op.create_table('sync_log',
    sa.Column('n', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('sentence', sa.String(), nullable=False),
    sa.Column('tone', sa.String(), nullable=False),
    sa.Column('report', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('n', name=op.f('pk_sync_log'))
    )
    op.create_table('village',
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('township', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_village'))
    )
    op.create_table('blob_part',
    sa.Column('hash', sa.String(), nullable=False),
    sa.Column('off', sa.Integer(), nullable=False),
    sa.Column('data', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['hash'], ['blob.hash'], name=op.f('fk_blob_part_hash'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('hash', 'off', name=op.f('pk_blob_part'))
    )
    op.create_table('draft_op',
    sa.Column('n', sa.Integer(), nullable=False),
    sa.Column('root', sa.String(), nullable=False),
    sa.Column('op', sa.String(), nullable=False),
    sa.Column('path', sa.String(), nullable=False),
    sa.Column('row_path', sa.String(), nullable=False),
    sa.Column('value', sa.String(), nullable=False),
    sa.Column('prev', sa.String(), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('actor', sa.String(), nullable=False),
    sa.CheckConstraint("op IN ('set','add','remove','move')", name=op.f('ck_draft_op_op')),
    sa.ForeignKeyConstraint(['root'], ['draft.root'], name=op.f('fk_draft_op_root'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('n', name=op.f('pk_draft_op'))
    )
    with op.batch_alter_table('draft_op', schema=None) as batch_op:
        batch_op.create_index('ix_draft_op_cell', ['root', 'path', 'row_path'], unique=False)



def downgrade() -> None:
    raise NotImplementedError("a store never goes back; the copy made before migrating is the way back")
