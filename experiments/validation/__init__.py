"""`mahalle validate`: all 28 patterns over replications, by the city's own runs and by experiments beside them."""
