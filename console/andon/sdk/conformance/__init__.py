"""The clauses of the plugin contract, as code that says which one is broken and how.

Used by `andon.sdk.testing`: by the tests of a plugin, and by `andon plugins check` without pytest.
"""
