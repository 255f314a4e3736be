"""A stand-in core bank: what a bank would tell Rapport, made from a seed or read from the Berka files.

It is the outside world: it imports event contracts and nothing else of Rapport, and no service knows of it.
"""
