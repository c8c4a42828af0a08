"""What was checked of one platform, and the log of how."""

import os
import signal
import subprocess
import sys

LIMIT = 300  # Seconds for one command; the slowest takes 25.


class Stop(Exception):
    """Nothing more can be checked of this platform; the report says why."""


class Report:
    def __init__(self, platform, folder, source, hasty=False):
        self.platform = platform
        self.folder = folder  # Where it is built,
        self.source = source  # and from what.
        self.suites = {}  # Name: [passed, failed, skipped].
        self.problems = []
        self.versions = {}
        self.hasty = hasty  # The first failure is enough.
        folder.mkdir(parents=True, exist_ok=True)
        self.log = (folder / "platform.log").open("w")

    def add(self, suite, passed, failed=0, skipped=0):
        sums = self.suites.setdefault(suite, [0, 0, 0])
        for place, number in enumerate((passed, failed, skipped)):
            sums[place] += number

    def check(self, suite, fine, problem):
        """One check; `problem` says what is wrong unless it is fine."""
        self.add(suite, int(bool(fine)), int(not fine))
        if not fine:
            self.problem(suite, problem)

    def problem(self, suite, text):
        self.problems.append(f"{suite}: {text}")
        print(f"{suite}: {text}", file=self.log, flush=True)
        if self.hasty:
            raise Stop

    def must(self, suite, fine, problem):
        """What the others need; it counts only if it is not so."""
        if not fine:
            self.check(suite, False, problem)
            raise Stop

    def run(self, command, environment=None, cwd=None):
        """Runs a command: its status and all that it printed."""
        print("$", *command, file=self.log, flush=True)
        try:
            process = subprocess.Popen(
                [str(word) for word in command], cwd=cwd or self.source,
                env={**os.environ, **self.platform.environment,
                     **(environment or {})}, text=True,
                errors="replace", stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                start_new_session=True)
        except OSError as error:
            print(error, file=self.log, flush=True)
            return 127, str(error)
        try:
            output, _ = process.communicate(
                timeout=LIMIT / 3 if self.hasty else LIMIT)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            output, _ = process.communicate()
            output += "\nkilled: it took too long\n"
        print(output, file=self.log, flush=True)
        return process.returncode, output

    def sums(self):
        return [sum(row[place] for row in self.suites.values())
                for place in range(3)]


def tail(output, lines=15):
    return "\n".join(output.strip().splitlines()[-lines:])


def say(text):
    print(text, flush=True)
    sys.stdout.flush()
