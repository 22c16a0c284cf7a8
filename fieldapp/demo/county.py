"""A county from nothing: server, villages, accounts, questionnaires, households with earlier waves, work for this quarter.

Area code 529900 is not assigned to any county, so no number made here belongs to anybody.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from fieldapp.services import sampling
from fieldapp.services.enrolling import add_person, enrol, set_first_passphrase
from fieldapp.services.session import Laptop, Session
from fieldapp.services.syncing import exchange
from fieldapp.store.keys import KeyCost
from fieldapp.words import _
from forms.questionnaires import load_questionnaire
from sync.scope import Role
from sync.server.office import Office
from sync.server.running import RunningServer, county_time_ms, make_key_file, make_server

COUNTY: Final = "529900"
COUNTY_NAME: Final = "云岭县"
VILLAGE: Final = "529900101001"
VILLAGE_NAME: Final = "双河村"
TOWNSHIP_NAME: Final = "青石镇"
PASSPHRASE: Final = "shanlu shuijing shaigu denghuo"  # four words, typed with the input method off

OFFICE, ENUMERATOR, SUPERVISOR, SECRETARY = "CA0001", "EN0417", "TS0003", "VS0008"
STAFF: Final = (
    (OFFICE, "周明", Role.CADM),
    (ENUMERATOR, "王建国", Role.ENUM),
    (SUPERVISOR, "刘志远", Role.TSUP),
    (SECRETARY, "杨秀兰", Role.VSEC),
)


@dataclass
class DemoCounty:
    """A running county.

    Attributes:
        folder: holds ``server`` and a folder a laptop.
        key_cost: of the laptops' passphrases; None is the real one.
    """

    folder: Path
    server: RunningServer
    key_cost: KeyCost | None = None
    report: sampling.SampleReport | None = field(default=None)

    def laptop(self, name: str, *accounts: str, device_name: str = "") -> Laptop:
        """A new laptop for these people, enrolled over the wire, each with the demonstration's passphrase."""
        codes = self.server.service.enrolment
        laptop = Laptop(self.folder / name, key_cost=self.key_cost)
        first, *others = accounts
        code = codes.make_code(first)
        enrol(
            laptop,
            self.server.address.url,
            code,
            device_name=device_name or name,
            fingerprint=self.server.address.fingerprint,
        )
        session = set_first_passphrase(laptop, first, code, PASSPHRASE)
        try:
            for account in others:
                code = codes.make_code(account)
                add_person(session, code)
                set_first_passphrase(laptop, account, code, PASSPHRASE).lock()
            exchange(session)
        finally:
            session.lock()
        return laptop

    def signed_in(self, laptop: Laptop, account: str) -> Session:
        """A session of one of its people."""
        return laptop.unlock(account, PASSPHRASE)


@contextlib.contextmanager
def demo_county(
    folder: Path,
    *,
    households: int,
    waves: int = 2,
    fresh: int = 0,
    seed: int = 7,
    key_cost: KeyCost | None = None,
    tell: Callable[[str], None] = lambda _sentence: None,
) -> Iterator[DemoCounty]:
    """Builds the county in ``folder`` and serves it on loopback until the block ends.

    The server's key lies beside the server's folder, never in it.

    Args:
        households: of the sample village.
        waves: earlier quarters of each household.
        fresh: households newly drawn, whose baseline is still to be asked.
        tell: hears what is being done.
    """
    server_folder = folder / "server"
    key = make_key_file(folder / "server.key")
    make_server(server_folder, key, COUNTY, COUNTY_NAME)
    with RunningServer(server_folder, key) as server:
        county = DemoCounty(folder, server, key_cost)
        tell(_("县服务器开好了：发布问卷、村、账号"))
        _publish(server)
        tell(_("造练习村：户、成员、往期问卷"))
        office = county.laptop("office", OFFICE, device_name="县办公室")
        session = county.signed_in(office, OFFICE)
        try:
            county.report = sampling.fill_store(
                session,
                households=households,
                waves=waves,
                seed=seed,
                fresh=fresh,
                village_codes=[VILLAGE],
                enumerators=[ENUMERATOR],
            )
            exchange(session)
        finally:
            session.lock()
        yield county


def _publish(server: RunningServer) -> None:
    office = Office(server.service, now_ms=county_time_ms)
    office.publish_village(VILLAGE, VILLAGE_NAME, TOWNSHIP_NAME)
    for account, name, role in STAFF:
        server.service.enrolment.add_account(account, name, role, [VILLAGE])
    for form_id in ("annual", "quarterly"):
        office.publish_form(form_id, load_questionnaire(form_id).xml)
    this_year = datetime.now(UTC).year
    for year in (this_year - 1, this_year):  # in January the quarter that is asked about is last year's
        office.publish_parameter("monitor_line", "7000", f"{year}-01-01")
