"""Small facts of the store: the meta table, personal settings, facts of the county feed."""

from __future__ import annotations

from sqlmodel import Session, select

from fieldapp.store.tables import ControlFact, Meta, Preference


def read_meta(session: Session, name: str) -> bytes | None:
    """A fact about the store, None when it was never set."""
    row = session.get(Meta, name)
    return None if row is None else row.v


def write_meta(session: Session, name: str, value: bytes) -> None:
    """Sets a fact about the store."""
    session.merge(Meta(k=name, v=value))


def read_text(session: Session, name: str, default: str = "") -> str:
    """A fact that is text."""
    value = read_meta(session, name)
    return default if value is None else value.decode("utf-8")


def write_text(session: Session, name: str, value: str) -> None:
    """Sets a fact that is text."""
    write_meta(session, name, value.encode("utf-8"))


def read_preference(session: Session, account: str, name: str) -> str | None:
    """A person's setting on this laptop."""
    row = session.get(Preference, (account, name))
    return None if row is None else row.value


def write_preference(session: Session, account: str, name: str, value: str) -> None:
    """Keeps a person's setting."""
    session.merge(Preference(account=account, name=name, value=value))


def read_facts(session: Session, kind: str) -> dict[str, str]:
    """All facts of one kind: ``param`` → parameters with their values, ``window`` → entry windows by period."""
    rows = session.exec(select(ControlFact).where(ControlFact.kind == kind))
    return {row.name: row.value for row in rows}


def write_fact(session: Session, kind: str, name: str, value: str) -> None:
    """Sets one fact of the county feed."""
    session.merge(ControlFact(kind=kind, name=name, value=value))
