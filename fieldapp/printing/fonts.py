"""The faces on paper: bundled Song and Hei, a fallback for rare characters, and text that copies out of the PDF right.

reportlab has no font fallback: a character missing from the face is an empty box, silently, so text is split into runs by what each
face really has, and what no face has is told before printing (:func:`missing_characters`).
"""

from __future__ import annotations

from functools import cache
from html import escape

from reportlab.lib import textsplit
from reportlab.pdfbase import pdfmetrics, ttfonts
from reportlab.platypus import paragraph

from fieldapp.assets import resource_path

SONG = "FieldSong"
HEI = "FieldHei"
HEI_BOLD = "FieldHeiBold"
RARE = "FieldRare"

_FILES = {
    SONG: "fonts/NotoSerifSC-Regular.ttf",
    HEI: "fonts/NotoSansSC-Regular.ttf",
    HEI_BOLD: "fonts/NotoSansSC-Bold.ttf",
}
_RARE_FILE = "fonts/HanaMinB.ttf"  # optional: the build may add it, the program runs without
# Chinese stops and closing marks that reportlab 5.1 (made for Japanese) lets begin a line; national rule GB/T 15834 forbids it.
_NEVER_FIRST = "，；：？！”’》〉…％"
_CODES_PER_BLOCK = 100  # the PDF standard's limit for one beginbfchar block


def _to_unicode_map(font_name: str, subset: list[int]) -> str:
    """The ToUnicode map of a font subset, in UTF-16BE.

    Replaces reportlab 5.1's own, which writes characters beyond the basic plane as five hex digits, so that a copied 𬭚 becomes
    rubbish. See the PDF standard, section on ToUnicode CMaps: destination codes are UTF-16BE, blocks hold at most 100 entries.
    """
    lines = [
        "/CIDInit /ProcSet findresource begin",
        "12 dict begin",
        "begincmap",
        "/CIDSystemInfo",
        f"<< /Registry ({font_name})",
        f"/Ordering ({font_name})",
        "/Supplement 0",
        ">> def",
        f"/CMapName /{font_name} def",
        "/CMapType 2 def",
        "1 begincodespacerange",
        "<00> <%02X>" % (len(subset) - 1),
        "endcodespacerange",
    ]
    for start in range(0, len(subset), _CODES_PER_BLOCK):
        block = subset[start : start + _CODES_PER_BLOCK]
        lines.append(f"{len(block)} beginbfchar")
        lines += [f"<{start + i:02X}> <{chr(code).encode('utf-16-be').hex().upper()}>" for i, code in enumerate(block)]
        lines.append("endbfchar")
    lines += ["endcmap", "CMapName currentdict /CMap defineresource pop", "end", "end"]
    return "\n".join(lines)


@cache
def register_fonts() -> None:
    """Makes the bundled faces known to reportlab, once per process (0.1 s a face)."""
    ttfonts.makeToUnicodeCMap = _to_unicode_map
    for module in (textsplit, paragraph):
        module.ALL_CANNOT_START = textsplit.ALL_CANNOT_START.rstrip(_NEVER_FIRST) + _NEVER_FIRST
    for name, file in _FILES.items():
        pdfmetrics.registerFont(ttfonts.TTFont(name, resource_path(file)))
    if resource_path(_RARE_FILE).exists():
        pdfmetrics.registerFont(ttfonts.TTFont(RARE, resource_path(_RARE_FILE)))


@cache
def _coverage(face: str) -> frozenset[int]:
    register_fonts()
    return frozenset(pdfmetrics.getFont(face).face.charToGlyph)


def _fallbacks(face: str) -> list[str]:
    register_fonts()
    chain = [face, *(other for other in (HEI, SONG, RARE) if other != face)]
    return [name for name in chain if name in pdfmetrics.getRegisteredFontNames()]


def split_runs(text: str, face: str) -> list[tuple[str, str]]:
    """The text as (face, run) pairs, each run wholly in its face; what no face has stays in the first face."""
    runs: list[tuple[str, str]] = []
    chain = _fallbacks(face)
    for character in text:
        code = ord(character)
        used = next((name for name in chain if code in _coverage(name)), face)
        if runs and runs[-1][0] == used:
            runs[-1] = (used, runs[-1][1] + character)
        else:
            runs.append((used, character))
    return runs


def missing_characters(text: str) -> str:
    """Characters of the text that no bundled face can print, each once, in order of appearance."""
    chain = _fallbacks(SONG)
    printable = "\n\t"
    seen: dict[str, None] = {}
    for character in text:
        if character not in printable and not any(ord(character) in _coverage(name) for name in chain):
            seen[character] = None
    return "".join(seen)


def to_markup(text: str, face: str) -> str:
    """Paragraph markup for plain text: escaped, line breaks kept, rare characters in a face that has them."""
    parts = []
    for used, run in split_runs(text, face):
        marked = escape(run, quote=False).replace("\n", "<br/>")
        parts.append(marked if used == face else f'<font name="{used}">{marked}</font>')
    return "".join(parts)
