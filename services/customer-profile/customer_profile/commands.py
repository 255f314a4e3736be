"""What is done about cores by hand: `check-adapter` shows what a mapping makes of records, `reconcile` finds gaps."""
