"""Colour themes: one TOML file each, named like its entry point. Data only, no widget names."""
