"""Contracts: one file per producer; the only thing services know of each other."""
