"""``fieldapp forms run``: a form without a window, as JSON. The contract is that of the engine cases.

State: ``languages``, ``language``, ``valid``, ``violations``, ``nodes``, ``submission``; a trace gives the first whole state and for
each step what it ``changed`` and which references are ``gone``. Clock and chance stand still where a job says so.
"""

from __future__ import annotations

import json
import logging
import random
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from forms.engine.addressing import reference
from forms.engine.attachments import LAST_SAVED, file_name
from forms.engine.cells import Cell, SavedInterview, Situation
from forms.engine.datatypes import fit_computed
from forms.engine.definition import Form, Question
from forms.engine.interview import Interview
from forms.engine.loading import load_form
from forms.engine.problems import AnswerRefused, FormRefused, Problem
from forms.engine.rows import Row
from forms.engine.templates import Template
from forms.errors import FieldAppError

log = logging.getLogger(__name__)

Resources = Callable[[str], bytes | None]
State = dict[str, Any]
_PRELOAD = {"deviceID": "deviceid", "phoneNumber": "phonenumber", "email": "email", "username": "username"}
_KINDS = {None: "model-value", "select1": "select"}


def situation_of(instant: str | None, resources: Resources, properties: Mapping[str, str]) -> Situation:
    """A situation; with an instant the clock and chance stand still and identifiers are numbered."""
    if instant is None:
        return Situation(
            lambda: datetime.now(UTC).astimezone(), lambda: uuid.uuid4().hex, random.random, properties, resources
        )
    moment = datetime.fromisoformat(instant.replace("Z", "+00:00")).astimezone()
    chance = random.Random(0x2F6E2B1)
    drawn = iter(range(1, sys.maxsize))
    return Situation(lambda: moment, lambda: f"{next(drawn):032x}", chance.random, properties, resources)


class Run:
    """One form being run: steps in, states out."""

    def __init__(self, form: Form, situation: Situation, options: Mapping[str, Any]) -> None:
        self._form = form
        self._situation = situation
        self._options = options
        self._resources = situation.resource
        self._last_saved: str | None = options.get("last_saved")
        self._check_attachments()
        edit = options.get("edit")
        if edit is not None:
            self.interview = Interview.from_submission(
                form, edit, self._now(), edit=True, language=options.get("language")
            )
        else:
            self.interview = self._begin()

    def _now(self) -> Situation:
        def resource(name: str) -> bytes | None:
            if name == LAST_SAVED:
                return self._last_saved.encode() if self._last_saved is not None else None
            return self._resources(name)

        s = self._situation
        return Situation(s.now, s.new_row_id, s.random, s.properties, resource)

    def _check_attachments(self) -> None:
        if str(self._options.get("missing", "")).upper() == "BLANK":
            return
        missing = [
            file_name(source.src)
            for source in self._form.instances.values()
            if source.src and file_name(source.src) != LAST_SAVED and self._resources(file_name(source.src)) is None
        ]
        if missing:
            problems = tuple(Problem("E063", f"缺少附件“{name}”。", "请把它放在资料夹里。") for name in missing)
            raise FormRefused(problems, self._form.name)

    def _begin(self) -> Interview:
        defaults: dict[Cell, str] = {}
        for path, value in (self._options.get("defaults") or {}).items():
            full = path if path.startswith("/") else f"{self._form.root.path}/{path}"
            if "@" not in full and self._form.find_node(full) is not None:
                defaults[Cell(full)] = str(value)
        return Interview.begin(self._form, self._now(), language=self._options.get("language"), defaults=defaults)

    def step(self, step: Mapping[str, Any]) -> None:
        """One step.

        Raises:
            FieldAppError, KeyError: the form refuses it; nothing changed.
        """
        interview = self.interview
        match step.get("op"):
            case "set":
                self._set(step["ref"], _text_of(step.get("value")))
            case "add_repeat":
                after = step.get("after")
                for extra in range(int(step.get("count") or 1)):
                    ids = interview.rows(step["ref"])
                    index = len(ids) - 1 if after is None else int(after) + extra
                    previous = ids[index] if 0 <= index < len(ids) else None
                    interview.add_row(step["ref"], after=previous)
            case "remove_repeat":
                first = interview.cell(step["ref"])
                if not first.rows:
                    raise AnswerRefused("这里不是一行，", "not a row")
                ids = interview.rows(Cell(first.path, first.rows[:-1]))
                start = ids.index(first.rows[-1])
                for row_id in ids[start : start + int(step.get("count") or 1)]:
                    interview.remove_row(Cell(first.path, (*first.rows[:-1], row_id)))
            case "language":
                interview.set_language(step["name"])
            case "reopen":
                self._reopen(step.get("how"))
            case other:
                raise AnswerRefused("不认识这个步骤，", f"no such operation: {other}")

    def _set(self, ref: str, value: str) -> None:
        """A fraction for a whole number loses it; another answer that the type cannot hold leaves blank (E; the peers' authors say
        so), and is reported."""
        interview = self.interview
        try:
            interview.answer(ref, value)
        except AnswerRefused as refused:
            if not refused.unfit:
                raise
            kind = interview.state(ref).type
            whole = fit_computed(kind, value) if kind == "int" else ""
            interview.answer(ref, whole)
            if not whole:
                raise

    def _reopen(self, how: object) -> None:
        interview = self.interview
        language = interview.language or None
        if how == "new":
            self._last_saved = interview.submission_xml()
            self.interview = self._begin()
        elif how == "edit":
            xml = interview.submission_xml()
            self.interview = Interview.from_submission(self._form, xml, self._now(), edit=True, language=language)
        else:
            saved: SavedInterview = interview.saved()
            self.interview = Interview.resume(self._form, saved, self._now(), language=language)

    def state(self) -> State:
        """The whole state."""
        interview = self.interview
        violations = [{"ref": interview.ref(v.cell), "condition": v.condition} for v in interview.violations()]
        return {
            "languages": list(self._form.languages),
            "language": interview.language or None,
            "valid": not violations,
            "violations": violations,
            "nodes": [node_state(interview, row, template) for row, template in _shown(interview)],
            "submission": interview.submission_xml(),
        }


