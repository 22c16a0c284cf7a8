"""What to do first, per role."""
