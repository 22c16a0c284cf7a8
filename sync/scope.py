"""Who may hold and do what: roles, feeds, certificates. Checked alike on the laptop, the relay and the county server.

A *feed* is a gapless list of admitted changes:
    county                     forms, parameters, villages, users, devices, facts
    v:<village>:r              register: households, members, assignments
    v:<village>:q:<portfolio>  interviews, visits and paradata of one enumerator's households
    v:<village>:s:<portfolio>  cells classed identity, money, health of those households
    v:<village>:l              leads and plans
    v:<county>:d               samples drawn, with their reserves: no village's, so no certificate but the county office's covers it
A certificate lists feeds, or patterns ending in ``*``. A device never receives a byte outside its certificate.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sync import cbor
from sync.change import REVIEW_KINDS, Kind, RootType
from sync.errors import BadBytes, CertificateRefused

COUNTY_FEED: Final = "county"
SENSITIVE_CLASSES: Final = frozenset({"identity", "money", "health"})


class Role(StrEnum):
    """Posts, with the codes of the code list user_role."""

    ENUM = "ENUM"
    ASST = "ASST"
    VSEC = "VSEC"
    TSUP = "TSUP"
    CADM = "CADM"
    CQC = "CQC"
    CMON = "CMON"
    AUDR = "AUDR"

    @property
    def zh(self) -> str:
        """The post's name."""
        return _ROLE_ZH[self]

    @property
    def level(self) -> str | None:
        """``"township"`` or ``"county"`` for posts that review, None for the others."""
        return {Role.TSUP: "township", Role.CADM: "county"}.get(self)


_ROLE_ZH: Final = {
    "ENUM": "调查员",
    "ASST": "辅助调查员",
    "VSEC": "村级信息员（文书）",
    "TSUP": "乡镇审核员",
    "CADM": "县级管理员",
    "CQC": "县级质控员",
    "CMON": "县级监测帮扶人员",
    "AUDR": "检查审计（只读）",
}

_ANSWER_KINDS: Final = frozenset(
    {Kind.EDIT, Kind.ROW_DEL, Kind.SUBMIT, Kind.RECALL, Kind.RESOLVE, Kind.PARADATA, Kind.ATTACH, Kind.NOTE,
     Kind.MIGRATE, Kind.ALIAS}
)  # fmt: skip
_REVIEWER_KINDS: Final = frozenset(
    {Kind.OPEN, Kind.RETURN, Kind.APPROVE, Kind.VOID, Kind.RESOLVE, Kind.NOTE, Kind.ALIAS, Kind.ASSIGN, Kind.MOVE,
     Kind.EDIT, Kind.ROW_DEL, Kind.UNLOCK}
)  # fmt: skip

# What a post may write at all, by kind of root. The finer rules (own household, before submit) are the services'.
_MAY_WRITE: Final[Mapping[Role, Mapping[str, frozenset[Kind]]]] = {
    Role.ENUM: {
        RootType.INTERVIEW: _ANSWER_KINDS,
        RootType.HOUSEHOLD: frozenset({Kind.EDIT, Kind.ROW_DEL, Kind.NOTE, Kind.ALIAS, Kind.RESOLVE, Kind.ATTACH}),
        RootType.ASSIGNMENT: frozenset({Kind.NOTE, Kind.EDIT}),
        RootType.LEAD: frozenset({Kind.EDIT, Kind.NOTE}),
    },
    Role.ASST: {
        RootType.HOUSEHOLD: frozenset({Kind.EDIT, Kind.NOTE}),
        RootType.ASSIGNMENT: frozenset({Kind.NOTE, Kind.EDIT}),
    },
    Role.VSEC: {
        RootType.HOUSEHOLD: frozenset({Kind.EDIT, Kind.ROW_DEL, Kind.NOTE, Kind.ALIAS, Kind.RESOLVE, Kind.ATTACH}),
        RootType.LEAD: frozenset({Kind.EDIT, Kind.NOTE, Kind.ATTACH}),
    },
    Role.TSUP: {
        RootType.INTERVIEW: _REVIEWER_KINDS - {Kind.EDIT, Kind.ROW_DEL},
        RootType.HOUSEHOLD: _REVIEWER_KINDS,
        RootType.ASSIGNMENT: _REVIEWER_KINDS,
        RootType.LEAD: _REVIEWER_KINDS,
        RootType.PLAN: _REVIEWER_KINDS,
    },
    Role.CADM: {root_type: frozenset(Kind) for root_type in RootType},
    Role.CQC: {RootType.INTERVIEW: frozenset({Kind.NOTE}), RootType.HOUSEHOLD: frozenset({Kind.NOTE})},
    Role.CMON: {
        RootType.LEAD: frozenset({Kind.EDIT, Kind.ROW_DEL, Kind.NOTE, Kind.ATTACH, Kind.RESOLVE, Kind.ALIAS}),
        RootType.PLAN: frozenset({Kind.EDIT, Kind.ROW_DEL, Kind.NOTE, Kind.ATTACH, Kind.RESOLVE, *REVIEW_KINDS}),
    },
    Role.AUDR: {},
}


