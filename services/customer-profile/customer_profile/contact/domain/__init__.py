"""Whether, when and by which channel a customer is reached, and in which words: pure rules."""
