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
A node-set as a boolean is true if one of its nodes is not blank, so a bare ``str`` gives the same.
Numbers are always ``float``. Dates are text. ``to_saved`` gives what is stored.

**Operators**: ``COMPARISONS[op](left, right)`` takes values of any kind, ``ARITHMETIC[op]`` takes floats
(convert by ``to_number``; static floats need no conversion).

**Functions** (functions/registry.py): ``check_call(call) -> FunctionSpec`` refuses unknown names and wrong argument counts
(``FunctionRefused``, with the reason in Chinese). A spec tells
  - ``kinds(n)``: the kind each of n arguments is converted to *before* the call: STRING → str, NUMBER → float,
    BOOLEAN → bool, NODES → list[str] (must be a node-set expression), ANY → value as it is;
  - ``returns``: Kind of the result (NODES: a node-set; ANY: depends);
  - ``needs``: what it needs besides its arguments (``Need``). Empty: ``spec.call(*args)`` is all. CLOCK, CHANCE and LOCALE
    functions take one more leading argument (``spec.call(now, …)``, ``(random, …)``, ``(names, …)``; see ``Need``).
    The others have ``call = None``: the compiler implements them, with the helpers beside their spec;
  - ``pure``: same arguments, same result; may be folded when all arguments are constant;
  - ``lazy``: arguments are evaluated one by one (if, coalesce …): written by the compiler, ``call`` shows the rule.
"""

from forms.engine.xpath.errors import FunctionRefused, XPathError, XPathSyntaxError, XPathValueError
from forms.engine.xpath.parser import parse
from forms.engine.xpath.values import (
    ARITHMETIC,
    COMPARISONS,
    NodeSet,
    Value,
    to_boolean,
    to_nodes,
    to_number,
    to_saved,
    to_string,
)

__all__ = [
    "ARITHMETIC",
    "COMPARISONS",
    "FunctionRefused",
    "NodeSet",
    "Value",
    "XPathError",
    "XPathSyntaxError",
    "XPathValueError",
    "parse",
    "to_boolean",
    "to_nodes",
    "to_number",
    "to_saved",
    "to_string",
]
