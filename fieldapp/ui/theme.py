"""Colours, sizes and the one style sheet of the program.

Widgets never carry a style sheet of their own: they set a dynamic property (``kind``, ``state``) and the sheet below does the rest.
Widgets that paint ask :func:`current` for colours, fonts and scaled sizes. All numbers are pixels at 100 %.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache

from PySide6.QtCore import QLibraryInfo, QLocale, QObject, QTranslator, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase
from PySide6.QtWidgets import QApplication, QWidget

from fieldapp.assets import resource_path
from fieldapp.words import language

__all__ = [
    "HIGH_CONTRAST",
    "LIGHT",
    "SCALES",
    "Theme",
    "Tokens",
    "apply",
    "changes",
    "contrast",
    "current",
    "load_fonts",
    "restyle",
    "style_sheet",
]


@dataclass(frozen=True, slots=True)
class Tokens:
    """Colours by meaning, ``#rrggbb``. Two complete sets exist; no other colour is written anywhere in the program."""

    text: str
    text2: str
    text3: str
    surface: str
    alt: str
    ro: str
    head: str
    line: str
    line2: str
    accent: str
    accent_text: str
    accent_bg: str
    selection: str
    focus: str
    focus_fill: str
    focus_row: str
    focus_text: str
    hard: str
    hard_bg: str
    hard_text: str
    soft: str
    soft_bg: str
    soft_text: str
    ok: str
    ok_bg: str
    clash: str
    clash_bg: str
    clash_text: str
    bar: str
    bar_text: str
    bar_dim: str
    shade: str


LIGHT = Tokens(
    text="#18211D",
    text2="#46524C",
    text3="#5E6A64",
    surface="#FFFFFF",
    alt="#F7F9F7",
    ro="#EFF2F0",
    head="#E9EEEC",
    line="#DCE2DE",
    line2="#838E88",
    accent="#1B4F82",
    accent_text="#FFFFFF",
    accent_bg="#E7EFF7",
    selection="#DCE9F6",
    focus="#0B57D0",
    focus_fill="#FFF6CC",
    focus_row="#FFFBEA",
    focus_text="#0B57D0",
    hard="#B3261E",
    hard_bg="#FCEAE8",
    hard_text="#FFFFFF",
    soft="#854A00",
    soft_bg="#FFF0D4",
    soft_text="#FFFFFF",
    ok="#1B6637",
    ok_bg="#E3F2E7",
    clash="#65349C",
    clash_bg="#F1EAFA",
    clash_text="#FFFFFF",
    bar="#173A5C",
    bar_text="#FFFFFF",
    bar_dim="#C9D8E6",
    shade="#AABFDD",
)

HIGH_CONTRAST = Tokens(
    text="#FFFFFF",
    text2="#FFFFFF",
    text3="#D6D6D6",
    surface="#000000",
    alt="#0D0D0D",
    ro="#1A1A1A",
    head="#1F1F1F",
    line="#6E6E6E",
    line2="#FFFFFF",
    accent="#7FD4FF",
    accent_text="#000000",
    accent_bg="#06283A",
    selection="#0A3550",
    focus="#FFE500",
    focus_fill="#2A2600",
    focus_row="#1C1900",
    focus_text="#FFE500",
    hard="#FF9A92",
    hard_bg="#3A0703",
    hard_text="#000000",
    soft="#FFC45C",
    soft_bg="#332100",
    soft_text="#000000",
    ok="#7BE495",
    ok_bg="#05250F",
    clash="#D9B3FF",
    clash_bg="#240A3D",
    clash_text="#000000",
    bar="#000000",
    bar_text="#FFFFFF",
    bar_dim="#FFFFFF",
    shade="#7FD4FF",
)

SCALES = (100, 115, 133, 150)
FAMILY = "Noto Sans SC"


