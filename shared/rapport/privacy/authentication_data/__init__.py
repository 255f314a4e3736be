"""Class C3 of JR/T 0171-2020, found in whatever it hides: passwords and PINs, magnetic tracks, chip data, card
verification numbers, biometrics. None of it is ever kept, so whoever finds it refuses the whole.
"""

from rapport.privacy.authentication_data.searching import Found, Kind, find, find_in, find_in_bytes, may_hold

__all__ = ["Found", "Kind", "find", "find_in", "find_in_bytes", "may_hold"]
