"""What `benchmarks.peers` compares: one workload, what is possible on it, and ways of pairing.

Nothing here but the two ways of our own imports Contraflow, so that each way can run where only
its own software is installed.
"""
