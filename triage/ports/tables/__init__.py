"""What a transaction reads and writes, table by table; `store.Transaction` is all of it."""
