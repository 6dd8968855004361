"""Postings: requests that are processed at once, worked in groups that commit together, each with an answer of its own."""

from domain.services.posting.desk import Desk, Overloaded

__all__ = ["Desk", "Overloaded"]
