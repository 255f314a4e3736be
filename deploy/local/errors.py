"""What can go wrong with the local stack, said to a person: one line that names the remedy."""


class StackError(Exception):
    """The stack cannot do what was asked; the text names the remedy and is shown without a stack trace."""
