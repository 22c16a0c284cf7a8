"""A questionnaire written out for reading through: every question with its number, words, type, options, skip and checks.

Made from the compiled form and nothing else, so that what a person holds against the specification is what the program asks.
Sections are flat and in the order of asking; what the form computes is told with its formula.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from forms.engine import Form, Group, Question, Repeat
from forms.questionnaires.readable import Readable
from forms.questionnaires.written import list_name, text_words, written_choices

_INLINE_OPTIONS = 8  # longer lists stand once, at the end
_TYPES = {
    "int": "整数",
    "decimal": "小数",
    "date": "日期",
    "time": "时间",
    "dateTime": "日期和时间",
    "string": "文本",
    "boolean": "是否",
    "geopoint": "位置",
    "binary": "附件",
}
_CONTROLS = {"select1": "单选", "select": "多选", "rank": "排序", "upload": "附件", "trigger": "确认", "range": "刻度"}
_KINDS = {"hard": "错", "soft": "核"}
_LEVELS = {"question": "题内", "interview": "整卷", "laptop": "本机", "township": "乡镇", "county": "县级"}
_STATES = {"8": "不清楚", "9": "拒答"}
_ALWAYS = ("true()", "true", "1")


@dataclass(frozen=True, slots=True)
class Entry:
    """One question, computed figure, instruction or check.

    Attributes:
        number: printed number, "" for none. kind: question, computed, note, hard or soft.
        facts: type, unit, required, states, sensitivity, as short words.
        rules: (what, words) in order: 适用, 取值, 必填, 计算, 出现, 默认 …
        options: (code, label); empty when the list stands at the end under ``list_name``.
    """

    name: str
    number: str
    kind: str
    label: str
    facts: tuple[str, ...] = ()
    rules: tuple[tuple[str, str], ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    list_name: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A group or roster of the form: its heading and what stands directly in it."""

    title: str
    depth: int  # 1 for a section of the questionnaire
    rules: tuple[tuple[str, str], ...]
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class ReadingText:
    """The whole questionnaire. ``lists``: longer choice lists by name, (code, label) each."""

    form_id: str
    title: str
    version: str
    sections: tuple[Section, ...]
    lists: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    questions: int
    computed: int
    hard: int
    soft: int

    @property
    def heading(self) -> str:
        """Counts and how to read, in two sentences."""
        return (
            f"共 {self.questions} 题，计算项 {self.computed} 个，校验【错】{self.hard} 条、【核】{self.soft} 条。"
            "规则中的“题号 变量名”指那一题的答案；{花括号} 是县级参数；没有填的数在算式里按 0。"
        )


@dataclass(slots=True)
class _Making:
    form: Form
    say: Readable
    sections: list[Section] = field(default_factory=list)
    lists: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)


def reading_text(form: Form) -> ReadingText:
    """The questionnaire as it stands in the form.

    Args:
        form: any loaded form; plain XLSForms have no numbers and no edit checks, the rest reads the same.
    """
    making = _Making(form, Readable(form))
    _section(making, form.root, form.title, 0)
    entries = [entry for section in making.sections for entry in section.entries]
    count = {kind: sum(entry.kind == kind for entry in entries) for kind in ("question", "computed", "hard", "soft")}
    return ReadingText(
        form.form_id,
        form.title,
        form.version,
        tuple(making.sections),
        tuple(sorted(making.lists.items())),
        count["question"],
        count["computed"],
        count["hard"],
        count["soft"],
    )


def _section(making: _Making, node: Group | Repeat, title: str, depth: int) -> None:
    """A section and after it those below; the order within stays that of asking."""
    entries: list[Entry] = []
    head, rules = title if depth else "", _section_rules(making, node)

    def put() -> None:
        """What has gathered becomes a piece of the section; only the first piece carries the heading."""
        nonlocal head, rules
        if entries or head:
            making.sections.append(Section(head, depth, rules, tuple(entries)))
        entries.clear()
        head, rules = "", ()

    for child in node.children:
        if isinstance(child, Question):
            entry = _entry(making, child)
            if entry is not None:
                entries.append(entry)
        elif not (depth == 0 and child.name == "meta"):
            put()
            _section(making, child, _title(making, child), depth + 1)
    put()


def _title(making: _Making, node: Group | Repeat) -> str:
    label = text_words(making.form, node.label).strip() or node.name
    number = node.number or ""
    words = label if not number or label.startswith(number) else f"{number} {label}"
    return f"{words}（名册，一行一条）" if isinstance(node, Repeat) else words


def _section_rules(making: _Making, node: Group | Repeat) -> tuple[tuple[str, str], ...]:
    rules = []
    if node.bind.relevant:
        rules.append(("适用", making.say.words(node.bind.relevant, node.path)))
    if isinstance(node, Repeat) and node.count:
        rules.append(("行数", making.say.words(node.count, node.path)))
    return tuple(rules)


def _entry(making: _Making, node: Question) -> Entry | None:
    if node.is_attribute or node.injected or node.name.endswith(("__st", "__ok")):
        return None
    label = " ".join(text_words(making.form, node.label, _said(making)).split())
    if node.fa.get("check"):
        return _check(making, node, label)
    if node.control is None and not node.calculated:
        return None  # a hidden node that something else fills
    kind = "note" if node.is_note else "computed" if node.calculated else "question"
    options, name = _options(making, node)
    return Entry(node.name, node.number or "", kind, label, _facts(node), _rules(making, node), options, name)


