"""Lets the tests import the generator and the gates."""

import sys

from abi_paths import ABI

sys.path.insert(0, str(ABI))
