"""The tables of keeping: holds, batches and their files; what is known of a file, and how one is destroyed."""
