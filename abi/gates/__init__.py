"""The gates: what keeps a release's ABI from changing. docs/abi.md has the
table of which gate catches what."""
