"""Rows of the database ↔ values of the core: `catalog` for configuration, `traffic` for everything else."""
