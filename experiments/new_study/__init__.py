"""`mahalle init`: a study of one's own, which runs as it stands."""
