"""The shadow beside live decisions, what people do to a challenger, and what the worker does for it in batches."""
