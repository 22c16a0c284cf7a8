"""Forms and answers for measuring the engine: household surveys of any size, made up.

A survey has questions of its own (skips, ranges, sums of neighbours), a roster with a column for each topic, sums of the
row, and totals over the roster outside it.
"""

from __future__ import annotations

from typing import Any

Step = dict[str, Any]

_HEAD = (
    '<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"'
    ' xmlns:jr="http://openrosa.org/javarosa"><h:head><h:title>survey</h:title><model>'
)


def survey(questions: int, columns: int, *, rules: bool = True) -> str:
    """XForm XML: ``questions`` outside the roster, ``columns`` inside.

    Args:
        rules: every third column is skipped unless the one before is above 0, every fourth has a range.
    """
    outside = [f"q{i}" for i in range(questions)]
    inside = [f"c{i}" for i in range(columns)]
    row = "".join(f"<{name}/>" for name in ["name", *inside, "place", "subtotal"])
    instance = "".join(f"<{name}/>" for name in outside)
    instance += f'<person jr:template="">{row}</person><persons/><total/><grown/><oldest/><named/>'
    binds: list[str] = []
    for i, name in enumerate(outside):
        bind = {"nodeset": f"/data/{name}", "type": "int"}
        if i % 3 == 1:
            bind["relevant"] = f"/data/q{i - 1} &gt; 0"
        if i % 4 == 2:
            bind["constraint"] = ". &gt;= 0 and . &lt; 1000000"
        if i % 5 == 4:
            bind["calculate"] = f"coalesce(/data/q{i - 2}, 0) + coalesce(/data/q{i - 4}, 0)"
        binds.append(_bind(bind))
    binds.append(_bind({"nodeset": "/data/person/name", "type": "string", "required": "true()"}))
    for i, name in enumerate(inside):
        bind = {"nodeset": f"/data/person/{name}", "type": "int"}
        if rules and i % 3 == 1:
            bind["relevant"] = f"../c{i - 1} &gt; 0"
        if rules and i % 4 == 2:
            bind["constraint"] = ". &lt; 120"
        binds.append(_bind(bind))
    addends = " + ".join(f"coalesce(../{name}, 0)" for name in inside[:8])
    binds += [
        _bind({"nodeset": "/data/person/place", "type": "int", "calculate": "position(..)"}),
        _bind({"nodeset": "/data/person/subtotal", "type": "int", "calculate": addends}),
        _bind({"nodeset": "/data/persons", "type": "int", "calculate": "count(/data/person)"}),
        _bind({"nodeset": "/data/total", "type": "int", "calculate": "sum(/data/person/subtotal)"}),
        _bind({"nodeset": "/data/grown", "type": "int", "calculate": "count(/data/person[c0 &gt; 17])"}),
        _bind({"nodeset": "/data/oldest", "type": "int", "calculate": "max(/data/person/c0)"}),
        _bind({"nodeset": "/data/named", "type": "int", "calculate": "count-non-empty(/data/person/name)"}),
    ]
    body = "".join(_input(f"/data/{n}", f"Question {n}") for i, n in enumerate(outside) if i % 5 != 4)
    rows = _input("/data/person/name", "Name")
    rows += "".join(_input(f"/data/person/{n}", f"{n} of &lt;").replace("&lt;", _OUTPUT) for n in inside)
    body += f'<group ref="/data/person"><label>Persons</label><repeat nodeset="/data/person">{rows}</repeat></group>'
    return f'{_HEAD}<instance><data id="survey" version="1">{instance}</data></instance>{"".join(binds)}</model></h:head><h:body>{body}</h:body></h:html>'


def choice_form(choices: int, groups: int) -> str:
    """XForm XML: a region, and a choice among those of ``choices`` items that lie in it."""
    items = "".join(
        f"<item><name>v{i}</name><label>Village {i}</label><region>r{i % groups}</region></item>"
        for i in range(choices)
    )
    return (
        f'{_HEAD}<instance><data id="choices" version="1"><region/><village/><shown/></data></instance>'
        f'<instance id="villages"><root>{items}</root></instance>'
        + _bind({"nodeset": "/data/region", "type": "string"})
        + _bind({"nodeset": "/data/village", "type": "string"})
        + _bind(
            {
                "nodeset": "/data/shown",
                "type": "string",
                "calculate": "instance('villages')/root/item[name = /data/village]/label",
            }
        )
        + f"</model></h:head><h:body>{_input('/data/region', 'Region')}"
        '<select1 ref="/data/village"><label>Village</label>'
        '<itemset nodeset="instance(\'villages\')/root/item[region = /data/region]"><value ref="name"/>'
        '<label ref="label"/></itemset></select1></h:body></h:html>'
    )


def answers(questions: int, columns: int, rows: int) -> list[Step]:
    """What an interviewer does with ``survey``: all questions, the rows, every column of every row."""
    steps: list[Step] = [
        {"op": "set", "ref": f"/data/q{i}", "value": str(1 + i % 90)} for i in range(questions) if i % 5 != 4
    ]
    steps += [{"op": "add_repeat", "ref": "/data/person"} for _ in range(rows)]
    for row in range(1, rows + 1):
        steps.append({"op": "set", "ref": f"/data/person[{row}]/name", "value": f"Person {row}"})
        steps += [
            {"op": "set", "ref": f"/data/person[{row}]/c{i}", "value": str(1 + (row * 7 + i * 3) % 99)}
            for i in range(columns)
        ]
    return steps


_OUTPUT = '<output value="../name"/>'


def _bind(attributes: dict[str, str]) -> str:
    return "<bind " + " ".join(f'{name}="{value}"' for name, value in attributes.items()) + "/>"


def _input(ref: str, label: str) -> str:
    return f'<input ref="{ref}"><label>{label}</label></input>'
