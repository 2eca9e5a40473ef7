"""The Slurm plugin without a Slurm: parsing, meaning, drafts."""
