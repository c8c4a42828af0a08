"""Where things are."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ABI = ROOT / "abi"
HEADER = ABI / "miopoll.h"
