"""`mahalle validate`: all 22 patterns over replications, by the city's own runs and by experiments beside them."""
