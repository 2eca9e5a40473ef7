"""What each kind of thing is shown by: one registry for the screen, the tables and JSON."""

from __future__ import annotations

from andon.views.columns.accelerators import ACCELERATORS
from andon.views.columns.jobs import JOBS
from andon.views.columns.nodes import NODES
from andon.views.columns.queues import QUEUES
from andon.views.columns.sources import SOURCES
from andon.views.columns.spec import ColumnSpec, Context, Shown, column_names
from andon.views.columns.tenants import TENANTS

__all__ = [
    "ACCELERATORS",
    "JOBS",
    "NODES",
    "QUEUES",
    "SOURCES",
    "TENANTS",
    "ColumnSpec",
    "Context",
    "Shown",
    "column_names",
]
