"""Random forms: rosters in rosters, skips, totals, choices filtered by answers, checks, events.

What is made later reads what was made before, and stands anywhere among its siblings: no form has a cycle, and the order of the
questions is not the order of evaluation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from tests.forms.properties.dense import dense
from tests.forms.properties.specs import Event, Spec
from tests.forms.properties.writing import Known, Options, Writer


@dataclass
class Level:
    """The inside of the root or of one repeat while it is being made. Children of one name belong together."""

    path: str
    chain: tuple[str, ...]
    children: list[Spec] = field(default_factory=list)


class Grower(Writer):
    """Makes one form from a seed."""

    def question(self, level: Level, kind: str) -> Spec:
        """One question or calculation; from now on it may be read."""
        name = self.name(kind[0])
        at, chain = f"{level.path}/{name}", level.chain
        logic: dict[str, str] = {}
        if self.some(0.3):
            logic["relevant"] = self.condition(at, chain)
        spec, holds = getattr(self, f"_{kind}")(Spec(name, place=self.rng.random()), at, chain)
        logic |= spec.logic
        if spec.control:
            for key, chance in (("required", 0.15), ("readonly", 0.08)):
                if self.some(chance):
                    logic[key] = self.condition(at, chain) if self.some(0.85) else "true()"
            if holds in ("num", "str") and spec.control == "input" and self.some(0.25):
                logic["constraint"] = self._constraint(at, chain)
            spec = replace(
                spec,
                output=self.text(at, chain, 1) if self.some(0.4) else "",
                hint=self.text(at, chain, 1) if self.some(0.15) else "",
            )
        spec = replace(spec, logic=logic)
        level.children.append(spec)
        if spec.control and self.some(0.1, "nonresponse"):
            spec = level.children[-1] = replace(
                spec, fa={**spec.fa, "nonresponse": self.rng.choice(["dk refused", "dk"])}
            )
            level.children.append(Spec(f"{name}__st", place=self.rng.random()))
        if spec.control and self.some(0.04, "confirm"):
            level.children.append(Spec(f"{name}__ok", place=self.rng.random()))
        if spec.control and not spec.logic.get("calculate") and self.some(0.12, "value-changed"):
            self._when_changed(level, spec)
        self.known.append(Known(at, holds, chain, bool(spec.itemset) or spec.control == "select1"))
        return spec

    def _constraint(self, at: str, chain: tuple[str, ...]) -> str:
        options: Options = {
            "own": lambda: self.rng.choice([". < 9", ". != 3", "string-length(.) < 2"]),
            "other": lambda: f". >= {self.ref(at, chain, 'num') or '1'}",
            "condition": lambda: self.condition(at, chain),
        }
        if chain:
            row = chain[-1]
            siblings = self.relative(at, row.rpartition("/")[0], row.rpartition("/")[0]) + row[row.rindex("/") :]
            options["unique"] = lambda: f"count({siblings}[{at[len(row) + 1 :]} = current()/.]) < 2"
        return self.one(options)

    def _int(self, spec: Spec, _at: str, _chain: tuple[str, ...]) -> tuple[Spec, str]:
        control = "range" if self.rng.random() < 0.15 else "input"
        return replace(
            spec,
            type=self.rng.choice(["int", "int", "decimal"]),
            control=control,
            default=self.rng.choice(["", "1", "2"]),
        ), "num"

    def _string(self, spec: Spec, _at: str, _chain: tuple[str, ...]) -> tuple[Spec, str]:
        return replace(spec, control="input", default=self.rng.choice(["", "", "1"])), "str"

    def _date(self, spec: Spec, _at: str, _chain: tuple[str, ...]) -> tuple[Spec, str]:
        return replace(spec, type="date", control="input"), "date"

    def _flag(self, spec: Spec, _at: str, _chain: tuple[str, ...]) -> tuple[Spec, str]:
        if self.rng.random() < 0.5:
            return replace(spec, control="trigger"), "str"
        return replace(spec, type="boolean", control="input"), "bool"

    def _choice(self, spec: Spec, at: str, chain: tuple[str, ...]) -> tuple[Spec, str]:
        control = self.rng.choice(["select1", "select1", "select"])
        itemset = self._itemset(at, chain) if self.rng.random() < 0.85 else ()
        return replace(spec, control=control, itemset=itemset), "many" if control == "select" else "num"

    def _rank(self, spec: Spec, at: str, chain: tuple[str, ...]) -> tuple[Spec, str]:
        nodeset = f"instance('items')/root/item[k {self.rng.choice(['=', '<'])} {self.current(at, chain)}]"
        return replace(spec, type="odk:rank", control="rank", itemset=(nodeset, "name", "label")), "many"

    def _itemset(self, at: str, chain: tuple[str, ...]) -> tuple[str, ...]:
        items = self.rng.choice(["items", "people"])
        root = f"instance('{items}')/root/item"
        mine = self.current(at, chain)
        conditions: Options = {
            "plain": lambda: self.rng.choice([f"{root}[. > 0]", f"{root}[k > 1]", f"{root}[k < 3 and name != '2']"]),
            "itemset-position": lambda: self.rng.choice(
                [f"{root}[position() < 5]", f"{root}[position() <= {mine}]", f"{root}[k != {mine}][position() > 1]"]
            ),
            "itemset-current": lambda: self.rng.choice(
                [
                    f"{root}[k = {mine}]",
                    f"{root}[name > {mine}]",
                    f"{root}[k = {mine} or name = 1]",
                    f"{root}[k <= {mine} and name != 3]",
                    f"{root}[k != {mine}]",
                    f"{root}[not(name = {mine})]",
                ]
            ),
            "itemset-chosen": lambda: self.rng.choice(
                [f"{root}[selected({mine}, k)]", f"{root}[not(selected({mine}, name))]"]
            ),
            "randomize": lambda: f"randomize({root}[k != {mine}], {self.rng.randrange(1, 99)})",
        }
        several = self.nodes(at, chain)
        if several is not None and not several.startswith("//"):
            inside = several if several.startswith("/") else f"current()/{several}"
            conditions["itemset-total"] = lambda: self.rng.choice(
                [f"{root}[k = count({inside})]", f"{root}[name = {inside}]"]
            )
        nodeset = self.one(conditions)
        labels = ["label", "label", "jr:itext(itextId)"] if items == "items" else ["label"]
        found = self.rows(at, chain)
        if found is not None and self.some(0.3, "itemset-rows"):
            fields = self._inside(found[1])
            value, label = self.rng.choice(fields), self.rng.choice(fields)
            cut = len(found[1][-1]) + 1
            return found[0], value.path[cut:], label.path[cut:]
        return nodeset, "name", self.rng.choice(labels)

    def _calc(self, spec: Spec, at: str, chain: tuple[str, ...]) -> tuple[Spec, str]:
        shown = self.some(0.2, "typed-over")
        options: Options = {
            "number": lambda: self.number(at, chain),
            "text": lambda: self.text(at, chain),
            "once": lambda: f"once({self.number(at, chain, 1)})",
            "condition": lambda: self.condition(at, chain),
        }
        if chain and self.rng.random() < 0.4:
            row = chain[-1]
            siblings = self.relative(at, row.rpartition("/")[0], row.rpartition("/")[0]) + row[row.rindex("/") :]
            own = at[len(row) + 1 :]
            here = self.relative(at, row, row)
            options["running"] = lambda: (
                f"coalesce({self.ref(at, chain, 'num') or '1'}, 0) + coalesce({siblings}[position() = position(current()/{here}) - 1]/{own}, 0)"
            )
        expression = self.one(options)
        kind = self.rng.choice(["string", "string", "string", "int", "decimal"])
        holds = self.rng.choice(["num", "num", "str"])
        spec = replace(spec, type=kind, control="input" if shown else "", logic={"calculate": expression})
        if shown and self.rng.random() < 0.5:
            spec = replace(spec, logic={**spec.logic, "readonly": "true()"})
        return spec, holds

    def _when_changed(self, level: Level, spec: Spec) -> None:
        """A hidden node that is set whenever the question changes."""
        name = self.name("e")
        path = f"{level.path}/{name}"
        event = Event(
            "xforms-value-changed", path, self.text(path, level.chain, 1) if self.rng.random() < 0.7 else "'1'"
        )
        number = next(n for n, one in enumerate(level.children) if one.name == spec.name)
        level.children[number] = replace(level.children[number], events=(event,))
        level.children.append(Spec(name, control=self.rng.choice(["", "input"]), place=self.rng.random()))
        self.known.append(Known(path, "num", level.chain))

    def check(self, level: Level) -> None:
        """An edit check."""
        name = self.name("k")
        at = f"{level.path}/{name}"
        spec = Spec(
            name, control="input", logic={"relevant": self.condition(at, level.chain), "readonly": "true()"},
            output=self.text(at, level.chain, 1), fa={"check": self.rng.choice(["soft", "soft", "hard"]), "id": name}, place=self.rng.random(),
        )  # fmt: skip
        level.children.append(spec)

    def block(self, level: Level, least: int, most: int) -> None:
        """Some questions, perhaps a group, perhaps a check."""
        for _ in range(self.rng.randint(least, most)):
            self.question(level, self._kind())
        if self.some(0.5, "group-relevant"):
            name = self.name("g")
            group = Level(f"{level.path}/{name}", level.chain)
            logic = {"relevant": self.condition(group.path, level.chain)} if self.some(0.8, "group-relevant") else {}
            if self.rng.random() < 0.15:
                logic["readonly"] = self.condition(group.path, level.chain)
            self.block_of(group, 1, 2)
            level.children.append(
                Spec(name, "group", logic=logic, children=tuple(group.children), place=self.rng.random())
            )
        if self.some(0.35, "check"):
            self.check(level)

    def block_of(self, level: Level, least: int, most: int) -> None:
        """Questions alone."""
        for _ in range(self.rng.randint(least, most)):
            self.question(level, self._kind())

    def _kind(self) -> str:
        kinds = (
            ["int"] * 3
            + ["calc"] * 4
            + ["choice"] * 2
            + ["string", "date", "flag"]
            + (["rank"] * 6 if "rank" in self.favourites else [])
        )
        return self.rng.choice(kinds)

    def repeat(self, level: Level, name: str, inside: Callable[[Level], None]) -> None:
        """A roster with what is in it."""
        path = f"{level.path}/{name}"
        inner = Level(path, (*level.chain, path))
        logic = {"relevant": self.condition(path, level.chain)} if self.some(0.35) else {}
        count = ""
        if self.some(0.2, "jr:count"):
            count = self.ref(path, level.chain, "num") or "2"
            count = f"{count} mod 4" if self.rng.random() < 0.6 else f"if({count} > 2, 3, {count})"
        # Rows are read from now on; a reader sees what is made so far.
        self.repeats.append(inner.chain)
        inside(inner)
        events: tuple[Event, ...] = ()
        if self.some(0.25, "new-repeat"):
            target = f"{path}/{self.name('n')}"
            inner.children.append(
                Spec(target.rpartition("/")[2], control=self.rng.choice(["", "input"]), place=self.rng.random())
            )
            own = Level(path, inner.chain)
            value = self.rng.choice(["position(..)", self.text(target, own.chain, 1)])
            events = (Event("odk-new-repeat", target, value),)
            self.known.append(Known(target, "num", inner.chain))
        output = self.text(path, level.chain, 1) if self.some(0.3) else ""
        level.children.append(
            Spec(
                name,
                "repeat",
                logic=logic,
                count=count,
                events=events,
                output=output,
                children=tuple(inner.children),
                place=self.rng.random(),
            )
        )

    def form(self) -> Spec:
        """The whole form."""
        root = Level("/data", ())
        self.block(root, 2, 4)

        def visits(level: Level) -> None:
            self.block_of(level, 2, 4)
            if self.rng.random() < 0.2:
                self.repeat(level, "w", lambda inner: self.block_of(inner, 1, 2))
                self.block_of(level, 1, 1)
            if self.some(0.2, "check"):
                self.check(level)

        def persons(level: Level) -> None:
            self.block(level, 2, 4)
            self.repeat(level, "v", visits)
            self.block(level, 1, 3)

        self.repeat(root, "p", persons)
        self.block(root, 1, 3)
        if self.rng.random() < 0.4:
            self.repeat(root, "q", lambda level: self.block(level, 2, 3))
        self.block(root, 1, 3)
        events: tuple[Event, ...] = ()
        if self.some(0.3, "first-load"):
            name = self.name("f")
            root.children.append(Spec(name, control="input", place=self.rng.random()))
            events = (
                Event(
                    "odk-instance-first-load",
                    f"/data/{name}",
                    self.rng.choice(["'3'", "today()", "count(/data/p) + 1"]),
                ),
            )
        return Spec("data", "group", events=events, children=tuple(root.children))


def grow(seed: int) -> Spec:
    """The form of a seed: for every third the dense one, else a random one."""
    if seed % 3 == 2:
        return dense()
    return Grower(seed).form()
