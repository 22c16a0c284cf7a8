"""What may pass between answers and the register in a statistical survey (monitoring.md 2: no answer reaches household files).

Who belongs to a household is carried on, since the next wave asks the same people; everything else that was answered stays in the
interviews. Slow facts are then filled in from the household's own earlier interviews instead of from the register.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from forms.engine import Form
from sync.project import UseMode

Values = dict[str, dict[str, str]]
Key = TypeVar("Key")
ROSTER_FACTS = frozenset(
    {
        "hh_head_name", "mem_no", "mem_name", "mem_relation", "mem_sex", "mem_birth", "mem_id_type", "mem_idno",
        "mem_joined", "mem_joined_on", "mem_joined_from", "mem_left", "mem_left_on", "mem_left_to", "mem_moved_to",
    }
)  # fmt: skip


def may_be_written(use_mode: UseMode, cells: Mapping[tuple[Key, str], str]) -> dict[tuple[Key, str], str]:
    """The cells of (row, field) that a hand-in may write into the living household: all under WORK."""
    return {key: value for key, value in cells.items() if use_mode is UseMode.WORK or key[1] in ROSTER_FACTS}


def with_last_answers(known: Values, earlier: Iterable[tuple[Form, Values]]) -> Values:
    """What a survey's interview is begun with: the register, and over it the slow facts that the household said last.

    Args:
        known: household "" and people by lasting id, as the register has them.
        earlier: interviews of the household, oldest first, with all their values.
    """
    filled = {row: dict(facts) for row, facts in known.items()}
    for form, values in earlier:
        fields = {node.name: node.fa["prefill"] for node in form.walk() if node.fa.get("prefill")}
        for row, answers in values.items():
            for name, said in fields.items():
                field = name if said in ("household", "true") else said
                if row in filled and answers.get(name) and field not in ROSTER_FACTS:
                    filled[row][field] = answers[name]
    return filled
