"""Chorus Pro behind the PISTE gateway: ``endpoints`` over ``wire``; French field names stand in ``fields`` only."""

from .directory import Directory
from .endpoints import ChorusPro
from .pace import Pace
from .wire import Account, Wire

__all__ = ["Account", "ChorusPro", "Directory", "Pace", "Wire"]
