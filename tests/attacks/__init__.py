"""Hostile documents, workspaces, indexes, models and endpoints."""