def may_write(role: Role, root_type: str, kind: str) -> bool:
    """True if this post may write changes of this kind to such roots.

    A kind unknown to this program is not forbidden by it: an old server keeps and passes on what newer laptops write.
    """
    allowed = _MAY_WRITE[role].get(root_type)
    if allowed is None:
        return False
    return kind in allowed or kind not in {str(known) for known in Kind}


# --- feeds ------------------------------------------------------------------------------------------------------------


def register_feed(village: str) -> str:
    """Households, members, assignments of a village."""
    return f"v:{village}:r"


def interview_feed(village: str, portfolio: str) -> str:
    """Interviews of one enumerator's households in a village."""
    return f"v:{village}:q:{portfolio}"


def sensitive_feed(village: str, portfolio: str) -> str:
    """Cells classed identity, money, health of those households."""
    return f"v:{village}:s:{portfolio}"


def lead_feed(village: str) -> str:
    """Leads and plans of a village."""
    return f"v:{village}:l"


def draw_feed(county: str) -> str:
    """Samples as drawn, with reserves and their order (monitoring.md 9.2: not shown to enumerators).

    The six digits of the county stand where others have a village: supervisors' ``v:<village>:*`` never reaches it.
    """
    return f"v:{county}:d"


@dataclass(frozen=True, slots=True)
class FeedName:
    """A feed's id in its parts: part is "county", "r", "q", "s", "l" or "d"."""

    part: str
    village: str = ""
    portfolio: str = ""

    def __str__(self) -> str:
        if self.part == COUNTY_FEED:
            return COUNTY_FEED
        middle = f"v:{self.village}:{self.part}"
        return f"{middle}:{self.portfolio}" if self.part in ("q", "s") else middle


def parse_feed(feed: str) -> FeedName:
    """The parts of a feed's id; raises BadBytes for anything else."""
    if feed == COUNTY_FEED:
        return FeedName(COUNTY_FEED)
    parts = feed.split(":")
    plain = all(part and len(part) <= 40 and "*" not in part for part in parts)
    if plain and parts[0] == "v" and len(parts) == 3 and parts[2] in ("r", "l", "d"):
        return FeedName(parts[2], parts[1])
    if plain and parts[0] == "v" and len(parts) == 4 and parts[2] in ("q", "s"):
        return FeedName(parts[2], parts[1], parts[3])
    raise BadBytes("not a feed")


def feed_of(root_type: str, village: str, portfolio: str, sensitive: str | None = None) -> str:
    """The feed in which a cell travels.

    Args:
        root_type: of its root.
        village, portfolio: the root's home; the portfolio is the enumerator's account.
        sensitive: the question's ``fa:sensitive`` class, if any.
    """
    if root_type in (RootType.FORM_PACK, RootType.CONTROL):
        return COUNTY_FEED
    if root_type in (RootType.LEAD, RootType.PLAN):
        return lead_feed(village)
    if root_type == RootType.DRAW:
        return draw_feed(village)
    if sensitive in SENSITIVE_CLASSES and portfolio:
        return sensitive_feed(village, portfolio)
    if root_type == RootType.INTERVIEW:
        return interview_feed(village, portfolio)
    return register_feed(village)


def register_after_move(body: Mapping[str, Any]) -> str | None:
    """The register that a MOVE with this body leads to; None if it names no village or person that a feed can carry."""
    village, portfolio = body.get("village"), body.get("portfolio", "")
    if not isinstance(village, str) or not isinstance(portfolio, str):
        return None
    try:
        parse_feed(f"v:{village}:q:{portfolio or '-'}")
    except BadBytes:
        return None
    return register_feed(village)


def covers(patterns: Iterable[str], feed: str) -> bool:
    """True if a certificate with these feeds may hold ``feed``."""
    return any(feed == p or (p.endswith("*") and feed.startswith(p[:-1])) for p in patterns)


