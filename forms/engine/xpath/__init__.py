"""Expressions: text → tree, the functions they call, the values they give. No form, no interview, no clock in here.

    ast.py        the syntax tree         errors.py    what can be wrong
    tokens.py     text → tokens           values.py    the value model and its conversions
    parser.py     tokens → tree           functions/   the registry and every function

What the compiler may rely on
=============================

``parse(text) -> Expr`` (cached) raises ``XPathSyntaxError``. Equal trees mean the same; use them as keys for merging.
Trees are at most ``DEPTH_LIMIT`` deep, so recursion over them is safe.

**Values** (values.py): ``str | float | bool | list[str]``, told apart by ``type(v) is …``.
A node-set is a ``list[str]``: the string values of its nodes in document order; a container's string value is the text of
its leaves joined. A path that is known to give exactly one existing question may be handed over as bare ``str`` wherever
the parameter is not of kind NODES; a path that may find nothing must stay a list, since ``missing = ''`` is false.
A node-set as a boolean is true if one of its nodes is not blank, so a bare ``str`` gives the same; a path to a question
bound as boolean is converted by ``bound_boolean`` instead.
Numbers are always ``float``. Dates are text. ``to_saved`` gives what is stored.

**Operators**: ``COMPARISONS[op](left, right)`` takes values of any kind, ``ARITHMETIC[op]`` takes floats
(convert by ``to_number``; static floats need no conversion).

**Functions** (functions/registry.py): ``check_call(call) -> FunctionSpec`` refuses unknown names and wrong argument counts
(``FunctionRefused``, with the reason in Chinese). ``completed(call)`` writes ``.`` in where a missing argument means the
context node. A spec (functions/spec.py) tells
  - ``kinds(n)``: what each of n arguments is converted to *before* the call: STRING → str, NUMBER → float,
    BOOLEAN → bool, NODES → list[str] (must be a node-set expression), ANY → the value as it is;
  - ``returns``: the kind of the result (NODES: a node-set; ANY: depends);
  - ``need``: what it needs besides. NOTHING: ``spec.call(*args)``. CLOCK, CHANCE and LANGUAGE: one more leading argument,
    ``spec.call(now, …)``, ``spec.call(random, …)``, ``spec.call(language, …)``. The others have ``call = None``: the compiler
    does them (``once``: control.once; ``randomize``: sets.seed_of, sets.park_miller, sets.shuffled_order);
  - ``lazy``: evaluate arguments one by one and only those needed (if, coalesce, once); ``call`` shows the rule;
  - ``pure``: may be folded when all arguments are constant.
A call may raise ``XPathValueError`` (no place, no pattern, no such digest): while a form is being opened that refuses the
form; afterwards the result counts as blank.
"""

from forms.engine.xpath.errors import FunctionRefused, XPathError, XPathSyntaxError, XPathValueError
from forms.engine.xpath.functions.registry import FUNCTIONS, check_call, completed
from forms.engine.xpath.functions.spec import FunctionSpec, Kind, Need
from forms.engine.xpath.parser import parse
from forms.engine.xpath.values import (
    ARITHMETIC,
    COMPARISONS,
    NodeSet,
    Value,
    bound_boolean,
    to_boolean,
    to_nodes,
    to_number,
    to_saved,
    to_string,
)

__all__ = [
    "ARITHMETIC",
    "COMPARISONS",
    "FUNCTIONS",
    "FunctionRefused",
    "FunctionSpec",
    "Kind",
    "Need",
    "NodeSet",
    "Value",
    "XPathError",
    "XPathSyntaxError",
    "XPathValueError",
    "bound_boolean",
    "check_call",
    "completed",
    "parse",
    "to_boolean",
    "to_nodes",
    "to_number",
    "to_saved",
    "to_string",
]
