"""A real bank's files, Berka (PKDD'99), told as a core bank would have told them day by day."""

from simulator.berka.bank import BerkaBank
from simulator.berka.files import UnreadableFile

__all__ = ["BerkaBank", "UnreadableFile"]
