"""Who publishes open data in Germany, and through which portals."""
