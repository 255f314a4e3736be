"""The adapter's tables and all SQL over them: postings and accounts, days, quality. All names in them are tokens."""
