"""Widgets: they draw and report what the viewer did; they decide nothing."""
