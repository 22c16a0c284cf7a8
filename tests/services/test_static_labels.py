from __future__ import annotations

from fieldapp.services.codes import code_label, status_label
from fieldapp.services.static_labels import choice_label, choices, question_label
from forms.engine import Form, load_form

FORM = """
| survey  |               |       |                  |                    |
|         | type          | name  | label::中文 (zh) | label::English (en) |
|         | select_one yn | water | 通水吗           | Water              |
|         | decimal       | money | 低保金           | Dibao              |
| choices |               |       |                  |                    |
|         | list_name     | name  | label::中文 (zh) | label::English (en) |
|         | yn            | 1     | 是               | Yes                |
|         | yn            | 2     | 否               | No                 |
| settings |              |                  |
|         | form_id       | default_language |
|         | small         | 中文 (zh)        |
"""


def test_words_are_read_from_the_form_in_its_own_language_without_running_it() -> None:
    form = Form.from_bytes(load_form(FORM, name="small.md").to_bytes())
    assert question_label(form, "/data/water") == "通水吗"
    assert choices(form, "/data/water") == (("1", "是"), ("2", "否"))
    assert choice_label(form, "/data/water", "2") == "否"
    assert choice_label(form, "/data/money", "1410.50") == "1,410.5"
    assert question_label(form, "/data/nowhere") == "nowhere"


def test_codes_have_the_words_of_the_village() -> None:
    assert code_label("hh_type", "2") == "脱贫不稳定户"
    assert code_label("reject_reason", "09") == "照抄上期"
    assert code_label("hh_type", "77") == "77"
    assert status_label(30, 26) == "填报中 26%"