def _said(making: _Making) -> Callable[[str, str], str]:
    return lambda expression, path: f"〔{making.say.words(expression, path)}〕"


def _check(making: _Making, node: Question, label: str) -> Entry:
    about = "、".join(making.say.name(path) for path in _about(making.form, node))
    level = _LEVELS.get(node.fa.get("level", "interview"), "")
    rules = [("出现", making.say.words(node.bind.relevant, node.path))] if node.bind.relevant else []
    facts = tuple(word for word in (level, f"关于 {about}" if about else "") if word)
    return Entry(node.name, node.fa.get("id", node.name), node.fa["check"], label, facts, tuple(rules))


def _about(form: Form, node: Question) -> tuple[str, ...]:
    return next((check.about for check in form.checks if check.path == node.path), ())


def _facts(node: Question) -> tuple[str, ...]:
    said = [_CONTROLS.get(node.control or "", "") or _TYPES.get(node.type, node.type)]
    if node.is_note:
        said = ["只显示"]
    if node.fa.get("unit"):
        said.append(f"单位：{node.fa['unit']}")
    if node.bind.required in _ALWAYS:
        said.append("必填")
    if node.nonresponse:
        said.append("可" + "、可".join(_STATES[code] for code in node.nonresponse))
    if node.readonly_static and not node.is_note and not node.calculated:
        said.append("只读")
    if node.fa.get("prefill"):
        said.append("预填上次，要确认")
    if node.fa.get("class"):
        said.append(node.fa["class"])
    return tuple(said)


def _rules(making: _Making, node: Question) -> tuple[tuple[str, str], ...]:
    bind, say = node.bind, making.say.words
    found = []
    if bind.relevant:
        found.append(("适用", say(bind.relevant, node.path)))
    if bind.required and bind.required not in _ALWAYS and bind.required not in ("false()", "false", "0"):
        found.append(("必填", say(bind.required, node.path)))
    if bind.constraint:
        message = " ".join(text_words(making.form, bind.constraint_message).split())
        found.append(("取值", say(bind.constraint, node.path) + (f"（否则：{message}）" if message else "")))
    if bind.calculate:
        found.append(("计算", say(bind.calculate, node.path)))
    if bind.readonly and not node.readonly_static:
        found.append(("只读", say(bind.readonly, node.path)))
    if node.default:
        found.append(("默认", node.default))
    hint = " ".join(text_words(making.form, node.hint).split())
    if hint:
        found.append(("提示", hint))
    return tuple(found)


def _options(making: _Making, node: Question) -> tuple[tuple[tuple[str, str], ...], str]:
    found = tuple((code, " ".join(label.split())) for code, label in written_choices(making.form, node.path))
    if not found:
        return ((), "由前面的答案而来") if node.itemset is not None else ((), "")
    name = list_name(making.form, node.path)
    if len(found) <= _INLINE_OPTIONS or not name:
        return found, ""
    making.lists.setdefault(name, found)
    return (), name


# --- as text ----------------------------------------------------------------------------------------------------------


def markdown(text: ReadingText) -> str:
    """The reading text as Markdown, one block a question."""
    return "\n".join(_markdown_lines(text)) + "\n"


def entry_head(entry: Entry) -> tuple[str, str]:
    """Number and words of an entry: ``QA10``, ``停水、断水的天数``; of a check ``【核 W-Q08】`` and its message."""
    if entry.kind in _KINDS:
        return f"【{_KINDS[entry.kind]} {entry.number}】", entry.label
    return entry.number, entry.label or ("计算项" if entry.kind == "computed" else "")


def entry_lines(entry: Entry) -> Iterator[tuple[str, str]]:
    """What stands under the head: (what, words)."""
    yield from entry.rules
    if entry.options:
        yield ("选项", "；".join(f"{code} {label}" for code, label in entry.options))
    elif entry.list_name:
        yield ("选项", entry.list_name if entry.list_name.startswith("由") else f"见选项表 {entry.list_name}")


def _markdown_lines(text: ReadingText) -> Iterator[str]:
    yield f"# {text.title}"
    yield ""
    yield f"{text.form_id}　版本 {text.version or '—'}　{text.heading}"
    for section in text.sections:
        if section.title:
            yield ""
            yield f"{'#' * min(section.depth + 1, 6)} {section.title}"
            yield from (f"*{what}：{words}*" for what, words in section.rules)
        for entry in section.entries:
            yield ""
            facts = "，".join(entry.facts)
            number, words = entry_head(entry)
            head = f"**{number}** {words}" if number else f"**{words}**"
            yield f"{head}　`{entry.name}`" + (f"　{facts}" if facts else "")
            for what, said in entry_lines(entry):
                yield f"- {what}：{said}"
    if text.lists:
        yield ""
        yield "## 选项表"
    for name, options in text.lists:
        yield ""
        yield f"**{name}**（{len(options)} 项）"
        yield "；".join(f"{code} {label}" for code, label in options)
