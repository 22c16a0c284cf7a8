"""From a workbook or an XForm to a Form."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from forms.engine.definition import Form


def load_form(
    source: bytes | str | Path,
    *,
    name: str | None = None,
    resources: Callable[[str], bytes | None] | None = None,
) -> Form:
    """Loads a questionnaire.

    Args:
        source: XForm XML (text or bytes), or an XLSForm: path or bytes of .xlsx .xls .csv .md, text of a markdown table.
        name: file name, for messages and to tell the format of bytes ("annual.csv").
        resources: attachments by file name, read at load only to find problems in them.

    Raises:
        FormRefused: with every problem found.
    """
    raise NotImplementedError
