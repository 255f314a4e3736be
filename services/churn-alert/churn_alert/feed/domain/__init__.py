"""Rules of how far the bank has been heard, without I/O."""
