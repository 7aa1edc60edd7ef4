"""Answers for people who decide: what a comparison says, in numbers and in words, who loses, what would change it.

The page, the brief and `mahalle compare` take their numbers and words from here.
"""
