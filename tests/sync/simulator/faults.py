"""What may go wrong: a swarm, so that each seed draws its own subset of faults and limits (sync.md 5.2)."""

from __future__ import annotations

import dataclasses
import random
from dataclasses import dataclass

from forms.errors import FieldAppError

YEARS_20_MS = 20 * 365 * 86_400_000


class PowerCut(BaseException):
    """The laptop's process ends here. No handler of the program runs on it."""


class Killed(Exception):
    """The server's process ends here (SQLAlchemy would throw the database in memory away over a BaseException)."""


class DiskFull(FieldAppError):
    """The laptop's disk takes nothing more."""

    zh = "磁盘满了。"


@dataclass
class Faults:
    """Chances between 0 and 1 (of a message, of a deed), and limits of this seed."""

    # the line
    lose_request: float = 0.0
    lose_answer: float = 0.0
    cut_up: float = 0.0  # at any byte
    cut_down: float = 0.0
    repeat: float = 0.0
    reorder: float = 0.0  # a few of the changes, in any order
    delay: float = 0.0  # the same request again, hours later
    liar: float = 0.0  # whoever passes the answers on (a relay) alters one
    # the server
    kill: float = 0.0  # between any two statements
    restart: float = 0.0
    restore_server: float = 0.0
    # the laptop
    power_cut: float = 0.0  # between any two transactions
    disk_full: float = 0.0
    restore_laptop: float = 0.0
    clone: float = 0.0
    clock: str = ""  # "far", "steps", "frozen"
    second_person: float = 0.0
    # sticks
    stick: float = 0.0  # of a meeting: it goes by stick
    stick_damage: float = 0.0  # a flipped bit, a cut file
    stick_copy: float = 0.0  # copied, and found again weeks later
    stick_wrong: float = 0.0  # put into another county's server, or into somebody else's laptop
    stick_full: float = 0.0
    # people and programs
    noise: float = 0.0
    forge: float = 0.0
    trespass: float = 0.0
    replay: float = 0.0  # another change under a number that is used
    giant: float = 0.0
    bomb: float = 0.0
    poison: float = 0.0  # merging it raises
    newer: float = 0.0  # kinds, fields, versions of a newer program
    newer_server: bool = False
    revoke: float = 0.0
    narrow: float = 0.0
    move: float = 0.0
    upgrade: float = 0.0  # another version of the form in mid interview
    tiny: bool = False  # segments of one change

    @classmethod
    def drawn(cls, rng: random.Random) -> Faults:
        """Every fault is on in a third of the seeds or so, and then more or less often."""
        made = cls()
        for name, most in _MOST.items():
            if rng.random() < 0.35:
                setattr(made, name, most * rng.random())
        made.clock = rng.choice(("", "", "far", "steps", "frozen"))
        made.tiny = rng.random() < 0.25
        made.newer_server = rng.random() < 0.25
        return made

    def on(self) -> list[str]:
        """Names of the faults that this seed may see."""
        return [field.name for field in dataclasses.fields(self) if getattr(self, field.name)]


_MOST = {
    "lose_request": 0.4, "lose_answer": 0.4, "cut_up": 0.5, "cut_down": 0.5, "repeat": 0.4, "reorder": 0.4,
    "delay": 0.3, "liar": 0.3, "kill": 0.3, "restart": 0.2, "restore_server": 0.5, "power_cut": 0.3, "disk_full": 0.2,
    "restore_laptop": 0.5, "clone": 0.3, "second_person": 0.2, "stick": 0.8, "stick_damage": 0.3, "stick_copy": 0.4,
    "stick_wrong": 0.3, "stick_full": 0.3, "noise": 0.3, "forge": 0.4, "trespass": 0.4, "replay": 0.3, "giant": 0.2,
    "bomb": 0.2, "poison": 0.3, "newer": 0.3, "revoke": 0.25, "narrow": 0.3, "move": 0.4, "upgrade": 0.3,
}  # fmt: skip
