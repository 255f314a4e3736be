"""Fits the published risk model on one simulated bank and judges it on others; prints what the model's card says.

A tool for whoever revises the model, no part of the service. It uses the service's own fold, anchor and decisions, so
what is judged is what runs. The truth about who declines is read here and nowhere else.
"""
