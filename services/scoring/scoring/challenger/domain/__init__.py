"""The course of a customer by the challenger, and how the two courses compare over the whole book."""
