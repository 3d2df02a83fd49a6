"""Measures, scores and statistics of runs, and their comparison."""
