"""Running other programs, and the shape of a failure."""

import os
import subprocess
from dataclasses import dataclass


@dataclass
class Failure:
    """One line of the report: which gate, what is wrong, what to do."""

    gate: str
    what: str
    remedy: str

    def __str__(self):
        return f"{self.gate}: {self.what}; {self.remedy}"


class MissingTool(Exception):
    pass


def run(*command):
    """Exit code and the two outputs as one text."""
    # Messages are matched, so they must not be translated.
    environment = os.environ | {"LC_ALL": "C"}
    try:
        done = subprocess.run([str(part) for part in command], text=True,
                              env=environment, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
    except FileNotFoundError:
        raise MissingTool(f"{command[0]} is not installed; "
                          "run tools/setup.sh test") from None
    return done.returncode, done.stdout
