"""A questionnaire and one filling of it, to the ODK XForms specification.

    workbook ──pyxform──▶ XForm XML ──loading──▶ Form (frozen) ──program──▶ closures and one graph of templates
                                                                                   │
                        answer, add_row, undo …  ──▶ Interview (rows and slots) ◀──┘ ──▶ Effects, NodeState, submission XML

    loading     workbook (pyxform), xform and xform_body (XML), texts, secondary (lists, tables) → Form, with every Problem
    expressions xpath/ (text → tree, functions), places and paths (references), predicates, columns, compiler, special → closures
    program     what is compiled, dependencies (one graph of templates, the order, cycles), templates (scopes and slots)
    a filling   rows (state), filling (what a change reaches), noticing (what a step has to tell), events (actions, preloads), opening, checks, labels, submission
    in front    interview (steps), looking (questions), addressing (cells), running (JSON), checking (forms check), exporting

What differs between engines, and what this one does, stands in DIFFERENCES.md. All public names are imported from here. The engine has no clock, chance, disk or network: ``Situation`` brings them in.
"""

from __future__ import annotations

from forms.engine.cells import (
    AddRow,
    Cell,
    Effects,
    MoveRow,
    RemoveRow,
    RowPath,
    SavedInterview,
    SetValue,
    Situation,
    StoredOp,
)
from forms.engine.definition import (
    ENGINE_VERSION,
    FA_NAMESPACE,
    Action,
    Bind,
    CheckDef,
    Form,
    Group,
    Item,
    Itemset,
    Node,
    Question,
    Repeat,
)
from forms.engine.interview import Interview
from forms.engine.loading import load_form
from forms.engine.problems import AnswerRefused, FormRefused, InstanceRefused, Problem
from forms.engine.state import CheckResult, Choice, NodeState, Violation

__all__ = [
    "ENGINE_VERSION",
    "FA_NAMESPACE",
    "Action",
    "AddRow",
    "AnswerRefused",
    "Bind",
    "Cell",
    "CheckDef",
    "CheckResult",
    "Choice",
    "Effects",
    "Form",
    "FormRefused",
    "Group",
    "InstanceRefused",
    "Interview",
    "Item",
    "Itemset",
    "MoveRow",
    "Node",
    "NodeState",
    "Problem",
    "Question",
    "RemoveRow",
    "Repeat",
    "RowPath",
    "SavedInterview",
    "SetValue",
    "Situation",
    "StoredOp",
    "Violation",
    "load_form",
]
