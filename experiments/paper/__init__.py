"""The paper: its figures, their tables and the runs behind them, each done again only where something has changed."""
