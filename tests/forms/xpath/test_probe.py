"""Collected only where FIELDAPP_ENGINE_PEER names the folder with the other engines' answers."""

import json
import os
from pathlib import Path

import pytest

from forms.engine.xpath import XPathError, parse, to_saved
from forms.engine.xpath.ast import to_text
from tests.forms.xpath.reference import document, value_of

FOLDER = Path(os.environ["FIELDAPP_ENGINE_PEER"])
PROBE = json.loads((FOLDER / "xpath_probe.json").read_text(encoding="utf-8"))
ANSWERS = json.loads((FOLDER / "xpath_probe.answers.json").read_text(encoding="utf-8"))
EXPRESSIONS = [text for group in PROBE["groups"].values() for text in group]
NOT_XPATH = {"$var", "count(", "'it''s'"}
# The evaluator of the tests has no rows and no lookups.
LEFT_OUT = ("pulldata(", "indexed-repeat(")


def same(shown: str, wanted: str) -> bool:
    truth = {"true": "1", "false": "0"}
    shown, wanted = truth.get(shown, shown), truth.get(wanted, wanted)
    try:
        return float(shown) == pytest.approx(float(wanted), abs=0)
    except ValueError:
        return shown == wanted


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_an_expression_parses_or_is_refused_in_a_sentence(text):
    if text in NOT_XPATH:
        with pytest.raises(XPathError) as refused:
            parse(text)
        assert "式子第" in refused.value.sentence()
    else:
        assert parse(to_text(parse(text))) == parse(text)


ALIKE = [
    text
    for text in EXPRESSIONS
    if not isinstance(ANSWERS[text].get("engine"), dict)
    and not isinstance(ANSWERS[text].get("javarosa"), dict)
    and same(ANSWERS[text]["engine"], ANSWERS[text]["javarosa"])
    and not text.startswith(LEFT_OUT)
]


@pytest.mark.parametrize("text", ALIKE)
def test_what_two_engines_answer_alike_is_our_answer(text, in_zone):
    in_zone("UTC")
    secondary = document(PROBE["secondary"]).children[0]
    secondary.parent, secondary.kind = None, "root"
    shown = to_saved(value_of(text, PROBE["context"], "/data/out", instances={"c": secondary}))
    assert same(shown, ANSWERS[text]["engine"])
