"""What may be wrong, one module for each sort of thing that can be."""
