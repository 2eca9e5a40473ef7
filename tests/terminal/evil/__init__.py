"""What a hostile backend would say."""
