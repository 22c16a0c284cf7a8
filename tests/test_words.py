"""Every text a person sees is Chinese at the source and has complete English."""

from __future__ import annotations

import ast
import re
import string
from collections import Counter
from pathlib import Path

from babel.messages.pofile import read_po

import fieldapp.words
from fieldapp.errors import NotAllowed
from fieldapp.ui.county.lists import _KIND_WORDS, _LIST_WORDS
from forms.monitoring.opening import Level
from forms.monitoring.opening_fields import HOUSEHOLD, MEMBER
from forms.monitoring.opening_register import DOUBT_ZH
from forms.monitoring.parameters import PARAMETER_ZH
from forms.phrases import Phrase
from sync.scope import Role

ROOT = Path(__file__).resolve().parent.parent


def _marked_texts() -> dict[str, str]:
    """Texts passed to ``_()`` or made a ``Phrase``, and the sentences of expected failures in all rooms → where they stand."""
    texts: dict[str, str] = {}
    for room in ("fieldapp", "sync", "forms"):
        for path in sorted((ROOT / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                place = f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("_", "Phrase"):
                    argument = node.args[0]
                    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                        texts.setdefault(argument.value, place)
                if isinstance(node, ast.Assign | ast.AnnAssign):
                    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                    value = node.value
                    if any(isinstance(t, ast.Name) and t.id == "zh" for t in targets) and isinstance(
                        value, ast.Constant
                    ):
                        texts.setdefault(str(value.value), place)
    return texts


def _catalogue() -> dict[str, str]:
    with (ROOT / "resources" / "translations" / "en.po").open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file, locale="en") if message.id}


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_text_has_english():
    catalogue = _catalogue()
    missing = {text: place for text, place in _marked_texts().items() if text.strip() and not catalogue.get(text)}
    assert missing == {}


def _deeds() -> set[str]:
    """Verb phrases of “{role}不能{deed}”."""
    found: set[str] = set()
    for path in sorted((ROOT / "fieldapp").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            given = [keyword.value for keyword in node.keywords if keyword.arg == "deed"]
            if isinstance(node.func, ast.Attribute) and node.func.attr == "require":
                given += node.args[:1]
            found |= {one.value for one in given if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    return found


def test_every_post_and_deed_has_english():
    catalogue = _catalogue()
    assert len(_deeds()) > 20
    assert {text for text in _deeds() | {role.zh for role in Role} if not catalogue.get(text)} == set()


def _of_the_countys_tables() -> set[str]:
    """What is said of tables that a county hands over: what is wrong and how to mend it, columns, parameters."""
    found = {one.zh for one in (*HOUSEHOLD, *MEMBER)} | set(PARAMETER_ZH.values()) | set(DOUBT_ZH.values())
    found |= {level.zh for level in Level} | set(_LIST_WORDS.values()) | set(_KIND_WORDS.values())
    rooms = ("forms/monitoring/opening*.py", "forms/monitoring/parameters.py", "fieldapp/services/opening*.py",
             "fieldapp/services/parameters.py", "fieldapp/services/table_files.py")  # fmt: skip
    for path in (path for room in rooms for path in ROOT.glob(room)):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("add", "once", "note", "_doubt"):
                found |= {one.value for given in node.args for one in ast.walk(given) if isinstance(one, ast.Constant)
                          and isinstance(one.value, str)}  # fmt: skip
            if isinstance(node, ast.Return | ast.Assign):
                given = [node.value.body, node.value.orelse] if isinstance(node.value, ast.IfExp) else [node.value]
                found |= {str(one.value) for one in given if isinstance(one, ast.Constant)}
            if isinstance(node, ast.keyword) and node.arg in ("why", "zh") and isinstance(node.value, ast.Constant):
                found.add(str(node.value.value))
    return {text for text in found if re.search(r"[\u4e00-\u9fff]", text)}


def test_what_is_said_of_a_countys_tables_has_english():
    catalogue = _catalogue()
    told = _of_the_countys_tables()
    assert len(told) > 200
    assert sorted(text for text in told if not catalogue.get(text)) == []


def test_a_problem_of_a_table_is_english_from_end_to_end():
    problem = Phrase("{item}“{said}”认不出来", item="性别", said="乾")
    fieldapp.words.set_language("en")
    try:
        sentence = fieldapp.words.say(problem)
    finally:
        fieldapp.words.set_language("zh")
    assert (problem, sentence) == ("性别“乾”认不出来", "Sex “乾” is not understood")


def test_a_refusal_is_english_from_end_to_end():
    fieldapp.words.set_language("en")
    try:
        sentence = fieldapp.words.sentence_of(NotAllowed("role", role=Role.ENUM.zh, deed="审核问卷"))
    finally:
        fieldapp.words.set_language("zh")
    assert sentence == "Enumerator may not review interviews; nothing was changed."


def test_no_text_stands_twice_in_the_catalogue():
    """Reading keeps the last of two and hides the other."""
    source = (ROOT / "resources" / "translations" / "en.po").read_text(encoding="utf-8")
    counted = Counter(re.findall(r"^msgid (.+)$", source, re.MULTILINE))
    assert [text for text, times in counted.items() if times > 1] == []


def test_english_fills_in_the_same_fields():
    wrong = {text: english for text, english in _catalogue().items() if _fields(text) != _fields(english)}
    assert wrong == {}


def test_the_catalogue_holds_nothing_that_is_not_said():
    said = set(_marked_texts())
    source = "\n".join(
        path.read_text(encoding="utf-8")
        for room in ("fieldapp", "sync", "forms")
        for path in (ROOT / room).rglob("*.py")
    )
    # Texts chosen from a table are marked where they are looked up, not where they stand.
    unused = [text for text in _catalogue() if text not in said and text not in source]
    assert unused == []


def test_english_is_spoken_only_when_asked_for():
    fieldapp.words.set_language("en")
    try:
        assert fieldapp.words._("停下了，已存的资料都在。") != "停下了，已存的资料都在。"
    finally:
        fieldapp.words.set_language("zh")
    assert fieldapp.words._("停下了，已存的资料都在。") == "停下了，已存的资料都在。"
