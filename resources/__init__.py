"""Fonts, icons, translations, help pages: data only, found through ``fieldapp.assets``."""
