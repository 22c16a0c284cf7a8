"""fieldapp self-test: does everything work on this computer, touching nothing of the person's data."""

from __future__ import annotations

import secrets
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from fieldapp.errors import WrongKey
from fieldapp.store import drafts, facts
from fieldapp.store.changes import ChangeStore
from fieldapp.store.database import STORE_FILE, Database
from fieldapp.store.keys import KeyFile, KeyHolder, Keys
from fieldapp.store.migrating import migrate
from fieldapp.words import _, sentence_of
from forms.engine import Cell, Form, Interview, Situation, load_form
from forms.errors import FieldAppError

_FORM = """
| survey   |           |         |       |                        |
|          | type      | name    | label | relevant               |
|          | text      | name    | 姓名  |                        |
|          | integer   | age     | 年龄  | ${name} != ''          |
| settings |           |         |       |                        |
|          | form_id   | version |       |                        |
|          | selftest  | 1       |       |                        |
"""
_RARE = "𬭚𫖮䶮"


@dataclass(frozen=True, slots=True)
class SelfTestLine:
    """One step."""

    name: str
    ok: bool
    sentence: str
    duration_ms: int


def run() -> Iterator[SelfTestLine]:
    """Opens a store in a temporary folder, loads a form, answers, prints a page, merges a change."""
    with tempfile.TemporaryDirectory(prefix="fieldapp 自检 ") as name:
        bench = _Bench(Path(name))
        for title, step in (
            (_("钥匙"), bench.keys),
            (_("加密资料库"), bench.store),
            (_("问卷引擎"), bench.form),
            (_("逐格存盘"), bench.answers),
            (_("签名和合并"), bench.changes),
            (_("打印"), bench.paper),
            (_("检索"), bench.pinyin),
        ):
            yield _timed(title, step)
        bench.close()


def _timed(title: str, step: Callable[[], str]) -> SelfTestLine:
    started = time.perf_counter()
    try:
        sentence, ok = step(), True
    except FieldAppError as error:
        sentence, ok = sentence_of(error), False
    except Exception as error:  # a self-test tells every failure, whatever it is
        sentence, ok = _("没有通过：{error}").format(error=f"{type(error).__name__} {error}"), False
    return SelfTestLine(title, ok, sentence, round((time.perf_counter() - started) * 1000))


class _Bench:
    """The things that later steps stand on."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key = secrets.token_bytes(32)
        self.database: Database | None = None
        self.filled: Form | None = None

    def keys(self) -> str:
        """Argon2id and AES-GCM as on a person's passphrase."""
        keys = Keys(self.folder)
        keys.write(KeyFile((keys.wrap(KeyHolder("a", "甲", "ENUM"), self.key, "self test of the keys"),)))
        if keys.open("a", "self test of the keys") != self.key:
            raise ValueError("another key came back")
        return _("口令加密、打开都对")

    def store(self) -> str:
        """An encrypted file with all its tables; unreadable without the key."""
        path = self.folder / STORE_FILE
        migrate(path, self.key)
        self.database = Database(path, self.key)
        if path.read_bytes()[:16] == b"SQLite format 3\x00":
            raise WrongKey("plaintext")
        if problems := self.database.integrity_problems():
            raise ValueError(problems[0])
        return _("已加密，完整")

    def form(self) -> str:
        """A workbook becomes a form; a rule of relevance holds."""
        self.filled = load_form(_FORM, name="selftest.md")
        interview = self._interview()
        interview.answer("name", "张三")
        if not interview.is_relevant(Cell("/data/age")):
            raise ValueError("relevance")
        return _("XLSForm 读入，{n} 个节点").format(n=len(tuple(self.filled.walk())))

    def _interview(self) -> Interview:
        assert self.filled is not None
        now = datetime.now(UTC)
        return Interview.begin(
            self.filled,
            Situation(now=lambda: now, new_row_id=lambda: secrets.token_hex(16), random=lambda: 0.5),
        )

    def answers(self) -> str:
        """Fifty answers, each on disk before the next."""
        assert self.database is not None
        for n in range(50):
            with self.database.transaction() as session:
                drafts.put(
                    session, root="r", root_type="control", save_id=bytes(8), form_hash="", actor="a",
                    at=datetime.now(UTC), ops=[drafts.Op("set", f"q{n}", (), str(n))],
                )  # fmt: skip
        with self.database.reading() as session:
            if len(drafts.ops_of(session, "r")) != 50:
                raise ValueError("answers missing")
        return _("50 格都在盘上")

    def changes(self) -> str:
        """Drafts become a signed change and come out again."""
        assert self.database is not None
        with self.database.transaction() as session:
            facts.write_text(session, "county", "529900")
            facts.write_meta(session, "replica", secrets.token_bytes(8))
        log = ChangeStore(
            self.database, clock=lambda: datetime.now(UTC), actor="a", signing_key=Ed25519PrivateKey.generate()
        )
        log.seal_drafts()
        with self.database.reading() as session:
            if log.view(session, "r").value("q7") != "7":
                raise ValueError("value lost")
        return _("封成变更，合并后一格不差")

    def paper(self) -> str:
        """A page with rare characters."""
        from fieldapp.printing.fonts import missing_characters
        from fieldapp.printing.household_sections import household_file
        from fieldapp.printing.record import Answer, HouseholdRecord, Printed
        from sync.scope import Role

        name = {"hh_head_name": Answer("罗小兵", "罗小兵")}
        record = HouseholdRecord("5299001012000012", "云岭县", "双河村", name, (), None, (), (), 0, "0" * 32)
        pdf = household_file(record, Role.CADM, Printed("自检", datetime.now(UTC), 1))
        if not pdf.startswith(b"%PDF"):
            raise ValueError("no PDF")
        missing = missing_characters(_RARE)
        return _("印出 {n} KB").format(n=len(pdf) // 1024) + (
            _("，缺字 {missing}").format(missing=missing) if missing else _("，生僻字齐")
        )

    def pinyin(self) -> str:
        """Initials of a name with several readings."""
        from fieldapp.store.pinyin import pinyin_of

        if "zdg" not in pinyin_of("曾定国")[0]:
            raise ValueError("initials")
        return _("拼音首字母对")

    def close(self) -> None:
        """Lets go of the file, so that the folder can be removed on Windows too."""
        if self.database is not None:
            self.database.close()
