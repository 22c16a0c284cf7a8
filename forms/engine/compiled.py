"""A loaded form kept on disk: CBOR, data only.

What costs time is pyxform (seconds) and finding problems (every text compiled); both are behind us in a kept form. The XForm itself
and what was found are kept; reading it again builds the same frozen ``Form``, and only what a filling needs is compiled.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import cbor2

from forms.engine.definition import ENGINE_VERSION, Form
from forms.engine.problems import FormRefused, Problem
from forms.engine.quick import collecting_later
from forms.engine.xform import read_xform

_MAGIC = "fieldapp-form"
_FIELDS = ("code", "zh", "mend", "sheet", "row", "node")


def dump_form(form: Form) -> bytes:
    """The form as CBOR."""
    problems = [[getattr(problem, name) for name in _FIELDS] for problem in form.problems]
    document = [_MAGIC, ENGINE_VERSION, form.hash, form.name, form.xml, problems]
    data: bytes = cbor2.dumps(document, canonical=True)
    return data


def restore_form(data: bytes) -> Form:
    """The inverse of ``dump_form``.

    Raises:
        FormRefused: made by another engine version, or damaged.
    """
    try:
        document: Any = cbor2.loads(data)
        magic, version, digest, name, xml, problems = document
        if magic != _MAGIC or version != ENGINE_VERSION or hashlib.sha256(xml.encode()).hexdigest() != digest:
            raise ValueError(magic)
        found = tuple(Problem(**dict(zip(_FIELDS, problem, strict=True))) for problem in problems)
    except (cbor2.CBORDecodeError, ValueError, TypeError, AttributeError, UnicodeError) as error:
        problem = Problem("E006", "存下的问卷已损坏，或是别的版本做的。", "请从问卷源文件重新载入。")
        raise FormRefused((problem,)) from error
    with collecting_later():
        return replace(read_xform(xml, name), problems=found)
