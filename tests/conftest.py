"""What tests counted is printed after the run, from all processes together."""

from __future__ import annotations

from typing import Any


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """The property suite of the engine: runs, steps, kinds of expressions, seeded bugs."""
    told = [
        entry
        for reports in terminalreporter.stats.values()
        for report in reports
        if getattr(report, "when", "") == "call"
        for entry in report.user_properties
    ]
    tallies = [data for name, data in told if name == "engine_properties"]
    bugs = [line for name, line in told if name == "seeded_bug"]
    if tallies:
        from tests.forms.properties.kinds import Tally

        every = Tally()
        for data in tallies:
            every.join(data)
        terminalreporter.section("properties of the form engine")
        for line in every.lines():
            terminalreporter.write_line(line)
    for line in bugs:
        terminalreporter.write_line(f"  seeded bug, {line}")
