"""The places of the top bar: which post has which, in which order, and how each is made.

Rooms are imported when they are first entered, so that the unlock screen takes keys before they are read.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from fieldapp.ui.screen import Screen
from fieldapp.ui.workplace import Workplace
from fieldapp.words import _

_ORDER = {
    "ENUM": ("home", "households", "sync", "settings"),
    "ASST": ("home", "households", "sync", "settings"),
    "VSEC": ("home", "households", "sync", "print", "settings"),
    "TSUP": ("home", "review", "conflicts", "sync", "households", "print", "settings", "sample"),
    "CADM": ("home", "review", "conflicts", "sync", "households", "print", "settings", "county", "sample"),
    "CQC": ("households", "sync", "settings"),
    "CMON": ("households", "conflicts", "sync", "print", "settings"),
    "AUDR": ("households", "sync", "settings"),
}


def places_of(role: str) -> tuple[str, ...]:
    """Names of the places of a post, in the order of Ctrl+1…9."""
    return _ORDER.get(role, ("households", "sync", "settings"))


def place_title(name: str, role: str) -> str:
    """The word on the top bar."""
    if name == "households" and role == "VSEC":
        return _("名册")
    return {
        "home": _("首页"),
        "households": _("农户"),
        "review": _("审核"),
        "conflicts": _("冲突"),
        "sync": _("交接"),
        "print": _("打印"),
        "settings": _("设置"),
        "county": _("底册"),
        "sample": _("样本"),
    }[name]


_VIEWS = {
    "households": "fieldapp.ui.households.view:HouseholdsScreen",
    "review": "fieldapp.ui.review.view:ReviewScreen",
    "conflicts": "fieldapp.ui.conflicts.view:ConflictsScreen",
    "sync": "fieldapp.ui.sync.view:SyncScreen",
    "print": "fieldapp.ui.printing.view:PrintScreen",
    "settings": "fieldapp.ui.settings.view:SettingsScreen",
    "county": "fieldapp.ui.county.view:CountyScreen",
    "sample": "fieldapp.ui.sample.view:SampleScreen",
}
_HOMES = {
    "ENUM": "fieldapp.ui.home.enumerator:EnumeratorScreen",
    "VSEC": "fieldapp.ui.home.secretary:SecretaryScreen",
    "ASST": "fieldapp.ui.home.assistant:AssistantScreen",
    "TSUP": "fieldapp.ui.home.supervisor:SupervisorScreen",
    "CADM": "fieldapp.ui.home.supervisor:SupervisorScreen",
}


def make_place(name: str, workplace: Workplace) -> Screen:
    """Builds the screen of a place."""
    where = _HOMES[workplace.session.role] if name == "home" else _VIEWS[name]
    module, _colon, attribute = where.partition(":")
    maker: Callable[[Workplace], Screen] = getattr(import_module(module), attribute)
    return maker(workplace)


def rooms_to_read(role: str = "") -> tuple[str, ...]:
    """Modules worth importing while somebody types the passphrase."""
    homes = [_HOMES[role]] if role in _HOMES else list(_HOMES.values())
    return tuple(dict.fromkeys(where.partition(":")[0] for where in (*homes, *_VIEWS.values())))
