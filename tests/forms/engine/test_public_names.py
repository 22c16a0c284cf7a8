"""Whoever uses the engine finds at each public name what it means, what can go wrong, and where the rule comes from."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import pytest

import forms.engine

SOURCES = ("spec", "extension", "namespace", "row")
PUBLIC = [name for name in forms.engine.__all__ if inspect.isclass(getattr(forms.engine, name))]
FILES = sorted(Path(forms.engine.__file__).parent.rglob("*.py"))


def functions_of(owner: type) -> dict[str, object]:
    found = {}
    for base in owner.__mro__:
        if base.__module__.startswith("forms.engine"):
            for name, member in vars(base).items():
                plain = getattr(member, "fget", None) or getattr(member, "__func__", member)
                if (
                    not name.startswith("_")
                    and inspect.isfunction(plain)
                    and plain.__module__.startswith("forms.engine")
                ):
                    found.setdefault(name, plain)
    return found


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_class_says_what_it_means_and_where_the_rule_comes_from(name):
    owner = getattr(forms.engine, name)
    words = owner.__doc__ or ""
    assert words
    assert not words.startswith(f"{name}("), "a text of its own, not the one that dataclass writes"
    assert any(source in words for source in SOURCES)


@pytest.mark.parametrize("name", [*PUBLIC, "load_form"])
def test_a_public_step_says_what_it_does_and_what_it_refuses(name):
    owner = getattr(forms.engine, name)
    for step, function in (functions_of(owner) if inspect.isclass(owner) else {name: owner}).items():
        words = inspect.getdoc(function)
        if step == "resource":  # a default of Situation, told there
            continue
        assert words, f"{name}.{step}"
        if "raise " in inspect.getsource(function):
            assert "Raises:" in words, f"{name}.{step}"


def test_every_public_constant_is_explained():
    lines = (FILES[0].parent / "definition.py").read_text(encoding="utf-8")
    for name in ("ENGINE_VERSION", "FA_NAMESPACE"):
        assert f"\n{name} = " in lines
        assert lines.split(f"\n{name} = ")[1].split("\n")[1].startswith('"""')


def test_no_module_grows_beyond_what_a_reader_holds():
    assert {file.name for file in FILES if len(file.read_text(encoding="utf-8").splitlines()) > 520} == set()


def test_every_module_says_what_it_is_about():
    assert [file.name for file in FILES if ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) is None] == []
