"""The screen: the only part of Andon that imports textual."""
