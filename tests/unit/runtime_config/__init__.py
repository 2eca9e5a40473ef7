"""Tests of configuration, discovery and sources."""
