"""The figures of sync.md 5.4, printed beside their targets.

    python -m tests.benchmarks.benchmark_sync [--changes 300] [--postgres URL]

Bytes are of bodies over the real HTTP client with TLS; request and TLS overhead is added by the link model of sync.md
(2.5 kB/s, round trip 0.6 s, 380 B a request, 900 B and two round trips a connection). Times depend on the machine: read
them as ratios.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import json
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sync.change import Content, Kind, Write
from sync.client.enrolment import enrol, make_laptop_keys
from sync.client.http_server import HttpServer, fetch_certificate
from sync.codec import dictionary_of, open_sealed, repacked, seal, verify
from sync.errors import ServerUnreachable
from sync.merge import merge, merge_all
from sync.protocol import Have
from sync.records import view
from sync.scope import Role, interview_feed
from sync.server.database import open_postgresql
from sync.server.running import RunningServer, make_server
from tests.sync.builders import COUNTY, KEY, ROOT, VILLAGE, A, change, interview, put
from tests.sync.county import County, FakeTime, Laptop
from tests.sync.cutting_proxy import CuttingProxy
from tests.sync.memory_log import MemoryLog

DATA_KEY = bytes(range(32))
RATE, ROUND_TRIP_S, PER_REQUEST, PER_CONNECTION = 2500, 0.6, 380, 900


def line(what: str, value: str, target: str) -> None:
    """One figure."""
    print(f"{what:<58} {value:>22}   target {target}")


def timed(work: Callable[[], object], times: int) -> float:
    """Median milliseconds of CPU: what the machine does besides does not count."""
    taken = []
    for _ in range(times):
        started = time.process_time()
        work()
        taken.append((time.process_time() - started) * 1000)
    return statistics.median(taken)


def sizes() -> None:
    """Bytes of one change, and what the pure core costs."""
    made, fields = interview()
    sealed = seal(made, KEY)
    dictionary = dictionary_of(fields)
    edit = change(
        A, 400, root=made.root, root_type="interview", feed=made.feed, form_version=made.form_version, hlc=made.hlc,
        writes=tuple(Write((), name, "3000.50", ((A, 1),)) for name in fields[20:23]),
    )  # fmt: skip
    framing = 4
    line("new 300-answer interview, sealed once", f"{len(sealed.raw) + framing} B", "≤ 1500 B")
    line("… packed with its form's dictionary", f"{len(repacked(sealed.raw, dictionary)) + framing} B", "≤ 750 B later")
    line("edit of 3 answers", f"{len(seal(edit, KEY).raw) + framing} B", "≤ 300 B")
    line("seal (encode, pack, sign)", f"{timed(lambda: seal(made, KEY), 50):.2f} ms", "p99 < 100 ms with fsync")
    line("open", f"{timed(lambda: open_sealed(sealed.raw), 50):.2f} ms", "-")
    line("verify", f"{timed(lambda: verify(sealed.raw, KEY.public_key()), 50):.2f} ms", "-")
    state = merge_all(made.root, [made])
    line("merge an edit into 300 cells", f"{timed(lambda: merge(state, edit), 50):.2f} ms", "-")
    heads = [put(bytes([n]) * 8, 1, n, field=f"f{cell}") for cell in range(300) for n in range(1, 6)]
    apart = [
        change(bytes([n]) * 8, 1, writes=tuple(w for h in heads if h.replica[0] == n for w in h.writes))
        for n in range(1, 6)
    ]
    line(
        "merge 5 and list 300 conflicts of 5 heads",
        f"{timed(lambda: view(merge_all(ROOT, apart)), 10):.1f} ms",
        "< 20 ms",
    )


def enrolled(server: RunningServer, wire: HttpServer, account: str) -> Laptop:
    """A laptop over the wire."""
    server.service.enrolment.add_account(account, "测试员", Role.ENUM, [VILLAGE])
    keys = make_laptop_keys()
    got = enrol(wire, keys, server.service.enrolment.make_code(account))
    log = MemoryLog(COUNTY, keys.device, keys.replica, keys.signing, account, got.reply.device_certificate)
    return Laptop(account, got, log, FakeTime())


def fill(laptop: Laptop, count: int, seed: int = 0) -> None:
    """Interviews with 300 answers in the laptop's log."""
    for number in range(count):
        made, _ = interview(seed + number)
        content = Content(Kind.EDIT, made.writes, made.new_rows)
        laptop.log.write(
            content, root=made.root, root_type="interview", feed=interview_feed(VILLAGE, laptop.name),
            now_ms=laptop.now_ms(), form_version=made.form_version, save_id=made.save_id,
        )  # fmt: skip


