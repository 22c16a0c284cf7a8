"""Choices: written out, from lists and attachments, filtered, shuffled, from rows."""

import pytest

from forms.engine import AnswerRefused, Cell, InstanceRefused, Interview, load_form
from tests.forms.conftest import still, survey

PLACES = """
    | type            | name   | label | choice_filter      | calculation                                   | parameters           |
    | select_one area | area   | Area  |                    |                                               |                      |
    | select_one town | town   | Town  | in = ${area}       |                                               |                      |
    | calculate       | called |       |                    | jr:choice-name(${town}, '/data/town')         |                      |
    | select_multiple town | seen | Seen | in = ${area}      |                                               |                      |
    | select_one town | mixed  | Mixed |                    |                                               | randomize=true, seed=7 |
"""
LISTS = """
    | list_name | name | label::English (en) | label::中文 (zh) | in |
    | area      | n    | North               | 北               |    |
    | area      | s    | South               | 南               |    |
    | town      | a    | Alba                | 阿               | n  |
    | town      | b    | Bree                | 布               | n  |
    | town      | c    | Cale                | 凯               | s  |
"""


@pytest.fixture
def places(interview_of):
    return interview_of(PLACES, LISTS)


def codes(interview, name):
    return [choice.value for choice in interview.choices(name)]


def test_choices_follow_the_answer_that_filters_them(places):
    assert codes(places, "town") == []
    effects = places.answer("area", "n")
    assert Cell("/data/town") in effects.changed
    assert codes(places, "town") == ["a", "b"]


def test_a_choice_filtered_away_blanks_and_returns_with_all_that_reads_it(places):
    places.answer("area", "n")
    places.answer("town", "b")
    places.answer("seen", "b a")
    assert (places.value("called"), places.value("seen")) == ("Bree", "a b")
    places.answer("area", "s")
    assert [places.value(name) for name in ("town", "called", "seen")] == ["", "", ""]
    places.answer("area", "n")
    assert [places.value(name) for name in ("town", "called", "seen")] == ["b", "Bree", "a b"]


def test_a_code_that_is_not_offered_is_refused(places):
    places.answer("area", "n")
    with pytest.raises(AnswerRefused):
        places.answer("town", "c")


def test_names_of_choices_follow_the_language(places):
    places.answer("area", "n")
    places.answer("town", "a")
    places.set_language("中文 (zh)")
    assert (places.value("called"), places.choices("town")[0].label, places.choice_label("town", "b")) == (
        "阿",
        "阿",
        "布",
    )


def test_a_seed_shuffles_the_same_way_every_time(places, interview_of):
    assert sorted(codes(places, "mixed")) == ["a", "b", "c"]
    assert codes(places, "mixed") == codes(interview_of(PLACES, LISTS), "mixed")


FROM_FILE = """
    | type                           | name    | label | choice_filter   | calculation                                                                    |
    | text                           | region  | R     |                 |                                                                                |
    | select_one_from_file towns.csv | town    | T     | r = ${region}   |                                                                                |
    | csv-external                   | prev    |       |                 |                                                                                |
    | calculate                      | size    |       |                 | pulldata('towns', 'size', 'name', ${town})                                     |
    | calculate                      | before  |       |                 | instance('prev')/root/item[row = '' and kind = 'q']/value                      |
"""
TOWNS = "\ufeffname,label,r,size\na,Alba,1,10\nb,Bree,1,20\nc,Cale,2,30\n"


def test_attachments_are_read_and_looked_up(interview_of):
    interview = interview_of(FROM_FILE, resources={"towns.csv": TOWNS, "prev.csv": "row;kind;value\n;q;7\nr1;q;8\n"})
    interview.answer("region", "1")
    assert [choice.label for choice in interview.choices("town")] == ["Alba", "Bree"]
    interview.answer("town", "b")
    assert (interview.value("size"), interview.value("before")) == ("20", "7")


def test_a_missing_attachment_is_empty(interview_of):
    interview = interview_of(FROM_FILE)
    interview.answer("region", "1")
    assert (interview.choices("town"), interview.value("size"), interview.value("before")) == ((), "", "")


def test_an_attachment_that_cannot_be_read_is_refused_in_one_sentence(interview_of):
    with pytest.raises(InstanceRefused) as refused:
        interview_of(FROM_FILE, resources={"prev.csv": "a,a\n1,2\n"})
    assert "prev.csv" in refused.value.sentence()


GEOJSON = """{"type": "FeatureCollection", "features": [{"type": "Feature", "id": "w1",
 "geometry": {"type": "Point", "coordinates": [102.5, 0.5]}, "properties": {"title": "Well", "depth": 12.5, "dry": false}}]}"""


def test_geojson_features_are_items_with_their_place(interview_of):
    interview = interview_of(
        """
        | type                            | name  | label | calculation                                            |
        | select_one_from_file ws.geojson | well  | Well  |                                                        |
        | calculate                       | place |       | instance('ws')/root/item[id = ${well}]/geometry        |
        | calculate                       | depth |       | instance('ws')/root/item[id = ${well}]/depth           |
        """,
        resources={"ws.geojson": GEOJSON},
    )
    assert [(choice.value, choice.label) for choice in interview.choices("well")] == [("w1", "Well")]
    interview.answer("well", "w1")
    assert (interview.value("place"), interview.value("depth")) == ("0.5 102.5 0 0", "12.5")


def test_choices_of_an_external_list_come_from_itemsets_csv():
    table = """
        | type                      | name   | label | choice_filter |
        | text                      | region | R     |               |
        | select_one_external towns | town   | T     | r=${region}   |
    """
    external = "\n| external_choices |\n| | list_name | name | label | r |\n| | towns | a | Alba | 1 |"
    files = {"itemsets.csv": "list_name,name,label,r\ntowns,a,Alba,1\ntowns,b,Bree,2\nroads,c,Cart,1\n"}
    interview = Interview.begin(load_form(survey(table) + external, name="x.md"), still(files))
    interview.answer("region", "1")
    assert [(choice.value, choice.label) for choice in interview.choices("town")] == [("a", "Alba")]


OUTPUTS = """
    | type            | name | label             | calculation                  | choice_filter      |
    | text            | who  | Who               |                              |                    |
    | text            | only | Only              |                              |                    |
    | select_one kind | kind | Kind              |                              | ${only} = '' or name = ${only} |
    | calculate       | said |                   | jr:choice-name(${kind}, '${kind}') |              |
"""
KINDS = """
    | list_name | name  | label           |
    | kind      | house | House of ${who} |
    | kind      | farm  | Farm            |
"""


def test_a_choice_label_with_an_answer_in_it_follows_the_answer(interview_of):
    interview = interview_of(OUTPUTS, KINDS)
    interview.answer("kind", "house")
    assert interview.choices("kind")[0].label == "House of"
    effects = interview.answer("who", "Li")
    assert interview.choices("kind")[0].label == "House of Li"
    assert Cell("/data/kind") in effects.changed


def test_the_name_of_a_choice_follows_the_answers_in_its_label_and_in_its_filter(interview_of):
    interview = interview_of(OUTPUTS, KINDS)
    interview.answer("kind", "house")
    interview.answer("who", "Li")
    assert interview.value("said") == "House of Li"
    interview.answer("only", "farm")
    assert interview.value("said") == ""
    interview.answer("only", "")
    assert interview.value("said") == "House of Li"
