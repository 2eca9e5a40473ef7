"""The filter language of every face.

gpu-01                    free text: in what is shown, whatever the case
state=drained,down        any of a list; `*` and `?` stand for anything
mem>70GiB idle>30m        units; words beside each other must all hold
!(user=alice | user~^svc) not, or, regular expression
reason=-                  not reported
"""

from __future__ import annotations

from andon.views.filters.compile import Filter, compile_filter
from andon.views.filters.fields import FieldType, field_named
from andon.views.filters.problem import FilterError

__all__ = ["FieldType", "Filter", "FilterError", "compile_filter", "field_named"]
