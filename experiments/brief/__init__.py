"""The brief: the answer of a comparison on one page a policy, for people who decide."""
