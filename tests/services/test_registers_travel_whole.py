"""Amount and unit, answer and 不清楚 travel as one value: both halves are what the author's screen showed."""

from __future__ import annotations

from fieldapp.services import interviewing, syncing
from fieldapp.services.session import Session
from fieldapp.store import drafts
from forms.engine import Cell, load_form
from sync.change import Content, Kind, RootType, Write
from sync.scope import interview_feed
from sync.server.office import Office
from tests.services.conftest import VILLAGE, County

FORM = """
| survey |         |        |       |                |
|        | type    | name   | label | bind::fa:group |
|        | decimal | amount | 数量  | crop           |
|        | text    | unit   | 单位  | crop           |
| settings |       |        |       |                |
|        | form_id | form_title | version | namespaces |
|        | quarterly | 小卷 | 2 | fa="urn:fieldapp:xforms:1" |
"""
AMOUNT, UNIT = Cell("/data/amount"), Cell("/data/unit")
Day = tuple[Session, Session, str, str]


def test_the_untouched_half_of_a_register_is_what_the_screen_showed(county: County, field_day: Day) -> None:
    enumerator, supervisor, _, assignment = field_day
    Office(county.server, now_ms=county.now_ms).publish_form("quarterly", load_form(FORM, name="small.md").xml)
    county.exchange(enumerator, supervisor)
    opened = interviewing.begin(enumerator, assignment)
    opened.save(opened.interview.answer(AMOUNT, "5"))
    opened.save(opened.interview.answer(UNIT, "公斤"))
    opened.seal()
    county.exchange(enumerator, supervisor)
    root = opened.header.interview
    # The county, with the same two values before its eyes, corrects the pair while the interview is still on the screen.
    with enumerator.database.reading() as reading:
        seen = enumerator.changes.view(reading, root).prev("amount")
    correction = Content(Kind.EDIT, (Write((), "amount", ["2.5", "斤"], seen),))
    Office(county.server, now_ms=county.now_ms).write_content(
        root, RootType.INTERVIEW, correction, feed=interview_feed(VILLAGE, "enum01"), form_version=opened.form.hash
    )
    assert syncing.exchange(enumerator, server=county.server).ok
    opened.save(opened.interview.answer(AMOUNT, "7"))
    with enumerator.database.reading() as reading:
        waiting = {op.path: op.value for op in drafts.ops_of(reading, root)}
    assert waiting == {"amount": "7", "unit": "公斤"}
    opened.seal()
    with enumerator.database.reading() as reading:
        cell = enumerator.changes.view(reading, root).cells[(), "amount"]
    assert cell.conflict
    assert sorted(head.value for head in cell.heads) == [["2.5", "斤"], ["7", "公斤"]]
