"""Tests of what plugins build on."""