def _text_of(value: object) -> str:
    """A step's value as text: lists are several choices, an object is a place."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return " ".join(str(one) for one in value)
    if isinstance(value, dict):
        parts = (value.get("latitude"), value.get("longitude"), value.get("altitude"), value.get("accuracy"))
        return " ".join("0" if part is None else str(part) for part in parts)
    return str(value)


def _shown(interview: Interview) -> Iterator[tuple[Row, Template]]:
    for row, template in interview.walk():
        node = template.node
        if isinstance(node, Question) and node.injected and not row.text[template.slot]:
            continue
        yield row, template


def node_state(interview: Interview, row: Row, template: Template) -> State:
    """One node as JSON."""
    cell = row.cell(template)
    state = interview.state(cell)
    node = template.node
    kind = node.kind
    if isinstance(node, Question):
        kind = "note" if node.is_note else _KINDS.get(node.control, node.control or "")
    entry: State = {
        "ref": reference(row, template),
        "kind": kind,
        "relevant": state.relevant,
        "readonly": state.readonly,
        "required": state.required,
    }
    label, hint, media = interview.label(cell), interview.hint(cell), interview.media(cell)
    if label:
        entry["label"] = label
    if hint:
        entry["hint"] = hint
    if media:
        entry["media"] = dict(media)
    if isinstance(node, Question):
        entry["type"] = state.type
        entry["value"] = state.value if state.relevant else ""
        entry["constraint_ok"] = state.constraint_ok
        entry["required_ok"] = state.required_ok
        if state.message:
            entry["message"] = state.message
        if node.items or node.itemset is not None:
            entry["choices"] = [{"value": c.value, "label": c.label} for c in interview.choices(cell)]
    if node.appearances:
        entry["appearances"] = list(node.appearances)
    attributes = {a.name[1:]: row.seen[a.slot] for a in template.attributes.values()}
    if attributes:
        entry["attributes"] = attributes
    return entry


def run_steps(run: Run, steps: list[Mapping[str, Any]], *, trace: bool) -> tuple[list[State], State]:
    """Does the steps. Gives the trace (empty without ``trace``) and the last state.

    Raises:
        FieldAppError, KeyError: a step is refused and there is no trace to say so.
    """
    before = run.state() if trace else {}
    entries: list[State] = [{"state": before}] if trace else []
    for step in steps:
        if not isinstance(step, dict):
            raise AnswerRefused("步骤要写成 {“op”：…}，", "a step is no object")
        entry: State = {"step": dict(step)}
        try:
            run.step(step)
        except (FieldAppError, LookupError, TypeError, ValueError, AttributeError) as error:
            if not trace:
                raise
            entry["error"] = sentence_of(error)
        if trace:
            after = run.state()
            entry.update(_delta(before, after))
            before = after
            entries.append(entry)
    return entries, before if trace else run.state()


def _delta(before: State, after: State) -> State:
    old = {node["ref"]: node for node in before["nodes"]}
    now = {node["ref"] for node in after["nodes"]}
    changed = [node for node in after["nodes"] if old.get(node["ref"]) != node]
    return {"changed": changed, "gone": [ref for ref in old if ref not in now]}


def sentence_of(error: Exception) -> str:
    """What went wrong, in Chinese where the error knows it."""
    if isinstance(error, FormRefused):
        return "；".join(problem.sentence() for problem in error.problems)
    if isinstance(error, FieldAppError):
        return error.sentence()
    return f"步骤不能做：{error}"


def run_job(job: Mapping[str, Any]) -> State:
    """One job of ``--jobs``."""
    options = job.get("options") or {}
    texts = {file_name(name): text for name, text in (job.get("resources") or {}).items()}

    def resources(name: str) -> bytes | None:
        text = texts.get(name)
        return text.encode("utf-8") if text is not None else None

    try:
        properties = {_PRELOAD.get(k, k): str(v) for k, v in (options.get("preload") or {}).items()}
        form = load_form(str(job["form"]), resources=resources)
        run = Run(form, situation_of(job.get("clock"), resources, properties), options)
        trace, final = run_steps(run, list(job.get("steps") or []), trace=True)
    except (FieldAppError, KeyError, ValueError, TypeError) as error:
        return {"id": job.get("id"), "error": sentence_of(error)}
    return {"id": job.get("id"), "trace": trace, "final": final}


def run_jobs(lines: Iterator[str], out: Callable[[str], object]) -> None:
    """Jobs, one a line; an answer a line. A line that is no job gets an answer too, and so does one that meets a bug of ours."""
    for line in lines:
        if line.strip():
            out(json.dumps(_answer_line(line), ensure_ascii=False) + "\n")


def _answer_line(line: str) -> State:
    try:
        job = json.loads(line)
    except (ValueError, RecursionError):
        return {"id": None, "error": "这一行不是 JSON。"}
    if not isinstance(job, dict):
        return {"id": None, "error": "这一行不是任务。"}
    try:
        return run_job(job)
    except Exception as error:
        # The other lines are still to be answered. The bug is named by its kind and place; values may be somebody's answers.
        log.exception("a job met a bug")
        place = error.__traceback__
        while place is not None and place.tb_next is not None:
            place = place.tb_next
        where = f"{Path(place.tb_frame.f_code.co_filename).name}:{place.tb_lineno}" if place is not None else ""
        return {"id": job.get("id"), "error": f"程序出错（{type(error).__name__} {where}），这个任务没有做完。"}


def run_form(
    path: Path,
    *,
    steps: Path | None = None,
    resources: list[Path] | None = None,
    missing: str = "ERROR",
    edit: Path | None = None,
    now: str | None = None,
    language: str | None = None,
    trace: bool = False,
) -> State:
    """One form from a file, with what the command line gives.

    Raises:
        FieldAppError: refused.
    """
    folders = [*(resources or []), path.parent]

    def resource(name: str) -> bytes | None:
        for folder in folders:
            file = folder / Path(name).name
            if file.is_file():
                return file.read_bytes()
        return None

    options: dict[str, Any] = {"missing": missing, "language": language}
    if edit is not None:
        options["edit"] = edit.read_text(encoding="utf-8")
    form = load_form(path, resources=resource)
    run = Run(form, situation_of(now, resource, {}), options)
    todo = json.loads(steps.read_text(encoding="utf-8-sig")) if steps is not None else []
    if not isinstance(todo, list):
        raise AnswerRefused("步骤文件里要写一个列表，", "steps are no list")
    entries, final = run_steps(run, todo, trace=trace)
    return {"trace": entries, "final": final} if trace else final


def main_run(options: Any) -> int:
    """``forms run`` with parsed options (``form``, ``steps``, ``resources``, ``missing``, ``edit``, ``now``, ``form_language``,
    ``trace``, ``jobs``). Gives the exit code: 0, 1 refused, 2 usage."""
    if options.jobs:
        return _main_jobs(options.jobs)
    if not options.form:
        sys.stderr.write("请写问卷文件，或用 --jobs。\n")
        return 2
    try:
        answer = run_form(
            _path_of(options.form),
            steps=options.steps,
            resources=options.resources,
            missing=options.missing,
            edit=options.edit,
            now=options.now,
            language=options.form_language,
            trace=options.trace,
        )
    except FieldAppError as error:
        sys.stdout.write(json.dumps({"error": sentence_of(error)}, ensure_ascii=False) + "\n")
        return 1
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        sys.stdout.write(json.dumps({"error": f"步骤或文件不能用：{error}"}, ensure_ascii=False) + "\n")
        return 1
    sys.stdout.write(json.dumps(answer, ensure_ascii=False, indent=1) + "\n")
    return 0


def _main_jobs(name: str) -> int:
    for stream in (sys.stdin, sys.stdout):
        if hasattr(stream, "reconfigure"):
            # JSON is UTF-8 whatever the console speaks.
            stream.reconfigure(encoding="utf-8")
    if name == "-":
        run_jobs(iter(sys.stdin.readline, ""), sys.stdout.write)
        return 0
    try:
        with Path(name).open(encoding="utf-8") as lines:
            run_jobs(iter(lines.readline, ""), sys.stdout.write)
    except OSError:
        sys.stderr.write(f"读不到任务文件“{name}”。\n")
        return 1
    return 0


def _path_of(name: str) -> Path:
    path = Path(name)
    if path.exists() or path.suffix or "/" in name:
        return path
    return next((p for p in (path.with_suffix(e) for e in (".csv", ".xlsx", ".xml")) if p.exists()), path)
