"""Every check of a questionnaire as a list to read: number, where it runs, error or hint, what it is about, what it says."""

from __future__ import annotations

import re
from dataclasses import dataclass

from forms.engine import Form, Question, Repeat
from forms.engine.definition import Text
from forms.questionnaires.sources import load_questionnaire

LEVELS = {"question": "题内", "interview": "整卷", "laptop": "本机", "township": "乡镇", "county": "县级"}
KINDS = {"hard": "错", "soft": "核"}
_LAST_NAME = re.compile(r"([A-Za-z_][\w.-]*)\s*$")


@dataclass(frozen=True, slots=True)
class ListedCheck:
    """One check as it stands in a form.

    Attributes:
        number: fixed number, "W-Q06"; the same number may stand at several places. "" for a constraint without one.
        level: question, interview, laptop, township or county (design of checks: the first two run in the interview, the others
            where other households are known).
        kind: "hard" (错, blocks handing in) or "soft" (核, wants a note in writing).
        about: numbers of the questions it is about, in the order of the form; a variable name where a question has no number.
        message: Chinese; 〔…〕 stands for an answer.
    """

    number: str
    level: str
    kind: str
    about: tuple[str, ...]
    message: str


def list_checks(name: str) -> tuple[ListedCheck, ...]:
    """All checks and constraints of a questionnaire in the order of the form.

    Raises:
        UnknownQuestionnaire: there is none of this name.
    """
    form = load_questionnaire(name)
    checks = {check.path: check for check in form.checks}
    found = []
    for node in form.walk():
        check = checks.get(node.path)
        if check is not None:
            about = tuple(dict.fromkeys(_number(form, path) for path in check.about))
            found.append(ListedCheck(check.id, check.level, check.kind, about, _words(form, node.label)))
        elif isinstance(node, Question) and node.bind.constraint:
            numbers = node.fa.get("id", "").split() or [""]
            message = _words(form, node.bind.constraint_message)
            found += [
                ListedCheck(number, "question", "hard", (_number(form, node.path),), message) for number in numbers
            ]
    return tuple(found)


def _number(form: Form, path: str) -> str:
    node = form.find_node(path)
    if not isinstance(node, (Question, Repeat)):
        return path.rsplit("/", 1)[-1]
    return node.number or node.name


def _words(form: Form, text: Text | None) -> str:
    """The default language's words of a text."""
    if text is None:
        return ""
    parts = text.parts
    if text.itext is not None:
        parts = form.translations[form.default_language].get(text.itext, {}).get("plain", ())
    said = []
    for part in parts:
        if isinstance(part, str):
            said.append(part)
        else:
            name = _LAST_NAME.search(part.expression)
            said.append(f"〔{_number(form, form.path_of(name[1]) or name[1]) if name else '…'}〕")
    return "".join(said).strip()
