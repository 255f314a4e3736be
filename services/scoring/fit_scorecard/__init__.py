"""Fits the published scorecard on one simulated bank, judges it on others, and writes it with the card that says so.

A tool for whoever revises the scorecard, no part of the service. It uses the service's own fold and features, so what
is fitted is what decides. What customers contribute is reckoned here and nowhere else.
"""
