"""F1: the keys of the current screen."""
