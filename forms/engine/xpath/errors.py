"""What can be wrong with an expression, found when a form is loaded.

FieldAppError
└─ XPathError
   ├─ XPathSyntaxError      the text is no expression
   ├─ FunctionRefused       a function that the engine does not have, or the wrong number of arguments
   └─ XPathValueError       a value that no rule can make sense of, met while evaluating
"""

from __future__ import annotations

from forms.errors import FieldAppError


class XPathError(FieldAppError):
    """Root of what can be wrong with an expression."""

    zh = "表里的一个式子不能用。已存的资料没有动，请把这份表交给制表人检查。"


class XPathSyntaxError(XPathError):
    """The text is no expression.

    Args:
        text: the expression as written in the form.
        at: offset of the first character that does not fit, counted from 0.
        problem: Chinese half sentence saying what is wrong there.
    """

    zh = "式子第 {position} 个字符处有误：{problem}。请在表的源文件里改正；已存的资料没有动。"

    def __init__(self, text: str, at: int, problem: str) -> None:
        super().__init__(f"syntax error at offset {at}", position=at + 1, problem=problem)
        self.text = text
        self.at = at
        self.problem = problem


class FunctionRefused(XPathError):
    """A function that the engine does not have, or does not take these arguments.

    Args:
        name: the function as written.
        at: offset in the expression, counted from 0.
        problem: Chinese half sentence.
    """

    zh = "式子第 {position} 个字符处的函数 {name}() 不能用：{problem}。请在表的源文件里改正；已存的资料没有动。"

    def __init__(self, name: str, at: int, problem: str) -> None:
        super().__init__(f"function {name} refused", position=at + 1, name=name, problem=problem)
        self.name = name
        self.at = at
        self.problem = problem


class XPathValueError(XPathError):
    """A value that a function cannot take and that must not pass for blank, such as a place that is no place.

    Args:
        name: the function.
        problem: Chinese half sentence; it holds no answer.
    """

    zh = "函数 {name}() 得到了它不能用的值：{problem}。已填的资料没有动，请检查这一处的填答。"

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"function {name} met a value it cannot take", name=name, problem=problem)
        self.name = name
        self.problem = problem
