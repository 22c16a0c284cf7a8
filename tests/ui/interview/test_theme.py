"""The contrast table of the design, computed from the tokens."""

from __future__ import annotations

import pytest

from fieldapp.ui.theme import HIGH_CONTRAST, LIGHT, Theme, contrast, style_sheet

GROUNDS = ("surface", "alt", "ro", "head", "selection", "focus_fill", "focus_row")


@pytest.mark.parametrize("tokens", [LIGHT, HIGH_CONTRAST])
@pytest.mark.parametrize("ink", ["text", "text2", "text3"])
@pytest.mark.parametrize("ground", GROUNDS)
def test_text_can_be_read(tokens, ink, ground):
    assert contrast(getattr(tokens, ink), getattr(tokens, ground)) >= 4.5


@pytest.mark.parametrize("tokens", [LIGHT, HIGH_CONTRAST])
@pytest.mark.parametrize("state", ["hard", "soft", "ok", "clash", "accent"])
def test_states_can_be_read_on_their_ground_and_on_the_page(tokens, state):
    assert contrast(getattr(tokens, state), getattr(tokens, f"{state}_bg")) >= 4.5
    assert contrast(getattr(tokens, state), tokens.surface) >= 4.5


@pytest.mark.parametrize("tokens", [LIGHT, HIGH_CONTRAST])
def test_frames_that_carry_meaning_are_seen(tokens):
    assert contrast(tokens.line2, tokens.surface) >= 3
    assert contrast(tokens.focus, tokens.surface) >= 5.9
    assert contrast(tokens.focus, tokens.focus_fill) >= 5.85
    assert contrast(tokens.bar_text, tokens.bar) >= 4.5
    assert contrast(tokens.bar_dim, tokens.bar) >= 4.5
    for state in ("hard", "soft", "clash"):
        assert contrast(getattr(tokens, f"{state}_text"), getattr(tokens, state)) >= 4.5


@pytest.mark.parametrize("scale", [100, 115, 133, 150])
def test_the_style_sheet_scales(scale):
    sheet = style_sheet(Theme(LIGHT, scale))
    assert "{" in sheet
    assert f"font-size: {Theme(LIGHT, scale).px(14)}px" in sheet