def over_the_wire() -> None:
    """Requests and bytes through HTTPS on loopback."""
    with tempfile.TemporaryDirectory() as folder:
        make_server(Path(folder) / "s", DATA_KEY, COUNTY, "样本县")
        with RunningServer(Path(folder) / "s", DATA_KEY) as server:
            pem = fetch_certificate(server.address.url, server.address.fingerprint)
            with HttpServer(server.address.url, pem) as wire:
                laptop = enrolled(server, wire, "ce0001")
                laptop.sync(wire)
                measured(wire, laptop, "nothing to do", "1 request, ≤ 1 kB")
                fill(laptop, 30)
                measured(wire, laptop, "30 interviews sealed once", "≤ 15 s at 20 kbit/s")
                fill(laptop, 70, 100)
                laptop.sync(wire)
                edit_three(laptop)
                measured(wire, laptop, "100 interviews with 3 changed answers", "≤ 5 requests, ≤ 17 kB")


def edit_three(laptop: Laptop) -> None:
    """Three answers of every interview."""
    own = [kept.change for kept in laptop.log.kept.values() if kept.own]
    for made in own:
        picked = random.Random(1).sample(made.writes, 3)
        writes = tuple(Write(w.row, w.field, "3000", (made.dot,)) for w in picked)
        laptop.log.write(
            Content(Kind.EDIT, writes), root=made.root, root_type="interview", feed=made.feed, now_ms=laptop.now_ms()
        )


def measured(wire: HttpServer, laptop: Laptop, what: str, target: str) -> None:
    """One sync and its cost."""
    requests, up, down = wire.requests, wire.sent, wire.received
    report = laptop.sync(wire)
    assert report.complete
    requests, up, down = wire.requests - requests, wire.sent - up, wire.received - down
    load = up + down + requests * PER_REQUEST + PER_CONNECTION
    seconds = load / RATE + requests * ROUND_TRIP_S + 2 * ROUND_TRIP_S
    line(what, f"{requests} req {up}+{down} B", target)
    line(
        "… at 20 kbit/s, 0.6 s round trip, clean (link model)", f"{seconds:.1f} s", target if "s at" in target else "-"
    )


CUT_AFTER = 4000  # bytes up on each connection of the line that breaks


def whole_documents() -> None:
    """The peer: every changed interview whole, JSON + gzip, one POST each (ODK style); and ours over a line that breaks."""
    documents = [_document(seed) for seed in range(100)]
    line("peer, JSON + gzip: 30 interviews", f"30 req {sum(map(len, documents[:30]))}+0 B", "-")
    line("peer, JSON + gzip: 100 edited interviews", f"100 req {sum(map(len, documents))}+0 B", "-")
    with tempfile.TemporaryDirectory() as folder:
        make_server(Path(folder) / "s", DATA_KEY, COUNTY, "样本县")
        with RunningServer(Path(folder) / "s", DATA_KEY, tls=False) as server:
            port = int(server.address.url.rsplit(":", 1)[1])
            with HttpServer(server.address.url, b"") as wire:
                laptop = enrolled(server, wire, "ce0001")
            fill(laptop, 30)
            with CuttingProxy(port, CUT_AFTER, 1 << 20) as proxy:
                tries = _tries_until_complete(laptop, f"http://127.0.0.1:{proxy.port}")
    line(f"30 interviews, each connection cut after {CUT_AFTER} B up", f"{tries} sessions", "completes")


def _document(seed: int) -> bytes:
    made, _ = interview(seed)
    cells = [{"row": list(w.row), "field": w.field, "value": w.value} for w in made.writes]
    return gzip.compress(json.dumps({"root": made.root, "feed": made.feed, "answers": cells}).encode())


def _tries_until_complete(laptop: Laptop, url: str) -> int:
    for number in range(1, 60):
        with HttpServer(url, b"") as wire, contextlib.suppress(ServerUnreachable):
            if laptop.sync(wire).complete:
                return number
    return 0


def throughput(count: int, url: str) -> None:
    """How fast the county takes in interviews, one process, changes pushed in the server's own groups."""
    county = County(open_postgresql(url, DATA_KEY) if url else None)
    laptop = county.laptop("ce0001")
    fill(laptop, count, 1000)
    raws = [one.raw for one in laptop.log.own_lacking(Have(0), 1 << 40)]
    token = laptop.session(county.service)._say_hello().token
    started, cpu = time.perf_counter(), time.process_time()
    (head,) = county.service.exchange(token, raws, (), 0)
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    assert head.have == Have(count)
    where = "PostgreSQL" if url else "SQLCipher in memory"
    line(
        f"server, {where}, one thread, no HTTP",
        f"{count / seconds:.0f}/s ({cpu / count * 1000:.1f} ms CPU)",
        "≥ 150/s on 2 cores",
    )


def main() -> None:
    """Prints all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--changes", type=int, default=300)
    parser.add_argument("--postgres", default="", help="URL of a scratch PostgreSQL database")
    options = parser.parse_args()
    sizes()
    over_the_wire()
    whole_documents()
    throughput(options.changes, "")
    if options.postgres:
        throughput(options.changes, options.postgres)


if __name__ == "__main__":
    main()
