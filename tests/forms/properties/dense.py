"""One form in which nearly everything reads other rows, so that short sequences meet what random forms meet seldom."""

from __future__ import annotations

from tests.forms.properties.specs import Event, Spec


def _asked(name: str, type_: str = "int", **logic: str) -> Spec:
    return Spec(name, type=type_, control="input", logic=logic, output=f"../{name}")


def _computed(name: str, calculate: str, **logic: str) -> Spec:
    return Spec(name, logic={"calculate": calculate, **logic})


def _choice(name: str, nodeset: str, value: str = "name", label: str = "label", **more: object) -> Spec:
    return Spec(name, control="select1", itemset=(nodeset, value, label), **more)  # type: ignore[arg-type]


def _check(name: str, kind: str, relevant: str, output: str) -> Spec:
    fa = {"check": kind, "id": name}
    return Spec(name, control="input", logic={"relevant": relevant, "readonly": "true()"}, output=output, fa=fa)


def dense() -> Spec:
    """Persons with visits; ``a`` and ``b`` are asked outside."""
    visits = Spec(
        "v",
        "repeat",
        logic={"relevant": "../x != 3"},
        children=(
            _asked("z"),
            _computed("w", "concat(position(../..), '.', position(..), '.', ../../k, ../../../a)"),
            _computed("same", "count(../../../p[x = current()/../z])"),
            _computed(
                "sofar", "coalesce(../z, 0) + coalesce(../../v[position() = position(current()/..) - 1]/sofar, 0)"
            ),
        ),
    )
    persons = Spec(
        "p",
        "repeat",
        logic={"relevant": "not(/data/a = 7)"},
        output="/data/a",
        events=(Event("odk-new-repeat", "/data/p/first", "count(/data/p)"),),
        children=(
            Spec(
                "x",
                type="int",
                control="input",
                logic={"required": "../../a = 2", "readonly": "/data/b = '1'"},
                fa={"nonresponse": "dk refused"},
            ),
            Spec("x__st"),
            _choice("k", "instance('items')/root/item[k = current()/../x or name = /data/a]"),
            Spec("first"),
            Spec("g", "group", logic={"relevant": "../x > 0"}, children=(_asked("y", constraint=". <= ../../x"),)),
            visits,
            _computed("place", "position(..)"),
            _computed("before", "sum(../../p[position() < position(current()/..)]/x)"),
            _computed("previous", "../../p[position() = position(current()/..) - 1]/k"),
            _computed("twins", "count(../../p[k = current()/../k])"),
            _computed("alike", "count(../../p[g/y = current()/../x])"),
            _computed("visits", "count(../v[z >= ../x])"),
            _computed("days", "sum(../v/z) + count-non-empty(../v/w)"),
            _computed("share", "round(coalesce(../x, 0) div sum(/data/p/g/y), 2)"),
            Spec("twice", type="int", control="input", logic={"calculate": "../x * 2"}),
            _computed("called", "jr:choice-name(../k, '/data/p/k')"),
            _check("more", "soft", "../x > 2 and sum(../v/z) > ../x", "sum(../v/z)"),
        ),
    )
    return Spec(
        "data",
        "group",
        children=(
            _asked("a"),
            _choice("b", "instance('items')/root/item[k <= /data/a]", logic={"relevant": "../a > 0"}),
            persons,
            _computed("total", "sum(/data/p/x)"),
            _computed("all", "concat(sum(/data/p/v/z), '/', max(/data/p/v/z), '/', min(/data/p/v/z))"),
            _computed("over", "count(/data/p[x > /data/a])"),
            _computed("overz", "sum(/data/p/v[z > /data/a and z >= ../x]/z)"),
            _computed("ofkind", "join('-', /data/p[k = /data/b]/x)"),
            _computed("second", "indexed-repeat(/data/p/k, /data/p, 2)"),
            _computed("third", "string(/data/p[3]/x)"),
            _computed("end", "string(/data/p[last()]/place)"),
            _computed("busy", "count(/data/p[count(v) > 1])", relevant="count(/data/p) > 1"),
            _choice("head", "/data/p[x != '']", "k", "x"),
            _choice("item", "instance('items')/root/item[selected(/data/total, name) or k = count(/data/p)]"),
            _computed("sum", "concat(/data/head, /data/item, /data/total, /data/busy)"),
            _check("high", "soft", "/data/a > 1", "/data/total"),
            _check("much", "hard", "/data/total > 9", "/data/total"),
        ),
    )
