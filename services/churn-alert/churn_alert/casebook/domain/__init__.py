"""Rules of the casebook, without any I/O."""
