"""The interview: sections, question pages, grids, last time beside this time, checks, hand-in.

``presenter.py`` knows the engine and no widget; ``layout.py``, ``figures.py``, ``moments.py`` and ``codes.py`` are plain Python;
the other modules draw and report.
"""
