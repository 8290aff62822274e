"""The common part of two layers: coordinates readable from either, given which the two tell nothing substantial of each other."""
