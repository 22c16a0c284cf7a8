"""Replacing a household of the sample, and following one that split off (monitoring.md 9.5, 9.6).

Nobody chooses a replacement: it is the next reserve of the same village and stratum, else of the same township and stratum.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final

from forms.errors import FieldAppError
from forms.monitoring.sample import Stratum
from forms.monitoring.sample_chance import Chance
from forms.monitoring.sample_draw import Reserve

WARN_ABOVE: Final = Fraction(10, 100)
EXPLAIN_ABOVE: Final = Fraction(15, 100)
_AT_ONCE: Final = frozenset({"312", "320", "410", "420", "440", "450", "460"})
_AFTER_TWO: Final = frozenset({"310", "330"})
_BY_COUNTY: Final = "470"
_SPLIT: Final = "430"


class OutOfSample(FieldAppError):
    """A household that was replaced or rotated out is to be surveyed again."""

    zh = "这户从 {until} 起已退出样本，不再分派。没有改动任何资料。"


class Ruling(StrEnum):
    """What the rules say of replacing a household with this result."""

    ALLOWED = "allowed"  # the county may approve
    COUNTY = "county"  # 470: the county first decides in writing that the household is out of scope
    NOT_YET = "not_yet"  # visited again next period
    SPLIT = "split"  # 430: by the rules of split households
    NEVER = "never"

    @property
    def zh(self) -> str:
        """In words."""
        return _RULING_ZH[self]


_RULING_ZH: Final = {
    "allowed": "可以申请替换",
    "county": "由县级书面认定后才替换",
    "not_yet": "本期不替换，下期再访；连续两期 310、330 后可以替换",
    "split": "按分户规则办，不替换",
    "never": "这个结果不替换",
}


class ReplacementRefused(FieldAppError):
    """The rules do not allow this replacement."""

    zh = "这户不能这样替换：{reason}。样本没有动。"


class NoReserveLeft(FieldAppError):
    """All reserves of the township's stratum are used."""

    zh = "本村和本乡镇同层的备用户都用完了，这户先不替换。样本没有动，请县里决定是否另行补抽。"


class BackFilling(FieldAppError):
    """A replacement is asked to answer for a time before it came."""

    zh = "替换户从 {first} 起调查，以前各期不补。没有改动任何资料。"


def ruling(outcome: str, earlier: Sequence[str] = ()) -> Ruling:
    """Whether a household with this final outcome may be replaced.

    Args:
        outcome: of this period, interview_outcome.
        earlier: final outcomes of the periods before, newest first; "" where it was not surveyed.
    """
    if outcome in _AT_ONCE:
        return Ruling.ALLOWED
    if outcome in _AFTER_TWO:
        return Ruling.ALLOWED if earlier and earlier[0] in _AFTER_TWO else Ruling.NOT_YET
    if outcome == "321":
        return Ruling.NOT_YET
    if outcome == _SPLIT:
        return Ruling.SPLIT
    return Ruling.COUNTY if outcome == _BY_COUNTY else Ruling.NEVER


def next_reserve(
    reserves: Iterable[Reserve], gone: Collection[str], village: str, stratum: Stratum, seed: int
) -> Reserve:
    """The reserve whose turn it is.

    Args:
        reserves: of the draw. gone: hh_ids used before, or no longer in the frame.
        village: of the household to be replaced (12 digits). seed: of the draw; orders villages of the township among equals.
    Raises:
        NoReserveLeft: none in village or township.
    """
    left = [one for one in reserves if one.stratum == stratum and one.hh_id not in gone]
    own = [one for one in left if one.village == village]
    if own:
        return min(own, key=lambda one: one.order)
    township = village[:9]
    near = [one for one in left if one.village[:9] == township]
    if not near:
        raise NoReserveLeft("reserves used up")
    places = Chance(seed, "township reserve", township, stratum).shuffled(sorted({one.village for one in near}))
    return min(near, key=lambda one: (one.order, places.index(one.village)))


