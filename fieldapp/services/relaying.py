"""代收代转: the township's laptop takes in the enumerators' bundles and carries them to the county; a laptop hands over to it.

Three ticks, in the field's words: 已代收 (the township holds the sealed bundle), 已入库 (the county has answered), 已备份. The first is no
acknowledgement: what was handed to a relay stays on its own laptop until the county itself has answered.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from threading import Event

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from sqlmodel import select

from fieldapp.errors import NotEnrolled
from fieldapp.services import carrying, syncing
from fieldapp.services.session import Session
from fieldapp.services.syncing import Progress, SyncReport
from fieldapp.store import activity, facts
from fieldapp.store.relaying import StoreBook
from fieldapp.store.tables import Staff
from fieldapp.words import _
from sync.carriage import Desk, custody_holds, fetch_file, send_file
from sync.client.http_desk import HttpDesk, find_relay
from sync.errors import NotARelay, NothingForUs, ServerUnreachable
from sync.scope import DeviceCertificate, Role, read_device_certificate
from sync.server.relay import Relay
from sync.stick import Place, Stick

PORT = 8470
_FOLDER, _LINE, _CUSTODY = "relay", "line", "custody"
_RELAYS = (Role.TSUP, Role.CADM)
_TRIES = 8
_ADDRESS = "relay_address"


@dataclass(frozen=True, slots=True)
class LaptopLine:
    """A laptop that handed over here.

    Attributes:
        device: beginning of its id, as the county's list has it. who: its holder's name, "" when it has only come by stick.
        changes: in its last bundle. at: when that came into custody. receipted_at: when the county's receipt came, None before.
    """

    device: str
    who: str
    changes: int
    at: datetime
    receipted_at: datetime | None

    @property
    def ticks(self) -> int:
        """1: in custody here, 2: the county has it."""
        return 2 if self.receipted_at else 1


@dataclass(frozen=True, slots=True)
class Relayed:
    """What came of carrying custody: sentences for the person."""

    ok: bool
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Serving:
    """A relay at work on the office's network: what enumerators type at theirs, one for each network of this machine."""

    addresses: tuple[str, ...]
    relay: Relay


# --- the township's laptop --------------------------------------------------------------------------------------------


def open_relay(session: Session) -> Relay:
    """This laptop's custody. Raises NotAllowed: another post."""
    session.require("代收代转", *_RELAYS)
    with session.database.reading() as reading:

        def known(name: str) -> bytes:
            return facts.read_meta(reading, name) or b""

        return Relay(
            session.laptop.folder / _FOLDER / _CUSTODY,
            known("certificate"),
            session.signing_key,
            X25519PrivateKey.from_private_bytes(known("sealing_key")),
            session.county,
            Ed25519PublicKey.from_public_bytes(known("county_signing_key")),
            _book(session),
            now_ms=lambda: int(session.now().timestamp() * 1000),
        )


def _book(session: Session) -> StoreBook:
    return StoreBook(session.database, session.now)


@contextlib.contextmanager
def serve(session: Session, host: str = "0.0.0.0", port: int = PORT) -> Iterator[Serving]:
    """Takes in bundles over the office's network while the block lasts.

    Raises:
        CannotServe: the port is taken.
    """
    # What serves is imported when it is wanted: a laptop that only hands over needs none of it.
    from sync.server.app import make_app
    from sync.server.running import listen, serving, tls_of
    from sync.server.tls import fingerprint, make_tls

    relay = open_relay(session)
    found = _own_addresses() if host == "0.0.0.0" else (host,)
    certificate, private = make_tls(session.county, ("localhost", *found))
    relay.serve_on(fingerprint(certificate))
    with contextlib.closing(listen(host, port)) as listening:
        context: ssl.SSLContext = tls_of(certificate, private)
        with serving(make_app(relay, relay), listening, context):
            at = listening.getsockname()[1]
            with session.database.transaction() as writing:
                activity.note(writing, session.now(), session.account, "relay open")
            yield Serving(tuple(f"https://{one}:{at}" for one in found), relay)


def _own_addresses() -> tuple[str, ...]:
    """This machine's addresses on its networks; nothing is sent to find them."""
    found = []
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("10.255.255.255", 9))  # asks the routing table alone
        found.append(str(probe.getsockname()[0]))
    with contextlib.suppress(OSError):
        found += [str(one[4][0]) for one in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)]
    return tuple(dict.fromkeys(one for one in found if not one.startswith("127."))) or ("127.0.0.1",)


def laptops(session: Session) -> tuple[LaptopLine, ...]:
    """Who has handed over here, newest first, and how far it has come."""
    session.require("代收代转", *_RELAYS)
    book = _book(session)
    with session.database.reading() as reading:
        key = Ed25519PublicKey.from_public_bytes(facts.read_meta(reading, "county_signing_key") or b"")
        names = {row.account: row.name for row in reading.exec(select(Staff))}
    lines = []
    for device, line in book.lines().items():
        raw = book.certificate_of(device)
        holder = read_device_certificate(raw, key).holder if raw else ""
        receipted = str(line["receipted"])
        lines.append(
            LaptopLine(
                device[:8], names.get(holder, holder), int(str(line["changes"])),
                datetime.fromisoformat(str(line["at"])), datetime.fromisoformat(receipted) if receipted else None,
            )
        )  # fmt: skip
    return tuple(sorted(lines, key=lambda one: one.at, reverse=True))


