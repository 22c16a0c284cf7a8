"""What a function is to the compiler."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from forms.engine.xpath.ast import Call, KindTest, Path, Step
from forms.engine.xpath.errors import FunctionRefused


class Kind(Enum):
    """What an argument is converted to before the call, and what a result is."""

    STRING = auto()
    NUMBER = auto()
    BOOLEAN = auto()
    NODES = auto()
    """Argument: must be a node-set expression, arrives as ``list[str]``. Result: a node-set."""
    ANY = auto()
    """Argument: arrives unconverted. Result: depends on the arguments."""


class Need(Enum):
    """What a function needs besides its arguments."""

    NOTHING = auto()
    CLOCK = auto()
    """First argument of ``call``: the present moment, an aware ``datetime``."""
    CHANCE = auto()
    """First argument of ``call``: ``Callable[[], float]``, each call a number from [0, 1)."""
    LANGUAGE = auto()
    """First argument of ``call``: the name of the form's active language, ``""`` if it has none."""
    POSITION = auto()
    """position(), last(): the place of the node in the predicate's list; position(node): the place of the row."""
    NODE = auto()
    """The nodes themselves, not their texts: name(), local-name(), namespace-uri()."""
    OWN_VALUE = auto()
    """once(): the value that the node being calculated has now."""
    INSTANCE = auto()
    """instance(), pulldata(): secondary instances."""
    CURRENT = auto()
    """current(): the node the whole expression belongs to, inside predicates too."""
    REPEAT = auto()
    """indexed-repeat(): rows by number."""
    LABELS = auto()
    """jr:choice-name(), jr:itext(): texts of the form in the active language."""
    ORDER = auto()
    """randomize(): nodes in another order (``sets.shuffled_order``)."""


@dataclass(frozen=True, slots=True)
class FunctionSpec:
    """One function.

    Attributes:
        name: with its prefix.
        min_args, max_args: how many arguments it takes; ``max_args`` None: any number.
        arguments: kinds of the arguments; the last ``repeated`` of them go on for further ones.
        returns: kind of the result.
        call: the implementation on converted arguments; None: the compiler's own work.
        need: what the call needs besides.
        lazy: the compiler evaluates one argument after the other and only those it needs; ``call`` shows the rule.
        own_node: without an argument it takes the context node (``with_own_node`` writes it in).
        even: the number of arguments must be even (True) or odd (False); None: either.
    """

    name: str
    min_args: int
    max_args: int | None
    arguments: tuple[Kind, ...]
    returns: Kind
    call: Callable[..., Any] | None = None
    need: Need = Need.NOTHING
    lazy: bool = False
    own_node: bool = False
    even: bool | None = None
    repeated: int = 1

    @property
    def pure(self) -> bool:
        """Same arguments, same result."""
        return self.need is Need.NOTHING and self.call is not None

    def kinds(self, count: int) -> tuple[Kind, ...]:
        """The kind of each of ``count`` arguments."""
        if count <= len(self.arguments):
            return self.arguments[:count]
        more = count - len(self.arguments)
        tail = self.arguments[len(self.arguments) - self.repeated :]
        return self.arguments + (tail * (more // self.repeated + 1))[:more]

    def check_count(self, call: Call) -> None:
        """Refuses a wrong number of arguments.

        Raises:
            FunctionRefused: with what the function wants.
        """
        given = len(call.args)
        if given >= self.min_args and (self.max_args is None or given <= self.max_args):
            if self.even is None or (given % 2 == 0) == self.even:
                return
            wanted = "偶数个" if self.even else "奇数个"
        elif self.max_args is None:
            wanted = f"至少 {self.min_args} 个"
        elif self.min_args == self.max_args:
            wanted = f"{self.min_args} 个"
        else:
            wanted = f"{self.min_args} 至 {self.max_args} 个"
        raise FunctionRefused(call.name, call.at, f"它要{wanted}参数，这里给了 {given} 个")


def with_own_node(call: Call) -> Call:
    """The call with ``.`` written in where leaving out the argument means the context node."""
    return Call(call.name, (Path(False, (Step("self", KindTest("node")),), None, call.at),), call.at)