class Limit(StrEnum):
    """Where the year's replacements stand."""

    WITHIN = "within"
    WARN = "warn"
    EXPLAIN = "explain"


@dataclass(frozen=True, slots=True)
class YearlyRate:
    """Replacements of a year among the households of the sample."""

    replaced: int
    sample: int

    @property
    def share(self) -> Fraction:
        """年内替换率."""
        return Fraction(self.replaced, self.sample) if self.sample else Fraction(0)

    @property
    def limit(self) -> Limit:
        """Above 10 % a warning, above 15 % a written explanation."""
        if self.share > EXPLAIN_ABOVE:
            return Limit.EXPLAIN
        return Limit.WARN if self.share > WARN_ABOVE else Limit.WITHIN


@dataclass(frozen=True, slots=True)
class Request:
    """替换申请单.

    Args:
        hh_id: the household to be replaced. outcome: why, a code of interview_outcome. period: from when.
        evidence: what shows it: number of a document, who confirmed it. words: what else there is to say.
    """

    hh_id: str
    outcome: str
    period: str
    evidence: str
    words: str = ""


def check_request(request: Request, recorded: str, earlier: Sequence[str]) -> Ruling:
    """Whether a request may go to the county.

    Args:
        recorded: the final outcome in the visit log of the period; the reason must be that one.
        earlier: as for :func:`ruling`.
    Raises:
        ReplacementRefused: a reason that allows none, one that the visits do not show, or no evidence.
    """
    if request.outcome != recorded:
        raise ReplacementRefused("reason and visits differ", reason="原因要与本期访问的最终结果一致")
    found = ruling(request.outcome, earlier)
    if found not in (Ruling.ALLOWED, Ruling.COUNTY):
        raise ReplacementRefused("outcome allows none", reason=found.zh)
    if len(request.evidence.strip()) < 4:
        raise ReplacementRefused("no evidence", reason="要写明佐证（不少于 4 个字）")
    return found


def check_approval(found: Ruling, rate: YearlyRate, explanation: str) -> Limit:
    """Whether the county may approve.

    Args:
        rate: with this replacement counted. explanation: in writing; needed above 15 % and for 470.
    Returns:
        Where the year stands with it; WARN is shown and does not stop.
    Raises:
        ReplacementRefused: the explanation is missing.
    """
    written = len(explanation.strip()) >= 4
    if found is Ruling.COUNTY and not written:
        raise ReplacementRefused("470 needs a decision", reason="470 要写明县级认定的依据")
    if rate.limit is Limit.EXPLAIN and not written:
        raise ReplacementRefused("above 15 percent", reason="年内替换率超过 15%，须写书面说明")
    return rate.limit


def check_period(first_period: str, period: str, until: str = "") -> None:
    """A household that came into the sample later answers from its first period on, never for earlier ones; one that left no more.

    Args:
        first_period: "" for the original sample; 2026 or 2026Q3. period: the one to be surveyed.
        until: the period from which it is out of the sample, "" while it is in.
    Raises:
        BackFilling, OutOfSample.
    """
    if first_period and _moment(period) < _moment(first_period):
        raise BackFilling("a period before the household came", first=first_period)
    if until and _moment(period) >= _moment(until):
        raise OutOfSample("a period after the household left", until=until)


def _moment(period: str) -> tuple[int, int]:
    """Periods in the order of their visits: a year's questionnaire before its quarters; a first year lets all its quarters in."""
    year, _, quarter = period.partition("Q")
    return (int(year) if year.isdigit() else 0, int(quarter) if quarter.isdigit() else 0)


def still_surveyed(lives_in: str, sample_villages: Collection[str], county: str) -> bool:
    """Whether a whole household that moved goes on being surveyed: it lives in a sample village of this county (9.6); else 420.

    Args:
        lives_in: village code by the register. county: six digits.
    """
    return lives_in.startswith(county) and lives_in in sample_villages
