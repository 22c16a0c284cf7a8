"""Language, type, contrast, passphrase, about."""
