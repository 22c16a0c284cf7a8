"""One whole day, played by three people's hands through real windows: interview, hand-over, review, return, mend, approve, print.

The script knows what a person knows: names of places, keys printed on the screen, what stands on it. Every deed goes through key
events to a window; what was made lands in a folder with pictures and a summary.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from fieldapp.demo import county as demo

if TYPE_CHECKING:
    from fieldapp.demo.person import Person
    from fieldapp.services.session import Laptop

_WINDOW = (0, 0, 1366, 697)


@dataclass
class Step:
    """One part of the day, for the summary."""

    name: str
    seconds: float = 0.0
    counts: dict[str, int] = field(default_factory=dict)


@dataclass
class Summary:
    """What the day did: ``summary.json``."""

    steps: list[Step] = field(default_factory=list)
    household_heads: list[str] = field(default_factory=list)
    typed: list[str] = field(default_factory=list)
    screenshots: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)


def play_a_day(folder: Path, out: Path | None, households: int) -> int:
    """Plays the day in ``folder``; what it makes goes to ``out`` (by default ``folder/out``).

    Returns:
        0 if every step held; a step that does not hold ends in an exception.
    """
    if sys.platform.startswith("linux") and not os.environ.get("DISPLAY"):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    target = out or folder / "out"
    target.mkdir(parents=True, exist_ok=True)
    day = _Day(folder, target, households)
    try:
        day.play()
    finally:
        (target / "summary.json").write_text(
            json.dumps(asdict(day.summary), ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
        )
    return 0


class _Day:
    def __init__(self, folder: Path, out: Path, households: int) -> None:
        self.folder, self.out, self.households = folder, out, households
        self.summary = Summary()

    def play(self) -> None:
        started = time.monotonic()
        with demo.demo_county(self.folder, households=self.households, fresh=1, tell=self._tell) as county:
            step = Step("county", round(time.monotonic() - started, 2))
            if county.report is not None:
                step.counts = {
                    "households": county.report.households,
                    "members": county.report.members,
                    "earlier_interviews": county.report.interviews,
                }
            self.summary.steps.append(step)
            self._play_in(county)

    def _play_in(self, county: demo.DemoCounty) -> None:
        with self._step("enrol"):
            field_laptop = county.laptop("field", demo.ENUMERATOR, device_name="调查员笔记本")
            township = county.laptop("township", demo.SUPERVISOR, demo.SECRETARY, device_name="乡镇笔记本")
        with self._at(field_laptop, demo.ENUMERATOR) as person:
            for form in ("annual", "quarterly"):
                with self._step(f"interview {form}") as step:
                    step.counts = person.interview(form)
            with self._step("hand over"):
                person.exchange("07-hand-over")
        with self._at(township, demo.SUPERVISOR) as person, self._step("return"):
            person.exchange()
            returned = person.send_back()
            person.exchange()
        with self._at(field_laptop, demo.ENUMERATOR) as person, self._step("mend"):
            person.exchange()
            person.mend(returned)
            person.exchange()
        with self._at(township, demo.SUPERVISOR) as person:
            with self._step("approve") as step:
                person.exchange()
                step.counts = {"approved": person.approve_all()}
                person.exchange()
            with self._step("household files"):
                person.print_village("household-files.pdf")
        with self._at(township, demo.SECRETARY) as person, self._step("household files of the secretary"):
            person.print_village("household-files-secretary.pdf")
        with self._step("export") as step:
            step.counts = self._export(county)

    def _export(self, county: demo.DemoCounty) -> dict[str, int]:
        from fieldapp.services.exporting import export
        from fieldapp.services.session import Laptop
        from fieldapp.services.syncing import exchange

        session = county.signed_in(Laptop(self.folder / "office", key_cost=county.key_cost), demo.OFFICE)
        interviews = 0
        try:
            exchange(session)
            for form_id in ("annual", "quarterly"):
                report = export(session, self.out / "export", form_id=form_id, period="", file_format="xlsx")
                interviews += report.interviews
                self.summary.files += [f"export/{path.name}" for path in report.files]
        finally:
            session.lock()
        return {"interviews": interviews}

    @contextmanager
    def _at(self, laptop: Laptop, account: str) -> Iterator[Person]:
        """A person signed in at a laptop's window; the window is closed behind her."""
        from fieldapp.demo.person import Person

        person = Person(laptop, account, self.out, self.summary, _WINDOW)
        try:
            person.sign_in()
            yield person
        finally:
            person.close()

    @contextmanager
    def _step(self, name: str) -> Iterator[Step]:
        step = Step(name)
        self.summary.steps.append(step)
        self._tell(name)
        started = time.monotonic()
        try:
            yield step
        finally:
            step.seconds = round(time.monotonic() - started, 2)

    def _tell(self, sentence: str) -> None:
        if sys.stdout is not None:
            print(sentence, flush=True)
