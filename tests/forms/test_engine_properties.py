"""Properties of the engine on random forms: whatever was answered in whatever order, the state is the one that the answers
alone make.

FIELDAPP_PROPERTY_RUNS sets how many forms each property is tried on (default: a few; 10000 for a night).
"""

import os

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forms.engine import Effects, Interview
from tests.forms.random_forms import STEPS, Disk, Ids, dense_form, forms, loaded, situation, snapshot, take

RUNS = int(os.environ.get("FIELDAPP_PROPERTY_RUNS", "25"))
FORMS = st.just(dense_form()) | forms()
often = settings(
    max_examples=RUNS,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)


def opened(xml, ids=None):
    form = loaded(xml)
    return form, Interview.begin(form, situation(ids))


@often
@given(FORMS, STEPS)
def test_the_state_after_any_steps_is_that_of_a_fresh_computation(xml, steps):
    form, interview = opened(xml)
    for step in steps:
        take(form, interview, step)
        fresh = Interview.resume(form, interview.saved(), situation())
        assert snapshot(form, fresh) == snapshot(form, interview)
        assert fresh.submission_xml() == interview.submission_xml()


@often
@given(FORMS, STEPS)
def test_an_interview_closed_after_every_step_goes_on_like_one_never_closed(xml, steps):
    ids = Ids()
    form, interview = opened(xml, ids)
    for number, step in enumerate(steps):
        again = Interview.resume(form, interview.saved(), situation(ids))
        # Effects tell of labels and choices that somebody has looked at.
        assert snapshot(form, again) == snapshot(form, interview)
        ids.next = 1000 * number
        one = take(form, again, step)
        ids.next = 1000 * number
        assert take(form, interview, step) == one
        assert snapshot(form, again) == snapshot(form, interview)
        assert again.saved() == interview.saved()


@often
@given(FORMS, STEPS)
def test_undoing_a_step_restores_what_was_there(xml, steps):
    form, interview = opened(xml)
    for step in steps:
        before, rows = snapshot(form, interview), interview.saved().rows
        effects = take(form, interview, step)
        if effects is not None:
            interview.undo(effects)
        assert snapshot(form, interview) == before
        assert interview.saved().rows == rows
        take(form, interview, step)


@often
@given(FORMS, STEPS)
def test_effects_name_every_cell_that_changed(xml, steps):
    form, interview = opened(xml)
    for step in steps:
        before = snapshot(form, interview)
        effects = take(form, interview, step) or Effects()
        after = snapshot(form, interview)
        changed = {cell for cell in before.keys() & after.keys() if before[cell] != after[cell]}
        assert changed <= effects.changed
        assert bool(effects.rows) == (list(before) != list(after))


@often
@given(FORMS, STEPS)
def test_the_stored_operations_alone_make_the_same_interview(xml, steps):
    form, interview = opened(xml)
    disk = Disk(interview.saved())
    for step in steps:
        effects = take(form, interview, step)
        if effects is not None:
            disk.write(effects.stored)
        fresh = Interview.resume(form, disk.saved(), situation())
        assert snapshot(form, fresh) == snapshot(form, interview)


@often
@given(FORMS, STEPS)
def test_what_undo_writes_brings_the_disk_back_too(xml, steps):
    form, interview = opened(xml)
    for step in steps:
        disk, before = Disk(interview.saved()), snapshot(form, interview)
        effects = take(form, interview, step)
        if effects is None:
            continue
        disk.write(effects.stored)
        disk.write(interview.undo(effects).stored)
        fresh = Interview.resume(form, disk.saved(), situation())
        assert snapshot(form, fresh) == before
        take(form, interview, step)
