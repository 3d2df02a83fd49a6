"""What several formats share: grids and tables, ZIP archives, wrapped lines, numbers, raised text, phrases."""
