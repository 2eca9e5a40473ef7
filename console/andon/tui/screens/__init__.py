"""Screens over the main one: help, pager, dialogs."""