class Theme:
    """One set of colours at one type size."""

    def __init__(self, tokens: Tokens = LIGHT, scale: int = 100) -> None:
        self.tokens = tokens
        self.scale = scale
        self._colours = {field.name: QColor(getattr(tokens, field.name)) for field in fields(Tokens)}
        self._fonts: dict[tuple[int, bool], QFont] = {}

    @property
    def high_contrast(self) -> bool:
        """Whether the ground is black."""
        return self.tokens is HIGH_CONTRAST

    def px(self, size: float) -> int:
        """A size at 100 % in pixels of this type size; a hairline stays one pixel."""
        return max(1, round(size * self.scale / 100)) if size > 1 else round(size)

    def colour(self, token: str) -> QColor:
        """The colour of a token (a name of :class:`Tokens`); not to be changed by the caller."""
        return self._colours[token]

    def font(self, size: int = 14, bold: bool = False) -> QFont:
        """The program's typeface at a pixel size given for 100 %; not to be changed by the caller."""
        key = (size, bold)
        if key not in self._fonts:
            font = QFont(FAMILY)
            font.setFamilies([FAMILY, *_spare_families()])
            font.setPixelSize(self.px(size))
            font.setBold(bold)
            font.setHintingPreference(QFont.HintingPreference.PreferVerticalHinting)
            self._fonts[key] = font
        return self._fonts[key]


class _Changes(QObject):
    """Tells that another theme is in force: screens with sizes of their own lay themselves out again."""

    changed = Signal()


_current = Theme()
_translator: QTranslator | None = None


@cache
def changes() -> _Changes:
    """The object whose ``changed`` signal follows :func:`apply`."""
    return _Changes()


def current() -> Theme:
    """The theme in force."""
    return _current


@cache
def load_fonts() -> tuple[str, ...]:
    """Makes the bundled typefaces known to Qt; without them every Chinese character could be a box. Returns their families."""
    families: list[str] = []
    for file in sorted(resource_path("fonts").glob("*.[ot]tf")):
        number = QFontDatabase.addApplicationFont(str(file))
        families += QFontDatabase.applicationFontFamilies(number) if number >= 0 else []
    return tuple(dict.fromkeys(families))


def _spare_families() -> list[str]:
    """Typefaces asked for characters that the main one lacks (rare characters of names)."""
    return [family for family in load_fonts() if family != FAMILY]


