"""The embedded platform and its parts: started, watched and stopped without leftovers."""
