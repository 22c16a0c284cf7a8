"""Every function of the ODK XForms specification, by subject, and the registry that names them.

registry.py   FunctionSpec, check_call      text.py     texts         dates.py    dates and times
refused.py    what is refused, and why      numbers.py  numbers       choices.py  codes of choice questions
sets.py       node-sets, shuffling          geo.py      places        digest.py   digests, base64
control.py    if, coalesce, checklists …
"""
