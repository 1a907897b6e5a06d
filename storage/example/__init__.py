"""A small made-up team and its last 90 days, as the export files that a seller would have."""

from storage.example.folder import LAST_DAY, write
from storage.example.planted import Incident, incidents
from storage.example.shops import SHOPS, Person, people, units

__all__ = ["LAST_DAY", "SHOPS", "Incident", "Person", "incidents", "people", "units", "write"]
