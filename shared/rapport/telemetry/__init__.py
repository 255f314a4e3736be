"""What a running service lets its operators see: logs, metrics and traces, none of which can carry personal data.

The rule is an allow-list, never a filter: what is not known to be harmless is not written.
"""
