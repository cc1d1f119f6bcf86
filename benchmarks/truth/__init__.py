"""The parts of ``benchmarks/truth.py``: its scenes, the references, the furnace and the peers."""
