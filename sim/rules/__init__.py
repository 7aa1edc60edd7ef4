"""Rules: pure functions of arrays, each family with its parameter group beside it."""
