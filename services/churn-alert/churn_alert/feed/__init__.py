"""How far the bank has been heard: silence is judged no further, so that a feed that stops is nobody's silence."""
