"""A loaded form kept on disk: CBOR, data only.

What costs time is pyxform (seconds), finding problems (every text compiled), reading the XForm and parsing its expressions; all of
that is behind us in a kept form, which holds the definition and the syntax trees. Reading it again gives the same frozen ``Form``;
only what a filling needs is compiled.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import cbor2
import zstandard

from forms.engine.definition import ENGINE_VERSION, Form
from forms.engine.packing import NotPacked, pack, unpack
from forms.engine.problems import FormRefused, Problem
from forms.engine.quick import collecting_later
from forms.engine.trees import packed_trees

_MAGIC = "fieldapp-form"


def dump_form(form: Form) -> bytes:
    """The form as CBOR, with a digest that tells damage."""
    body = zstandard.compress(cbor2.dumps([pack(replace(form, trees={})), cbor2.dumps(packed_trees(form))]))
    data: bytes = cbor2.dumps([_MAGIC, ENGINE_VERSION, hashlib.blake2b(body, digest_size=16).digest(), body])
    return data


def restore_form(data: bytes) -> Form:
    """The inverse of ``dump_form``.

    Raises:
        FormRefused: made by another engine version, or damaged.
    """
    try:
        document: Any = cbor2.loads(data)
        magic, version, digest, body = document
        if magic != _MAGIC or version != ENGINE_VERSION or hashlib.blake2b(body, digest_size=16).digest() != digest:
            raise NotPacked(str(magic))
        with collecting_later():
            definition, trees = cbor2.loads(zstandard.decompress(body))
            form = unpack(definition)
            if not isinstance(form, Form):
                raise NotPacked(type(form).__name__)
            form = replace(form, trees=cbor2.loads(trees))
    except (cbor2.CBORDecodeError, zstandard.ZstdError, ValueError, TypeError) as error:
        problem = Problem("E006", "存下的问卷已损坏，或是别的版本做的。", "请从问卷源文件重新载入。")
        raise FormRefused((problem,)) from error
    return form
