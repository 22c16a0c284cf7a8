"""What the next interviews will need, made ready while nobody waits for it."""

from __future__ import annotations

from sqlmodel import col, select

from fieldapp.services import snapshots
from fieldapp.services.session import Session
from fieldapp.store import form_packs
from fieldapp.store.tables import AssignmentRow, FormPack, InterviewRow
from sync.scope import Role

HOUSEHOLDS = 8


def prepare(session: Session, households: int = HOUSEHOLDS) -> int:
    """Loads and compiles the questionnaires of this person's assignments and of the earlier waves, and reads the earlier waves of the
    households to be begun next. May run on any thread beside everything else; does again only what is new.

    Args:
        households: for how many households that are not begun yet.

    Returns:
        How many questionnaires are ready.
    Raises:
        StoreError: the session was closed meanwhile.
    """
    if session.role is not Role.ENUM:
        return 0
    with session.database.reading() as reading:
        mine = reading.exec(
            select(AssignmentRow)
            .where(AssignmentRow.enumerator == session.account)
            .order_by(col(AssignmentRow.period).desc(), col(AssignmentRow.root))
        ).all()
        begun = set(reading.exec(select(InterviewRow.assignment)))
        newest = form_packs.all_newest(reading)
        used = reading.exec(select(InterviewRow.form_hash).distinct()).all()
        here = set(reading.exec(select(FormPack.hash)))
    wanted = [newest[form_id][0] for form_id in dict.fromkeys(row.form_id for row in mine) if form_id in newest]
    ready = [form_hash for form_hash in dict.fromkeys([*wanted, *used]) if form_hash in here]
    for form_hash in ready:
        _ = session.load_form(form_hash).program  # compiling is most of a first opening
    for row in [row for row in mine if row.root not in begun][:households]:
        with session.database.reading() as reading:
            for wave in snapshots.sources(reading, row.household, row.form_id, row.period).values():
                snapshots.wave_csv(session, reading, wave.root)
    return len(ready)
