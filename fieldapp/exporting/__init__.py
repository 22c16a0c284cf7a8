"""Data out for those who analyse it: tables in, files out. Services decide who may see what; this room only writes.

table.py      Column and Table: what every writer takes
files.py      writes to a temporary name first: a full disk leaves no half file
csv_files.py  one CSV a table, for WPS, Excel and statistics programs
workbook.py   one XLSX: a sheet a table, frozen headings, labels, a codebook
codebook.py   variables, labels, codes
"""
