"""The county feed on this laptop: staff, villages, parameters, entry windows, questionnaires.

A control root names what it is in the field ``control``; its other fields are the facts:

    device     device certificate: a laptop's, so that its changes can be checked whoever brings them
    user       account name role villages (list of codes) active certificate
    village    code name township; from the county's region table also level parent urban_class from_on until_on new_code groups
    region     the same of a township or the county
    parameter  name value from_on until_on doc_no: one root a name and first day, so that earlier values stay
    window     period title from_on until_on
    revoked    device: a laptop that is given nothing any more
    mapping    form_id old new (hashes) mapping reviewed_by reviewed_at: how answers get from one version into another
    project    the marks of a statistical survey (sync/project.py); never its mode, which is fixed by the founding
A form pack root has ``form_id``, ``xml`` and optionally ``resources`` (name → text of a CSV).
"""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

from sqlalchemy import delete
from sqlmodel import Session, col, select

from fieldapp.store import facts, form_packs
from fieldapp.store.projections import at_of, text
from fieldapp.store.tables import Certificate, ChangeRow, FormPack, HouseholdRow, Staff, VillageRow
from forms.engine import FormRefused
from sync.change import RootType
from sync.codec import open_any
from sync.merge import RootState
from sync.records import RootView

log = logging.getLogger(__name__)
REGION_FIELDS = ("township", "level", "parent", "urban_class", "from_on", "until_on", "new_code", "groups")


def project(session: Session, state: RootState, shown: RootView) -> None:
    """Writes what a control or form pack root says into its tables."""
    if shown.root_type == RootType.FORM_PACK:
        _form_pack(session, shown)
    elif shown.root_type == RootType.CONTROL:
        _control(session, shown)
    del state


def _form_pack(session: Session, shown: RootView) -> None:
    if not text(shown, "xml"):
        return
    # Every version that was ever published, in whatever order it came: interviews keep the one that they were begun with.
    known = set(session.exec(select(FormPack.published_hlc).where(FormPack.root == shown.root)))
    query = select(ChangeRow.hlc, ChangeRow.raw).where(
        ChangeRow.root == shown.root, col(ChangeRow.state) != "quarantined", col(ChangeRow.hlc).not_in(known)
    )
    for hlc, raw in session.exec(query.order_by(col(ChangeRow.hlc))).all():
        for write in open_any(raw).writes:
            if write.field == "xml" and isinstance(write.value, str):
                try:
                    form_packs.put(session, write.value, published_hlc=hlc, root=shown.root)
                except FormRefused:
                    log.error("a published form cannot be used here")
    resources = shown.value("resources")
    if isinstance(resources, dict):
        for name, content in resources.items():
            facts.write_fact(session, f"resource:{text(shown, 'form_id')}", str(name), str(content))


def _control(session: Session, shown: RootView) -> None:
    match text(shown, "control"):
        case "user":
            villages = shown.value("villages")
            account = text(shown, "account")
            row = session.get(Staff, account)
            session.merge(
                Staff(
                    account=account,
                    name=text(shown, "name"),
                    role=text(shown, "role"),
                    villages=" ".join(str(code) for code in villages) if isinstance(villages, list) else "",
                    own=row.own if row else False,
                )
            )
            _certificate(session, shown, account)
        case "device":
            raw = shown.value("certificate")
            if isinstance(raw, bytes):
                session.merge(
                    Certificate(kind="device", subject=text(shown, "device"), raw=raw, received_at=datetime.now(UTC))
                )
        case "village":
            code, name = text(shown, "code"), text(shown, "name")
            session.merge(VillageRow(code=code, name=name, township=text(shown, "township")))
            _region(session, shown)
            for household in session.exec(select(HouseholdRow).where(col(HouseholdRow.village_code) == code)):
                household.village_name = name
                session.add(household)
        case "region":
            _region(session, shown)
        case "parameter":
            _parameter(session, shown)
        case "window":
            facts.write_fact(
                session,
                "window",
                text(shown, "period"),
                "|".join((text(shown, "title"), text(shown, "from_on"), text(shown, "until_on"))),
            )
        case "revoked":
            facts.write_fact(session, "revoked", text(shown, "device"), "1")
        case "mapping":
            facts.write_fact(session, "mapping", f"{text(shown, 'old')} {text(shown, 'new')}", text(shown, "mapping"))
        case "project":
            for (_, field), cell in shown.cells.items():
                if field != "control":
                    facts.write_fact(session, "project", field, str(cell.value or ""))
        case _:
            pass  # of a newer program: kept in the log, shown nowhere


def _region(session: Session, shown: RootView) -> None:
    about = {field: shown.value(field) for field in ("name", *REGION_FIELDS)}
    facts.write_fact(session, "region", text(shown, "code"), json.dumps(about, ensure_ascii=False))


def _parameter(session: Session, shown: RootView) -> None:
    """One value record: who entered it last and when stand in the head of its value."""
    name, from_on = text(shown, "name"), text(shown, "from_on")
    cell = shown.cells.get(((), "value"))
    if not name or cell is None:
        return
    record = {
        "name": name,
        "value": text(shown, "value"),
        "from_on": from_on,
        "until_on": text(shown, "until_on"),
        "doc_no": text(shown, "doc_no"),
        "by": cell.heads[0].actor,
        "at": at_of(cell.heads[0].hlc).isoformat(),
    }
    facts.write_fact(session, "param", f"{name} {from_on}".strip(), json.dumps(record, ensure_ascii=False))


def _certificate(session: Session, shown: RootView, account: str) -> None:
    """The person's certificate, checked wherever it is used; a closed account has none and cannot sign in here."""
    raw = shown.value("certificate")
    if shown.value("active") is False:
        session.execute(delete(Certificate).where(col(Certificate.kind) == "user", col(Certificate.subject) == account))
    elif isinstance(raw, bytes):
        session.merge(Certificate(kind="user", subject=account, raw=raw, received_at=datetime.now(UTC)))
