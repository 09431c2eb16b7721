"""Chorus Pro behind the PISTE gateway: ``endpoints`` over ``wire``; French field names stand in ``fields`` only."""

from .directory import Directory
from .endpoints import ChorusPro
from .engagements import Engagements
from .flows import Flows
from .followup import FollowUp
from .lists import Lists
from .pace import Pace
from .wire import Account, Wire

__all__ = ["Account", "ChorusPro", "Directory", "Engagements", "Flows", "FollowUp", "Lists", "Pace", "Wire"]
