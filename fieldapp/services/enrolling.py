"""A laptop joins a county, and people join a laptop.

Both go by the one-time code that the county office gives a person. The code opens the laptop until that person has chosen a
passphrase, and nobody can enter as somebody else: the county's answer to the code says who it is for.
"""

from __future__ import annotations

import json
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from fieldapp.errors import AlreadyEnrolled, FingerprintMissing, WrongPassphrase
from fieldapp.services.session import Founding, Laptop, Person, Session
from fieldapp.store import facts
from fieldapp.store.keys import plain_code, unwrap_secret, wrap_secret
from sync.client.enrolment import Enrolled, LaptopKeys, make_laptop_keys
from sync.client.enrolment import enrol as ask_county
from sync.client.http_server import HttpServer, fetch_certificate
from sync.errors import EnrolmentRefused
from sync.project import UseMode, other_project
from sync.protocol import CountyServer

_PENDING = "enrolling.json"


def enrol(
    laptop: Laptop,
    address: str,
    code: str,
    *,
    device_name: str = "",
    fingerprint: str = "",
    county_certificate: Path | None = None,
    server: CountyServer | None = None,
) -> tuple[Person, ...]:
    """Joins the county with the one-time code that the office gave out.

    The store and its keys are made only when the county has answered; the first sign-in sets the passphrase
    (:func:`set_first_passphrase`), until then the code stands in for it. After a broken line the same code works again.

    Args:
        address: https address of the county server; the fingerprint may follow after ``#``, as the slip's QR has it.
        fingerprint: SHA-256 of the server's TLS certificate from the enrolment slip.
        county_certificate: the server's certificate (PEM) as a file, in place of the fingerprint.
        server: another end than the address: a file carried by hand, a test.
    Returns:
        The people who may use this laptop.
    Raises:
        ServerUnreachable, ServerNotOurs, EnrolmentRefused, AlreadyEnrolled, FingerprintMissing.
    """
    if laptop.enrolled:
        raise AlreadyEnrolled("folder holds a store")
    address, _, written = address.strip().partition("#")
    pem = b"" if server is not None else _pinned(address, fingerprint or written, county_certificate)
    keys = _pending_keys(laptop, code)
    if server is not None:
        enrolled = ask_county(server, keys, code, device_name)
    else:
        with HttpServer(address, pem) as county:
            enrolled = ask_county(county, keys, code, device_name)
    laptop.found(
        _founding(enrolled, code, device_name, {"address": address, "server_certificate": pem.decode("ascii")})
    )
    (laptop.folder / _PENDING).unlink(missing_ok=True)
    return laptop.people()


def _pinned(address: str, fingerprint: str, given: Path | None) -> bytes:
    if given is not None:
        return given.read_bytes()
    if not address.lower().startswith("https://"):
        return b""  # HttpServer takes plain http to this machine alone
    if not fingerprint:
        raise FingerprintMissing("no fingerprint for a https address")
    return fetch_certificate(address, fingerprint)


def _pending_keys(laptop: Laptop, code: str) -> LaptopKeys:
    """New keys, kept under the code until the county has answered: a code is used up by the first answer it gets."""
    path = laptop.folder / _PENDING
    laptop.folder.mkdir(parents=True, exist_ok=True)
    typed = plain_code(code)
    if path.exists():
        try:
            raw = unwrap_secret(json.loads(path.read_text(encoding="utf-8")), "enrolling", typed)
            signing, sealing = (
                Ed25519PrivateKey.from_private_bytes(raw[24:56]),
                X25519PrivateKey.from_private_bytes(raw[56:]),
            )
            return LaptopKeys(raw[:16].hex(), raw[16:24], signing, sealing)
        except (WrongPassphrase, ValueError, KeyError):
            pass  # of another code: begin anew
    keys = make_laptop_keys()
    raw = (
        bytes.fromhex(keys.device) + keys.replica + keys.signing.private_bytes_raw() + keys.sealing.private_bytes_raw()
    )
    path.write_text(json.dumps(wrap_secret(raw, "enrolling", typed, laptop.key_cost)), encoding="utf-8")
    return keys


def _founding(enrolled: Enrolled, code: str, device_name: str, known: dict[str, str]) -> Founding:
    reply, keys = enrolled.reply, enrolled.keys
    return Founding(
        county=reply.county,
        county_name=reply.county_name,
        county_signing_key=reply.county_signing_key,
        county_sealing_key=reply.county_sealing_key,
        device=keys.device,
        device_name=device_name or keys.device[:8],
        device_certificate=reply.device_certificate,
        signing_key=keys.signing,
        sealing_key=keys.sealing,
        people=(reply.user_certificate,),
        secrets={enrolled.user.account: (code, True)},
        facts=known,
        replica=keys.replica,
        use_mode=UseMode(reply.use_mode or UseMode.WORK),
    )


def set_first_passphrase(laptop: Laptop, account: str, code: str, passphrase: str) -> Session:
    """First sign-in of a person: the code from the office is replaced by the own passphrase.

    Raises:
        WeakPassphrase, WrongPassphrase (the code does not fit).
    """
    return laptop.set_first_passphrase(account, code, passphrase)


def add_person(session: Session, code: str) -> Person:
    """Another person joins this laptop with a code of the county; the laptop's certificate widens to that person's villages.

    Raises:
        ServerUnreachable, EnrolmentRefused, OtherProject.
    """
    with session.database.reading() as reading:
        address = facts.read_text(reading, "address")
        pem = facts.read_text(reading, "server_certificate").encode("ascii")
        sealing = X25519PrivateKey.from_private_bytes(facts.read_meta(reading, "sealing_key") or b"")
        county_key = facts.read_meta(reading, "county_signing_key") or b""
    keys = LaptopKeys(session.device, session.replica, session.signing_key, sealing)
    with HttpServer(address, pem) as server:
        enrolled = ask_county(server, keys, code, session.device_name)
    refusal = other_project(session.use_mode, enrolled.reply.use_mode)
    if refusal is not None:
        raise refusal
    if enrolled.reply.county_signing_key != county_key:
        raise EnrolmentRefused("another county's key")
    session.changes.set_certificate(enrolled.reply.device_certificate)
    return session.admit(enrolled.reply.user_certificate, code)
