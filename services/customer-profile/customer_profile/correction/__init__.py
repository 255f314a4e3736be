"""Corrections that somebody asks for and another decides on: PIPL article 46, with four eyes on identity."""
