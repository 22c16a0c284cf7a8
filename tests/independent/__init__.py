"""The statistics of quarterly.md 9, computed a second time from exported CSV files alone.

Nothing of the program is imported here, not even to read a file: what these modules say about a household rests on the specification
and on the files that ``fieldapp export`` wrote. ``python -m tests.independent FOLDER`` compares every exported figure with its own.
Money is counted in whole fen, quotients are exact fractions until they are rounded, half away from zero.
"""