def feeds_of_role(role: Role, villages: Iterable[str], portfolio: str = "") -> tuple[str, ...]:
    """The feeds that a post with these villages is given.

    Args:
        villages: codes of the villages worked in; a county post needs none.
        portfolio: an enumerator's own account.
    """
    places = sorted(set(villages))
    match role:
        case Role.ENUM:
            own = [
                feed
                for v in places
                for feed in (register_feed(v), interview_feed(v, portfolio), sensitive_feed(v, portfolio))
            ]
        case Role.ASST:
            own = [register_feed(v) for v in places]
        case Role.VSEC:
            own = [feed for v in places for feed in (register_feed(v), lead_feed(v))]
        case Role.TSUP:
            own = [f"v:{v}:*" for v in places]
        case Role.CADM:
            own = ["v:*"]
        case Role.CMON:
            own = [f"v:{v}:l" for v in places]
        case Role.CQC | Role.AUDR:
            own = []  # given feed by feed, by name
    return (COUNTY_FEED, *own)


# --- certificates -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DeviceCertificate:
    """What the county says of a laptop.

    Args:
        device: 32 hex characters.
        holder: account of the person who answers for it.
        signing_key, sealing_key: raw Ed25519 and X25519 public keys, 32 bytes each.
        not_before_ms, not_after_ms: county time, milliseconds since 1970.
        lease_days: days without contact after which reading others' data waits for the county.
        serial: higher replaces lower for the same device.
    """

    county: str
    device: str
    holder: str
    role: Role
    feeds: tuple[str, ...]
    signing_key: bytes
    sealing_key: bytes
    not_before_ms: int
    not_after_ms: int
    lease_days: int = 120
    serial: int = 1

    def verify_key(self) -> Ed25519PublicKey:
        """The key that this device's changes are signed with."""
        return Ed25519PublicKey.from_public_bytes(self.signing_key)


@dataclass(frozen=True, slots=True)
class UserCertificate:
    """What the county says of a person's account."""

    county: str
    account: str
    name: str
    role: Role
    feeds: tuple[str, ...]
    villages: tuple[str, ...]
    not_before_ms: int
    not_after_ms: int
    serial: int = 1


def issue(certificate: DeviceCertificate | UserCertificate, county_key: Ed25519PrivateKey) -> bytes:
    """The certificate as bytes signed by the county."""
    kind = "device" if isinstance(certificate, DeviceCertificate) else "user"
    fields = {name: getattr(certificate, name) for name in certificate.__slots__}
    body = cbor.dumps(["fieldapp certificate 1", kind, {k: _plain(v) for k, v in fields.items()}])
    return cbor.dumps([body, county_key.sign(body)])


def read_device_certificate(
    data: bytes, county_key: Ed25519PublicKey, *, now_ms: int | None = None
) -> DeviceCertificate:
    """The certificate, checked against the county's key and, if given, the time. Raises CertificateRefused."""
    f = _read(data, county_key, "device", now_ms)
    try:
        return DeviceCertificate(
            f["county"], f["device"], f["holder"], Role(f["role"]), tuple(f["feeds"]), f["signing_key"],
            f["sealing_key"], f["not_before_ms"], f["not_after_ms"], f["lease_days"], f["serial"],
        )  # fmt: skip
    except (KeyError, ValueError, TypeError) as error:
        raise CertificateRefused("a device certificate of the wrong shape") from error


def read_user_certificate(data: bytes, county_key: Ed25519PublicKey, *, now_ms: int | None = None) -> UserCertificate:
    """The certificate, checked against the county's key and, if given, the time. Raises CertificateRefused."""
    f = _read(data, county_key, "user", now_ms)
    try:
        return UserCertificate(
            f["county"], f["account"], f["name"], Role(f["role"]), tuple(f["feeds"]), tuple(f["villages"]),
            f["not_before_ms"], f["not_after_ms"], f["serial"],
        )  # fmt: skip
    except (KeyError, ValueError, TypeError) as error:
        raise CertificateRefused("a user certificate of the wrong shape") from error


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else str(value) if isinstance(value, Role) else value


@lru_cache(maxsize=2048)
def _signed_body(data: bytes, county_key: bytes) -> bytes:
    """What a certificate says, its signature checked; asked for at every request, so it is looked at once."""
    body, signature = cbor.loads(data)
    Ed25519PublicKey.from_public_bytes(county_key).verify(signature, body)
    return bytes(body)


def _read(data: bytes, county_key: Ed25519PublicKey, wanted: str, now_ms: int | None) -> dict[str, Any]:
    try:
        mark, kind, fields = cbor.loads(_signed_body(data, county_key.public_bytes_raw()))
        if mark != "fieldapp certificate 1" or kind != wanted or not isinstance(fields, dict):
            raise ValueError("another kind of certificate")
        if now_ms is not None and not fields["not_before_ms"] <= now_ms <= fields["not_after_ms"]:
            raise CertificateRefused("expired or not yet valid")
    except CertificateRefused:
        raise
    except (BadBytes, InvalidSignature, ValueError, TypeError, KeyError) as error:
        raise CertificateRefused("forged or damaged certificate") from error
    return fields
