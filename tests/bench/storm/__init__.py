"""The parts of `tests/bench/columns_storm.py`: what is drawn, what the processes do, and how it is judged."""
