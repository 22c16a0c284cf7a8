"""Where the content of secondary instances comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forms.engine.cells import Situation
from forms.engine.problems import InstanceRefused
from forms.engine.secondary import InstanceProblem, SecondaryInstance, from_element, from_resource

if TYPE_CHECKING:
    from forms.engine.program import Program

LAST_SAVED = "last-saved"


def file_name(src: str) -> str:
    """The file that a ``src`` names: ``jr://file-csv/prev.csv`` → ``prev.csv``; ``jr://instance/last-saved`` → ``last-saved``."""
    return src.partition("#")[0].rstrip("/").rsplit("/", 1)[-1]


def read_instance(program: Program, key: str, situation: Situation) -> SecondaryInstance:
    """One secondary instance. What stands in the form is read once for all fillings.

    Raises:
        InstanceRefused: the attachment cannot be read.
    """
    source = program.form.instances[key]
    if not source.src:
        found = program.inline.get(key)
        if found is None:
            found = program.inline[key] = from_element(source.element, program.names)
        return found
    name = file_name(source.src)
    data = situation.resource(name)
    if data is None:
        return SecondaryInstance(None)
    try:
        found = from_resource(name, data)
        _, _, listed = source.src.partition("#")
        return found.only("list_name", listed) if listed else found
    except InstanceProblem as problem:
        raise InstanceRefused(f"附件“{name}”不能用：{problem.zh}。", "attachment cannot be read") from problem
