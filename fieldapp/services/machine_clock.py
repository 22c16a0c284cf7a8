"""Whether this computer's clock can be right: laptops lie in drawers for months with an empty battery."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from fieldapp.words import _

CHINA = timezone(timedelta(hours=8))  # one zone, no summer time
_SLACK = timedelta(hours=1)
_TOO_LONG = timedelta(days=3650)


def clock_sentence(now: datetime, last: datetime | None) -> tuple[str, bool]:
    """What the unlock screen says about the clock, and whether it can be right.

    It may not stand before the last use, nor ten years after it.

    Args:
        now: of the machine, aware. last: when the program was last used; None for never, which says nothing.
    """
    if last is None:
        return "", True
    here, gap = now.astimezone(CHINA), now - last
    shown = {"year": here.year, "month": here.month, "day": here.day}
    if gap < -_SLACK:
        sentence = _("电脑时间是 {year}年{month}月{day}日，比上次用还早。今天是几号？填了再开始访户")
        return sentence.format(**shown), False
    if gap > _TOO_LONG:
        sentence = _("电脑时间是 {year}年{month}月{day}日，比上次用晚了十年。今天是几号？填了再开始访户")
        return sentence.format(**shown), False
    minutes = int(gap.total_seconds()) // 60
    hours = minutes // 60
    if hours >= 48:
        words = _("{n} 天").format(n=hours // 24)
    else:
        words = _("{n} 小时").format(n=hours) if hours else _("{n} 分钟").format(n=minutes)
    return _("比上次关机晚 {words}，时间正常").format(words=words), True
