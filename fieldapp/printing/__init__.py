"""Paper: data in, PDF bytes out.

    record.py              what is known of one household, as plain frozen data
    household_sections.py  which of it stands where on the household file, by role (monitoring.md 10)
    document.py            sections → PDF bytes: pages, tables, small charts, header, footer, watermark, code
    fonts.py               bundled faces, fallback for rare characters, text that copies out right
    short_code.py          the typed code beside the QR, and what the QR says
    lists.py               lists of many households

Nothing here reads the store: services collect, this room lays out. The same input gives the same bytes.
"""
