"""Random expressions over the nodes of a form that there are so far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

Options = dict[str, Callable[[], str]]

# fmt: off
FAVOURITES = (
    "sum", "count", "count-non-empty", "min", "max", "join", "prevrow", "position", "indexed-repeat", "instance", "pulldata", "choice-name",
    "once", "selected", "date", "rows-before", "last", "nth", "two-predicates", "nested-predicate", "current", "instance-sum", "typed-over",
    "itemset-rows", "itemset-chosen", "jr:count", "value-changed", "new-repeat", "check", "nonresponse", "outer-position", "regex", "siblings",
    "union", "first-load", "rank", "coalesce", "if", "texts", "group-relevant", "checklist", "randomize", "confirm", "itemset-position",
    "descendant", "running",
)
# fmt: on


@dataclass(frozen=True)
class Known:
    """A node that may be read: its path, what it holds ("num", "str", "date", "bool", "many") and the repeats around it."""

    path: str
    holds: str
    chain: tuple[str, ...]
    choices: bool = False


class Writer:
    """Writes expressions; ``known`` nodes may be read, ``repeats`` entered."""

    def __init__(self, seed: int) -> None:
        self.rng = Random(seed)
        start = seed * 3 % len(FAVOURITES)
        self.favourites = {FAVOURITES[(start + n) % len(FAVOURITES)] for n in range(3)}
        self.known: list[Known] = []
        self.made = 0
        self.repeats: list[tuple[str, ...]] = []

    # Choosing

    def some(self, chance: float, *names: str) -> bool:
        """Whether to do something; favourites of this form more often."""
        return self.rng.random() < (0.9 if self.favourites & {*names} else chance)

    def one(self, options: Options) -> str:
        """One of several ways; favourites of this form more often."""
        weights = [6 if name in self.favourites else 1 for name in options]
        return self.rng.choices(list(options.values()), weights)[0]()

    def name(self, lead: str) -> str:
        self.made += 1
        return f"{lead}{self.made}"

    # Paths

    def relative(self, at: str, to: str, common: str) -> str:
        """The path from one node to another through a node around both."""
        ups = at[len(common) :].count("/")
        return "/".join(([".."] * ups) or ["."]) + to[len(common) :]

    def scalar(self, at: str, node: Known) -> str:
        """A reference to one node: relative as pyxform writes it, sometimes absolute."""
        if self.rng.random() < 0.15:
            return node.path
        a, b = at.split("/"), node.path.split("/")
        same = 0
        while same < min(len(a), len(b) - 1) and a[same] == b[same]:
            same += 1
        return self.relative(at, node.path, "/".join(a[:same]))

    def seen_from(self, chain: tuple[str, ...], *holds: str) -> list[Known]:
        """Nodes that are one node for a reader inside these repeats."""
        found = [
            one for one in self.known if one.chain == chain[: len(one.chain)] and (not holds or one.holds in holds)
        ]
        return found[-14:]

    def ref(self, at: str, chain: tuple[str, ...], *holds: str) -> str | None:
        """A reference to one node before."""
        found = self.seen_from(chain, *holds)
        return self.scalar(at, self.rng.choice(found)) if found else None

    def rows(self, at: str, chain: tuple[str, ...], *, plain: bool = False) -> tuple[str, tuple[str, ...]] | None:
        """A node-set of rows, perhaps with predicates: (path, chain of the rows)."""
        several = [one for one in self.repeats if self._inside(one)]
        if not several:
            return None
        target = self.rng.choice(several)
        entered = 0
        while (
            entered < len(target) - 1
            and entered < len(chain)
            and target[entered] == chain[entered]
            and self.rng.random() < 0.8
        ):
            entered += 1
        base = "/" + target[entered].split("/")[1] if entered == 0 else target[entered - 1]
        lead = base if not chain and self.rng.random() < 0.3 else self.relative(at, base, base)
        if not at.startswith(base):
            return None
        text, above = lead, base
        for number in range(entered, len(target)):
            text += target[number][len(above) :]
            above = target[number]
            last = number == len(target) - 1
            if not plain and self.rng.random() < (0.6 if last else 0.15):
                text += self.predicate(at, chain, target[: number + 1])
        return text, target

    def _inside(self, chain: tuple[str, ...]) -> list[Known]:
        return [one for one in self.known if one.chain == chain]

    def nodes(self, at: str, chain: tuple[str, ...], *holds: str) -> str | None:
        """A node-set: one question in several rows."""
        found = self.rows(at, chain)
        if found is None:
            return None
        text, target = found
        fields = [one for one in self._inside(target) if not holds or one.holds in holds]
        if not fields:
            return None
        return text + self.rng.choice(fields).path[len(target[-1]) :]

    # Predicates

    def predicate(self, at: str, chain: tuple[str, ...], target: tuple[str, ...]) -> str:
        """A condition on the rows of a repeat."""
        own, row = self._inside(target), target[-1]
        if not own:
            return "[position() < 3]"
        column = self.rng.choice(own).path[len(row) + 1 :]
        other = self.rng.choice(own).path[len(row) + 1 :]
        number = str(self.rng.randrange(1, 4))
        options: Options = {
            "plain": lambda: f"[{column} > {number}]",
            "equal": lambda: f"[{column} = '{number}']",
            "filled": lambda: f"[{column} != '']",
            "and": lambda: f"[{column} > 0 and {other} != '{number}']",
            "not": lambda: f"[not({column} = {number})]",
            "position": lambda: f"[position() <= {number}]",
            "nth": lambda: f"[{number}]",
            "last": lambda: self.rng.choice(["[last()]", "[position() = last()]", "[position() < last()]"]),
            "two-predicates": lambda: self.rng.choice(
                [f"[{column} != ''][1]", f"[{column} != ''][{other} > 1]", f"[position() > 1][{column} != {number}]"]
            ),
        }
        outer = self.ref(at, chain)
        if outer is not None:
            mine = f"current()/{outer}" if not outer.startswith("/") else outer
            options["current"] = lambda: self.rng.choice(
                [
                    f"[{column} = {mine}]",
                    f"[{column} > {mine}]",
                    f"[{mine} != {column} or {other} = 1]",
                    f"[selected({mine}, {column})]",
                ]
            )
        above = [one for one in self.known if one.chain == target[: len(one.chain)] and len(one.chain) < len(target)]
        if above:
            node = self.rng.choice(above[-8:])
            up = self.scalar(row, node)
            options["outer"] = lambda: self.rng.choice([f"[{column} >= {up}]", f"[{column} = {up}]"])
        if target == chain[: len(target)]:
            here = f"current()/{self.relative(at, row, row)}"
            options["rows-before"] = lambda: f"[position() < position({here})]"
            options["prevrow"] = lambda: self.rng.choice(
                [f"[position() = position({here}) - 1]", f"[position() = position({here}) + 1]"]
            )
        inner = [one for one in self.repeats if one[:-1] == target and self._inside(one)]
        if inner:
            field_ = self.rng.choice(self._inside(inner[0])).path
            options["nested-predicate"] = lambda: self.rng.choice(
                [
                    f"[count({inner[0][-1][len(row) + 1 :]}) > 1]",
                    f"[sum({field_[len(row) + 1 :]}) > {number}]",
                    f"[{field_[len(row) + 1 :]} = {number}]",
                ]
            )
        return self.one(options)

    # Expressions

    def number(self, at: str, chain: tuple[str, ...], depth: int = 2) -> str:
        """An expression that gives a number."""
        plain = self.ref(at, chain, "num") or str(self.rng.randrange(5))
        if depth == 0:
            return plain
        less = depth - 1
        options: Options = {
            "ref": lambda: plain,
            "coalesce": lambda: f"coalesce({plain}, {self.rng.randrange(3)})",
            "arithmetic": lambda: (
                f"{self.number(at, chain, less)} {self.rng.choice(['+', '-', '*', 'div', 'mod'])} {self.number(at, chain, less)}"
            ),
            "round": lambda: self.rng.choice(
                [
                    f"round({plain} div 3, 2)",
                    f"int({plain} * 1.5)",
                    f"floor({plain} div 2)",
                    f"ceiling({plain} div 2)",
                    f"abs(-({plain}))",
                    f"pow({plain}, 2)",
                    f"number({plain})",
                ]
            ),
            "if": lambda: (
                f"if({self.condition(at, chain, less)}, {self.number(at, chain, less)}, {self.rng.randrange(9)})"
            ),
            "length": lambda: f"string-length({self.text(at, chain, 0)})",
            "instance-sum": lambda: (
                f"{self.rng.choice(['count', 'sum', 'max'])}(instance('items')/root/item[k {self.rng.choice(['=', '<', '>='])} {plain}]/name)"
            ),
        }
        several = self.nodes(at, chain, "num")
        if several is not None:
            for name in ("sum", "count", "count-non-empty", "min", "max"):
                options[name] = lambda name=name: f"{name}({several})"  # type: ignore[misc]
        rows = self.rows(at, chain)
        if rows is not None:
            options["count-rows"] = lambda: f"count({rows[0]})"
            fields = self._inside(rows[1])
            if len(fields) > 1:
                one, two = self.rng.sample(fields, 2)
                cut = len(rows[1][-1])
                options["union"] = lambda: f"count-non-empty({rows[0]}{one.path[cut:]} | {rows[0]}{two.path[cut:]})"
            if not chain:
                options["descendant"] = lambda: (
                    f"{self.rng.choice(['sum', 'count', 'count-non-empty'])}(//{rows[1][-1].split('/')[-1]}/{fields[0].path[cut_of(rows[1]) :]})"
                )
        if chain:
            row = self.relative(at, chain[-1], chain[-1])
            options["position"] = lambda: f"position({row})"
            options["siblings"] = lambda: (
                f"count({row}/{self.rng.choice(['preceding-sibling', 'following-sibling'])}::{chain[-1].split('/')[-1]})"
            )
        if len(chain) > 1:
            options["outer-position"] = lambda: (
                f"position({self.relative(at, chain[-2], chain[-2])}) * 10 + position({self.relative(at, chain[-1], chain[-1])})"
            )
        many = self.ref(at, chain, "many")
        if many is not None:
            options["selected"] = lambda: f"count-selected({many})"
        day = self.ref(at, chain, "date")
        if day is not None:
            options["date"] = lambda: self.rng.choice(
                [f"int({day} - date('2020-01-01'))", f"int((today() - {day}) div 365.25)", f"decimal-date-time({day})"]
            )
        indexed = self.indexed(at, chain, "num")
        if indexed is not None:
            options["indexed-repeat"] = lambda: indexed
        return self.one(options)

    def indexed(self, at: str, chain: tuple[str, ...], *holds: str) -> str | None:
        """``indexed-repeat`` of a question in one or two rosters."""
        found = [one for one in self.known if one.chain and (not holds or one.holds in holds) and len(one.chain) <= 2]
        if not found:
            return None
        node = self.rng.choice(found)
        numbers = [self.rng.choice(["1", "2", self.ref(at, chain, "num") or "1"]) for _ in node.chain]
        return f"indexed-repeat({node.path}, {', '.join(f'{repeat}, {n}' for repeat, n in zip(node.chain, numbers, strict=True))})"

    def text(self, at: str, chain: tuple[str, ...], depth: int = 2) -> str:
        """An expression that gives a text."""
        plain = self.ref(at, chain) or "'none'"
        if depth == 0:
            return plain
        less = depth - 1
        options: Options = {
            "ref": lambda: plain,
            "concat": lambda: f"concat({plain}, '-', {self.text(at, chain, less)})",
            "number": lambda: f"string({self.number(at, chain, less)})",
            "if": lambda: f"if({self.condition(at, chain, less)}, {self.text(at, chain, less)}, 'other')",
            "coalesce": lambda: f"coalesce({plain}, {self.text(at, chain, less)})",
            "texts": lambda: self.rng.choice(
                [
                    f"substr({plain}, 0, 2)",
                    f"translate({plain}, '123', 'abc')",
                    f"normalize-space(concat(' ', {plain}))",
                    f"substring-before(concat({plain}, '-'), '-')",
                ]
            ),
            "instance": lambda: f"instance('items')/root/item[name = {self.current(at, chain)}]/label",
            "pulldata": lambda: f"pulldata('people', 'label', 'name', {plain})",
        }
        several = self.nodes(at, chain)
        if several is not None:
            options["join"] = lambda: f"join(',', {several})"
            options["first"] = lambda: f"string({several})"
        choice = [one for one in self.seen_from(chain) if one.choices]
        if choice:
            node = self.rng.choice(choice)
            options["choice-name"] = lambda: f"jr:choice-name({self.scalar(at, node)}, '{node.path}')"
        many = self.ref(at, chain, "many")
        if many is not None:
            options["selected"] = lambda: f"selected-at({many}, {self.rng.randrange(2)})"
        day = self.ref(at, chain, "date")
        if day is not None:
            options["date"] = lambda: self.rng.choice([f"format-date({day}, '%Y/%m')", f"string(date({day}))"])
        indexed = self.indexed(at, chain)
        if indexed is not None:
            options["indexed-repeat"] = lambda: indexed
        return self.one(options)

    def current(self, at: str, chain: tuple[str, ...]) -> str:
        """A reference as it is written inside a predicate over another instance."""
        found = self.ref(at, chain)
        if found is None:
            return "'1'"
        return found if found.startswith("/") else f"current()/{found}"

    def condition(self, at: str, chain: tuple[str, ...], depth: int = 2) -> str:
        """An expression that is true or false."""
        one, two = self.ref(at, chain, "num") or "1", self.ref(at, chain) or "2"
        less = max(depth - 1, 0)
        options: Options = {
            "greater": lambda: f"{one} {self.rng.choice(['>', '>=', '<', '<='])} {self.rng.randrange(4)}",
            "blank": lambda: f"{two} {self.rng.choice(['=', '!='])} ''",
            "equal": lambda: f"{one} {self.rng.choice(['=', '!='])} {two}",
        }
        if depth:
            options |= {
                "more": lambda: f"{self.number(at, chain, less)} > {self.number(at, chain, less)}",
                "logic": lambda: (
                    f"{self.condition(at, chain, less)} {self.rng.choice(['and', 'or'])} {self.condition(at, chain, less)}"
                ),
                "not": lambda: f"not({self.condition(at, chain, less)})",
                "regex": lambda: self.rng.choice(
                    [f"regex({two}, '^[12]')", f"contains({two}, '1')", f"starts-with({two}, '2')"]
                ),
                "checklist": lambda: f"checklist(1, 2, {one} > 1, {two} != '', {one} = 2)",
            }
            many = self.ref(at, chain, "many", "str")
            if many is not None:
                options["selected"] = lambda: f"selected({many}, '{self.rng.randrange(4)}')"
            several = self.nodes(at, chain)
            if several is not None:
                options["any"] = lambda: f"{several} {self.rng.choice(['=', '!=', '>'])} {self.rng.randrange(4)}"
            flag = self.ref(at, chain, "bool")
            if flag is not None:
                options["boolean"] = lambda: self.rng.choice([flag, f"{flag} = 'true'", f"boolean-from-string({flag})"])
            day = self.ref(at, chain, "date")
            if day is not None:
                options["date"] = lambda: " ".join(
                    [day, self.rng.choice([">", "<="]), self.rng.choice(["today()", "date('2024-02-02')"])]
                )
        return self.one(options)


def cut_of(chain: tuple[str, ...]) -> int:
    """How much of a path names the row."""
    return len(chain[-1]) + 1
