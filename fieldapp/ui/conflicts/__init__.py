"""The desk where two values of one cell are decided."""
