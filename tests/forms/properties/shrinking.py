"""Makes a failing run small: steps and parts of the form are left out as long as the same property stays broken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from forms.engine import FormRefused
from tests.forms.properties.sequence import STEPS, Broken, Run, walk
from tests.forms.properties.specs import parts

Walker = Callable[[Run], object]


def broken(run: Run, walker: Walker = walk) -> str | None:
    """The property that a run breaks, or the name of the error that it ends with; None if all holds."""
    try:
        walker(run)
    except Broken as failure:
        return failure.property
    except FormRefused:
        return None
    except Exception as error:  # whatever the engine raises is a finding
        return type(error).__name__
    return None


def shrunk(run: Run, walker: Walker = walk, tries: int = 400) -> Run:
    """A small run that breaks the same property."""
    wanted = broken(run, walker)
    left = [tries]

    def still(candidate: Run) -> bool:
        left[0] -= 1
        return left[0] > 0 and broken(candidate, walker) == wanted

    kept = run.kept if run.kept is not None else tuple(range(STEPS))
    best = replace(run, kept=kept)
    again = True
    while again and left[0] > 0:
        again = False
        for step in reversed(best.kept or ()):
            fewer = replace(best, kept=tuple(one for one in best.kept or () if one != step))
            if still(fewer):
                best, again = fewer, True
        size = 16
        while size:
            names = [name for name in parts(best.spec) if not name.startswith("/data:")]
            for start in range(0, len(names), size):
                fewer = replace(best, dropped=best.dropped | set(names[start : start + size]))
                if still(fewer):
                    best, again = fewer, True
            size //= 2
    return best


def report(run: Run, walker: Walker = walk, tries: int = 400) -> str:
    """A failing run, made small, with the command that runs it again."""
    small = shrunk(run, walker, tries)
    told = "all holds"
    try:
        walker(small)
    except Exception as error:
        told = f"{type(error).__name__}: {error}"
    lines = [
        f"seed {run.seed}, made small:",
        small.xml,
        *(f"  step {n}: {step}" for n, step in zip(small.kept or (), small.steps, strict=True)),
    ]
    return "\n".join([*lines, told, f"again: {command(small)}"])


def command(run: Run) -> str:
    """The command line of a run."""
    text = f"python -m tests.forms.properties {run.seed}"
    if run.kept is not None:
        text += f" --steps {','.join(map(str, run.kept))}"
    if run.dropped:
        # What stands below something dropped need not be named.
        names = [
            name
            for name in sorted(run.dropped)
            if not any(name.startswith((f"{other}/", f"{other}:")) for other in run.dropped)
        ]
        text += f" --without {','.join(names)}"
    return text
