"""Opening a county: its tables looked at and taken in, and its parameters."""
