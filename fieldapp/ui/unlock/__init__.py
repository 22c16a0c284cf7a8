"""Who is using this laptop, and the passphrase."""
