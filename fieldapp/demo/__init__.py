"""The demonstration: a county from nothing, and one whole day of it. Everything in it is real but the people.

county.py   the county server on loopback, its villages, accounts, questionnaires, households and earlier waves
window.py   a laptop of that county with the window open
day.py      the same day played by itself through real windows, with what it made and counted
"""
