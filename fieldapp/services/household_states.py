"""What has become of a household, in a few words beside its name: merged, moved away, nobody left, registered twice, followed."""

from __future__ import annotations

from fieldapp.services.codes import code_label
from fieldapp.words import _
from forms.monitoring.living import AWAY, EMPTY, MERGED, TWICE
from forms.monitoring.living_moves import TRACKED


def state_words(state: str, ended_to: str = "", sample_role: str = "") -> str:
    """The mark of a household in lists, "" for one that simply is there.

    Args:
        state: code of hh_state. ended_to: hh_id it went into, or the place it moved to. sample_role: code of sample_role.
    """
    if state == MERGED:
        return _("已并入 {hh_no}").format(hh_no=ended_to[-4:] or "—")
    if state == TWICE:
        return _("登记重了，见 {hh_no}").format(hh_no=ended_to[-4:] or "—")
    if state == AWAY:
        return _("已迁出本县")
    if state == EMPTY:
        return _("户中已无人")
    return _("分户跟踪户") if sample_role == TRACKED else ""


def closed_words(outcome: str) -> str:
    """How the office settled a task without an interview, "" for one that is open."""
    return _("办结：{outcome}").format(outcome=code_label("interview_outcome", outcome)) if outcome else ""
