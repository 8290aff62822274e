"""Groups among many things: linked, clustered, how stable, their means."""
