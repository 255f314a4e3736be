"""Events told before the time from which they count, such as a posting valued ahead that is booked back: each waits for
its time, and is handled as if it came then."""
