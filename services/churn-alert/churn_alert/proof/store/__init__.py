"""The table of outcomes, and all SQL of proof."""
