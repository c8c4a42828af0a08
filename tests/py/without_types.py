"""Imported first, it takes from the extension the types that it has on CPython
only, so that the package does as on PyPy: `python -c`, or `pytest -p`."""

import importlib.abc
import importlib.machinery
import sys

TYPES = ("Waiter", "SourceBase", "Reads", "Writes", "Datagrams")


class WithoutTypes(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name != "miopoll._miopoll":
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        load = spec.loader.exec_module

        def exec_module(module):
            load(module)
            for kind in TYPES:
                delattr(module, kind)

        spec.loader.exec_module = exec_module
        return spec


assert "miopoll" not in sys.modules
sys.meta_path.insert(0, WithoutTypes())
