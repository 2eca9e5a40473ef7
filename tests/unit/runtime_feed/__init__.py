"""The collector, the feed and its two ends."""