def apply(app: QApplication, scale: int = 100, *, high_contrast: bool = False) -> Theme:
    """Puts a type size and colour set in force for the whole program.

    Args:
        app: the running application.
        scale: one of :data:`SCALES`.
        high_contrast: black ground with light colours.
    """
    global _current, _translator
    load_fonts()
    _current = Theme(HIGH_CONTRAST if high_contrast else LIGHT, scale)
    if app.style().name() != "fusion":
        app.setStyle("Fusion")
    if _translator is None and language() == "zh":
        QLocale.setDefault(QLocale(QLocale.Language.Chinese, QLocale.Country.China))
        _translator = QTranslator(app)
        if _translator.load("qtbase_zh_CN", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
            app.installTranslator(_translator)
    elif _translator is not None and language() != "zh":
        app.removeTranslator(_translator)
        _translator = None
        QLocale.setDefault(QLocale(QLocale.Language.English))
    app.setFont(_current.font(14))
    app.setStyleSheet(style_sheet(_current))
    changes().changed.emit()
    return _current


def restyle(widget: QWidget, **properties: object) -> None:
    """Sets dynamic properties and lets the style sheet see them; nothing happens when none changes."""
    touched = False
    for name, value in properties.items():
        if widget.property(name) != value:
            widget.setProperty(name, value)
            touched = True
    if touched:
        style = widget.style()
        style.unpolish(widget)
        style.polish(widget)
        widget.update()


def contrast(first: str, second: str) -> float:
    """Contrast of two ``#rrggbb`` colours, 1 to 21 (WCAG 2.2)."""

    def light(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    high, low = sorted((light(first), light(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


_SHEET = """
QWidget {{ color: {text}; font-family: "Noto Sans SC"; font-size: {s14}px; }}
QMainWindow, QDialog, QWidget[kind="page"] {{ background: {surface}; }}
QWidget[kind="side"] {{ background: {alt}; }}
QWidget[kind="head"] {{ background: {head}; }}
QWidget[kind="bar"] {{ background: {bar}; border-bottom: {bar_edge}; }}
QWidget[kind="bar"] QLabel {{ color: {bar_text}; background: transparent; }}
QWidget[kind="bar"] QLabel[kind="dim"] {{ color: {bar_dim}; font-size: {s13}px; }}
QWidget[kind="bar"] QLabel[kind="name"] {{ font-size: {s18}px; font-weight: bold; }}
QWidget[kind="strip"] {{ background: {head}; border-top: 1px solid {line}; }}
QWidget[kind="status"] {{ background: {surface}; border-top: 1px solid {line}; }}
QWidget[kind="status"] QLabel {{ font-size: {s13}px; color: {text2}; }}
QWidget[kind="status"] QLabel[state="ok"] {{ color: {ok}; font-weight: bold; }}
QWidget[kind="status"] QLabel[state="busy"] {{ color: {focus_text}; font-weight: bold; }}
QWidget[kind="status"] QLabel[state="trouble"] {{ color: {hard}; font-weight: bold; }}
QWidget[kind="status"] QLabel[state="ageing"] {{ color: {soft}; font-weight: bold; }}
QLabel {{ background: transparent; }}
QLabel[kind="figure"] {{ font-size: {s22}px; font-weight: bold; }}
QLabel[kind="title"] {{ font-size: {s18}px; font-weight: bold; }}
QLabel[kind="section"] {{ font-size: {s17}px; font-weight: bold; }}
QLabel[kind="question"] {{ font-size: {s15}px; }}
QLabel[kind="strong"] {{ font-weight: bold; }}
QLabel[kind="label"] {{ color: {text2}; }}
QLabel[kind="hint"] {{ color: {text3}; font-size: {s13}px; }}
QLabel[kind="small"] {{ color: {text3}; font-size: {s12}px; }}
QLabel[kind="ok"] {{ color: {ok}; }}
QLabel[kind="soft"] {{ color: {soft}; }}
QLabel[kind="hard"] {{ color: {hard}; }}
QLabel[kind="accent"] {{ color: {accent}; }}
QLabel[kind="echo"] {{ color: {focus_text}; font-weight: bold; }}
QFrame[kind="hairline"] {{ background: {line}; border: none; max-height: 1px; min-height: 1px; }}
QFrame[kind="rule"] {{ background: {line2}; border: none; max-height: 1px; min-height: 1px; }}
QFrame[kind="column"] {{ background: {line}; border: none; max-width: 1px; min-width: 1px; }}
QFrame[kind="card"] {{ background: {alt}; border: 1px solid {line}; border-radius: {s4}px; }}
QFrame[kind="card"][state="hard"] {{ background: {hard_bg}; border: 1px solid {hard}; }}
QFrame[kind="card"][state="soft"] {{ background: {soft_bg}; border: 1px solid {soft}; }}
QFrame[kind="card"][state="ok"] {{ background: {ok_bg}; border: 1px solid {ok}; }}
QFrame[kind="popup"] {{ background: {surface}; border: 1px solid {accent}; border-radius: {s3}px; }}
QLineEdit, QPlainTextEdit, QTextEdit, QComboBox, QSpinBox {{
  background: {surface}; color: {text}; border: 1px solid {line2}; border-radius: {s3}px; padding: {s3}px {s8}px;
  selection-background-color: {focus}; selection-color: {surface}; font-size: {s15}px; min-height: {s20}px; }}
QPlainTextEdit, QTextEdit {{ padding: {s4}px; font-size: {s14}px; }}
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QComboBox:focus, QSpinBox:focus {{
  background: {focus_fill}; border: 2px solid {focus}; padding: {s2}px {s7}px; }}
QLineEdit:read-only {{ background: {ro}; border: 1px solid {line}; padding: {s3}px {s8}px; }}
QLineEdit[state="confirm"] {{ background: {accent_bg}; border: 1px dashed {accent}; }}
QLineEdit[state="soft"] {{ border: 2px solid {soft}; padding: {s2}px {s7}px; }}
QLineEdit[state="hard"] {{ border: 2px solid {hard}; padding: {s2}px {s7}px; }}
QLineEdit[state="clash"] {{ border: 2px solid {clash}; background: {clash_bg}; color: {clash}; padding: {s2}px {s7}px; }}
QLineEdit[state="confirm"]:focus, QLineEdit[state="soft"]:focus, QLineEdit[state="hard"]:focus {{
  background: {focus_fill}; border: 2px solid {focus}; padding: {s2}px {s7}px; }}
QLineEdit[kind="secret"] {{ font-size: {s18}px; }}
QPushButton {{ background: {surface}; color: {text}; border: 1px solid {line2}; border-radius: {s4}px;
  padding: {s5}px {s12}px; min-height: {s20}px; }}
QPushButton:focus {{ border: 2px solid {focus}; padding: {s4}px {s11}px; }}
QPushButton[kind="primary"] {{ background: {accent}; color: {accent_text}; border: 1px solid {accent}; font-weight: bold; }}
QPushButton[kind="danger"] {{ color: {hard}; border: 1px solid {hard}; }}
QPushButton[kind="chosen"] {{ background: {selection}; border: 1px solid {accent}; font-weight: bold; }}
QPushButton:disabled {{ background: {ro}; color: {text3}; border: 1px solid {line}; }}
QCheckBox, QRadioButton {{ spacing: {s8}px; background: transparent; }}
QCheckBox:focus, QRadioButton:focus {{ background: {focus_fill}; border: 2px solid {focus}; }}
QTableView, QListView, QTreeView {{ background: {surface}; border: none; gridline-color: {line};
  selection-background-color: {selection}; selection-color: {text}; alternate-background-color: {alt}; outline: none; }}
QTableView QLineEdit, QListView QLineEdit {{ border-radius: 0; }}
QHeaderView {{ background: {head}; border: none; }}
QHeaderView:vertical {{ background: {surface}; }}
QTableCornerButton::section {{ background: {head}; border: none; border-bottom: 1px solid {line}; }}
QHeaderView::section {{ background: {head}; color: {text2}; border: none; border-right: 1px solid {line};
  border-bottom: 1px solid {line}; padding: {s4}px {s8}px; font-size: {s13}px; }}
QTableView[kind="rows"] QHeaderView::section {{ border-right: none; }}
QScrollArea {{ background: {surface}; border: none; }}
QScrollBar:vertical {{ background: {alt}; width: {s10}px; border: none; }}
QScrollBar:horizontal {{ background: {alt}; height: {s10}px; border: none; }}
QScrollBar::handle {{ background: {line2}; border-radius: {s3}px; min-height: {s24}px; min-width: {s24}px; margin: {s2}px; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: none; }}
QProgressBar {{ background: {surface}; border: 1px solid {line2}; border-radius: 0; text-align: center; max-height: {s6}px; }}
QProgressBar::chunk {{ background: {accent}; }}
QToolTip {{ background: {surface}; color: {text}; border: 1px solid {line2}; padding: {s4}px; }}
QMenu {{ background: {surface}; border: 1px solid {line2}; }}
QMenu::item {{ padding: {s6}px {s16}px; }}
QMenu::item:selected {{ background: {selection}; }}
"""


def style_sheet(theme: Theme) -> str:
    """The style sheet of the whole program for one theme."""
    values = {field.name: getattr(theme.tokens, field.name) for field in fields(Tokens)}
    values |= {f"s{size}": str(theme.px(size)) for size in range(2, 31)}
    values["bar_edge"] = f"1px solid {theme.tokens.line2}" if theme.high_contrast else "none"
    return _SHEET.format_map(values)
