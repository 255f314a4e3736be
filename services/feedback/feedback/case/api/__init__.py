"""The operations of a case, by who uses them: channels hand feedback over, staff read cases, staff answer them."""
