"""Mutation testing of the folders that decide, compute and read."""
