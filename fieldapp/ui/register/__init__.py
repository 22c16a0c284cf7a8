"""名册变动: the register of one household, and what happened to its people."""
