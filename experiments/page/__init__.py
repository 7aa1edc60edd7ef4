"""The page for policymakers: a server, stored answers, and live runs."""
