"""One file for reviewers: the project, the paper's tables and figures, and descriptions that machines read."""
