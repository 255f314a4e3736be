"""Purposes, and the ledger of acts on them: pure rules."""
