"""Families of pairs of layers that people bring, with truth by construction. They were made without looking at the method."""
