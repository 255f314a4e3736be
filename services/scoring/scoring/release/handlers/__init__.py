"""What people do to a version, and what the worker does for it in batches."""