def meet_stick(session: Session, folder: Path) -> Relayed:
    """Takes laptops' bundles from a stick into custody and puts onto it what goes on to the county or back to laptops.

    Raises:
        StickGone, StickFull, StickReadOnly: what was taken stays.
    """
    relay = open_relay(session)
    taken = relay.meet(Stick(folder))
    waiting = len(relay.custody())
    with session.database.transaction() as writing:
        activity.note(writing, session.now(), session.account, "relay stick", detail=f"{taken}/{waiting}")
    said = [_("代收了 {n} 个数据包").format(n=taken), _("要带去县里的 {n} 个都在盘上了").format(n=waiting)]
    return Relayed(True, tuple(said))


def push(session: Session, server: Desk | None = None) -> Relayed:
    """Carries custody to the county by wire, and fetches the answers for the laptops. The own exchange (F9) comes besides.

    Args:
        server: another end than the enrolled address, for a test.

    Raises:
        ServerUnreachable: custody stays; the next time goes on from here.
    """
    relay = open_relay(session)
    with contextlib.ExitStack() as stack:
        county = server
        if county is None:
            county = own = _county_desk(session)
            stack.callback(own.close)
        token = county.hello(carrying.porter_of(session).introduce()).token
        carried = relay.push(county, token)
        book = _book(session)
        book.keep_vouched(county.vouch(token, tuple(session.changes.cursors())))
    with session.database.transaction() as writing:
        activity.note(writing, session.now(), session.account, "relay push", detail=str(carried.receipted))
    said = [_("送到县里 {n} 个数据包，带回 {m} 份答复").format(n=carried.receipted, m=carried.answers)]
    said += [_("有一个县里没有收：{why}").format(why=_(one)) for one in carried.refused]
    return Relayed(not carried.refused, tuple(said))


def _county_desk(session: Session) -> HttpDesk:
    with session.database.reading() as reading:
        address = facts.read_text(reading, "address")
        pem = facts.read_text(reading, "server_certificate").encode("ascii")
    if not address:
        raise NotEnrolled("no county server known")
    return HttpDesk(address, pem)


# --- a laptop that hands over ------------------------------------------------------------------------------------------


def known_relay(session: Session) -> str:
    """The address that was used last, "" for none."""
    return session.remembered(_ADDRESS)


def hand_over(
    session: Session,
    address: str,
    *,
    progress: Callable[[Progress], None] | None = None,
    cancel: Event | None = None,
) -> SyncReport:
    """Hands everything that the county has not answered for to the township's laptop, and takes in what waits there.

    Args:
        address: as the township's screen shows it; ``https://`` and the usual port may be left out.

    Raises:
        ServerUnreachable: nothing is lost. NotARelay: whoever answers there gets nothing.
    """
    tell = progress or (lambda _: None)
    url = address_of(address)
    with session.database.reading() as reading:
        county_key = Ed25519PublicKey.from_public_bytes(facts.read_meta(reading, "county_signing_key") or b"")
    tell(Progress("greeting", _("正在找乡镇的电脑……"), 0, 0))
    desk, relay, raw = find_relay(url, county_key)
    stick = Stick(_line(session))
    with desk:
        out = carrying.porter_of(session).carry_out(stick, relay)
        tell(Progress("sending", _("正在交给乡镇的电脑……"), 0, 0))
        _persistently(lambda: _deliver(session, desk, relay, stick, out.name))
    _book(session).put_into_custody(out.ids)
    with session.database.transaction() as writing:
        activity.note(writing, session.now(), session.account, "relay hand over", detail=str(out.changes))
        facts.write_meta(writing, carrying.RELAY_MET, raw)
    session.remember(_ADDRESS, address)
    tell(Progress("receiving", _("正在收乡镇那边的答复……"), 0, 0))
    try:
        report = carrying.take_in(session, _line(session), progress=progress, cancel=cancel)
    except NothingForUs:
        report = syncing.by_other_hand(session, lambda: 0)
    sentence = _("{n} 条交给乡镇代收，县里收到之前本机都留着").format(n=out.changes)
    return replace(report, sentences=(sentence, *report.sentences))


def _line(session: Session) -> Path:
    """Where bundles lie for the moment between wire and store: sealed, like on a stick."""
    folder = session.laptop.folder / _FOLDER / _LINE
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _deliver(session: Session, desk: Desk, relay: DeviceCertificate, stick: Stick, name: str) -> None:
    """The bundle goes up in ranges, the relay says that it has it, and what waits for this laptop comes down."""
    token = desk.hello(carrying.porter_of(session).introduce()).token
    send_file(desk, token, name, b"".join(stick.pieces(Place.OUT, name)))
    told = desk.deliver(token, name)
    if not custody_holds(told.custody, name, session.county, relay):
        raise NotARelay("no word of custody")
    for answer, size in told.answers:
        if not stick.has(Place.IN, answer):
            stick.put(Place.IN, [fetch_file(desk, token, answer, size)], answer)


def _persistently(work: Callable[[], None]) -> None:
    """Again while the line breaks: each time goes on from what has arrived."""
    for attempt in range(_TRIES):
        try:
            return work()
        except ServerUnreachable:
            if attempt == _TRIES - 1:
                raise
            time.sleep(min(0.1 * 2.0**attempt, 3.0))
    return None


def address_of(typed: str) -> str:
    """What a person types off the township's screen, as an address."""
    text = typed.strip().removesuffix("/")
    if "://" not in text:
        text = f"https://{text}"
    host = text.partition("://")[2]
    return text if ":" in host else f"{text}:{PORT}"
