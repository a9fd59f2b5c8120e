"""Outside sources of facts about music, one file each. A new one is a `Provider` in `registry.py` and nothing else."""
