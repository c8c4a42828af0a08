"""Reads abi/miopoll.h and writes everything else that describes the ABI.

The path of a run: source.py cuts the boundary region out of the header and
preprocesses it, tags.py reads the doc comments, parse.py makes the model of
model.py, rules.py refuses what a foreign function interface could not take,
and each emit_*.py writes files from the model.
"""
