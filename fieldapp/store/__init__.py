"""The encrypted store of a laptop; the only room of the client with SQL."""
