"""The rules of playbooks: which one fits, who is held out, and what a set of them may not say."""
