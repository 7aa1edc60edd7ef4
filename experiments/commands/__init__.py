"""One module a command of `mahalle`; each imports what is slow only when it is called."""
