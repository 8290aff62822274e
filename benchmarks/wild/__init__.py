"""Families of pairs of layers that people bring, with what is true of them by construction: made without a look at the method."""
