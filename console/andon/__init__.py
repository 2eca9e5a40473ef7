"""Andon, the operations console of an AI factory."""
