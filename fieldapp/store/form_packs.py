"""Published questionnaires on this laptop, and their compiled forms."""

from __future__ import annotations

from sqlmodel import Session, col, select

from fieldapp.store.tables import FormPack
from forms.engine import ENGINE_VERSION, Form, FormRefused, load_form


def put(session: Session, xml: str, *, published_hlc: int, root: str = "") -> Form:
    """Keeps a questionnaire; compiled once, here.

    Raises:
        FormRefused: the form cannot be used; nothing is kept.
    """
    form = load_form(xml)
    known = session.get(FormPack, form.hash)
    if known is None:
        session.add(
            FormPack(
                hash=form.hash,
                form_id=form.form_id,
                version=form.version,
                title=form.title,
                xml=xml,
                compiled=form.to_bytes(),
                engine_version=ENGINE_VERSION,
                published_hlc=published_hlc,
                root=root,
            )
        )
    elif published_hlc > known.published_hlc:
        known.published_hlc = published_hlc
        session.add(known)
    return form


def find(session: Session, form_hash: str) -> FormPack | None:
    """The questionnaire with this hash."""
    return session.get(FormPack, form_hash)


def newest(session: Session, form_id: str) -> FormPack | None:
    """The questionnaire published last under this form id."""
    query = select(FormPack).where(FormPack.form_id == form_id).order_by(col(FormPack.published_hlc).desc())
    return session.exec(query).first()


def all_newest(session: Session) -> dict[str, tuple[str, str]]:
    """form id → (hash, title) of the newest of each."""
    query = select(FormPack.form_id, FormPack.hash, FormPack.title).order_by(col(FormPack.published_hlc))
    return {form_id: (form_hash, title) for form_id, form_hash, title in session.exec(query)}


def load(pack: FormPack) -> Form:
    """The compiled form; compiled anew when another engine version made it."""
    if pack.engine_version == ENGINE_VERSION:
        try:
            return Form.from_bytes(pack.compiled)
        except FormRefused:
            pass  # damaged cache: the XML is the truth
    return load_form(pack.xml)
