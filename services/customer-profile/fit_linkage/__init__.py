"""Fits the published model of duplicates on one simulated bank without its truth, and judges it on others by theirs.

A tool for whoever revises the model, no part of the service. It uses the service's own comparisons.
"""
