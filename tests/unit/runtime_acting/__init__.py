"""Tests of the action engine."""
