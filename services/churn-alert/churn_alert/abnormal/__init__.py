"""Abnormal activity: leads by reporting rules, patterns and the own range, for compliance and nobody else."""
