"""The rules of alerts: which step follows which, and why an alert was opened, in words."""
