"""The household list and the page of one household."""
