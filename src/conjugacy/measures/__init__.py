"""Measures, one file each: adding one touches nothing else."""
