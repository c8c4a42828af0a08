"""Two network namespaces with a line between them, gone with the test."""

import os
import re
import select
import subprocess
import time


class Refused(Exception):
    """No namespace may be made here."""


def try_command(*command):
    return subprocess.run(command, capture_output=True, text=True)


def unsharing():
    """How a namespace is made here: as root, or with users of its own."""
    tried = []
    for command in (["unshare", "--net"],
                    ["unshare", "--map-root-user", "--net"]):
        done = try_command(*command, "true")
        if done.returncode == 0:
            return command
        tried.append(done.stderr.strip())
    raise Refused("a network namespace is refused: " + "; ".join(tried))


class Network:
    """`near` (10.9.0.1) and `far` (10.9.0.2), joined by a pair of links."""

    NEAR, FAR = "10.9.0.1", "10.9.0.2"

    def __init__(self):
        self.holders = {}
        command = unsharing()
        self.users = "--map-root-user" in command
        self.hold("near", command)
        self.hold("far", [*self.enter("near"), "unshare", "--net"])
        self.join()

    def hold(self, name, command):
        """A process that keeps a namespace alive."""
        holder = subprocess.Popen(
            [*command, "sh", "-c", "echo there; exec sleep 1000"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if holder.stdout.readline() != "there\n":
            raise Refused("a network namespace is refused: "
                          + holder.communicate()[1].strip())
        self.holders[name] = holder

    def enter(self, name):
        users = ["--user", "--preserve-credentials"] if self.users else []
        return ["nsenter", "--target", str(self.holders[name].pid), *users,
                "--net"]

    def run(self, name, *command, **options):
        return subprocess.run([*self.enter(name), *command], check=True,
                              capture_output=True, text=True, **options)

    def popen(self, name, *command):
        return subprocess.Popen(
            [*self.enter(name), *command], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, bufsize=0)

    def join(self):
        """A new line, and one packet for each segment, so that some can be
        lost: the kernel would make large ones of them."""
        far = self.holders["far"].pid
        self.run("near", "ip", "link", "add", "line", "type", "veth", "peer",
                 "name", "line", "netns", str(far))
        for name, addr in (("near", self.NEAR), ("far", self.FAR)):
            self.run(name, "ip", "addr", "add", f"{addr}/24", "dev", "line")
            self.run(name, "ip", "link", "set", "line", "gso_max_segs", "1",
                     "up")

    def cut(self):
        """The link vanishes, on both sides, with all addresses."""
        self.run("near", "ip", "link", "delete", "line")

    def rule(self, name, hook, rule):
        """Adds a rule for what comes in ("input") or goes out ("output")."""
        self.run(name, "nft", "-f", "-", input=f"""
            table inet faults {{
              chain {hook} {{
                type filter hook {hook} priority 0;
                {rule}
              }}
            }}""")

    def packets(self, name):
        """How many packets the counters of the rules have seen."""
        listing = self.run(name, "nft", "list", "table", "inet", "faults")
        return sum(map(int, re.findall(r"counter packets (\d+)",
                                       listing.stdout)))

    def heal(self, name):
        self.run(name, "nft", "flush", "ruleset")

    def set(self, name, key, value):
        path = "/proc/sys/net/ipv4/" + key
        self.run(name, "sh", "-c", f"echo {value} > {path}")

    def shape(self, name, *words):
        self.run(name, "tc", "qdisc", "add", "dev", "line", "root", *words)

    def close(self):
        for holder in self.holders.values():
            holder.kill()
            holder.communicate()


def line_of(process):
    """The next line of a program that says one soon."""
    soon, _, _ = select.select([process.stdout], [], [], 60)
    assert soon, "it says nothing"
    return process.stdout.readline().decode().strip()


class Server:
    """An echo server of ours in `far`."""

    def __init__(self, network, program, selector, port=7000):
        self.address = f"{network.FAR}:{port}"
        self.process = network.popen("far", program, "serve", selector,
                                     self.address)
        assert line_of(self.process) == "listening"

    def outcome(self):
        """How the server says that the next peer ended."""
        return line_of(self.process).removeprefix("peer outcome=")

    def end(self):
        out, _ = self.process.communicate(timeout=20)
        return fields(out.decode().splitlines()[-1])


class Client:
    """A client of ours in `near`."""

    def __init__(self, network, program, how, selector, address, *words):
        self.began = time.monotonic()
        self.process = network.popen("near", program, how, selector, address,
                                     *map(str, words))

    def wait_begun(self):
        assert line_of(self.process) == "begun"

    def end(self):
        out, _ = self.process.communicate(timeout=120)
        assert self.process.returncode == 0
        self.seconds = time.monotonic() - self.began
        return fields(out.decode().splitlines()[-1])


def fields(line):
    pairs = (word.split("=", 1) for word in line.split())
    return {key: int(value) if value.isdigit() else value
            for key, value in pairs}


def program():
    return os.path.join(os.environ["MIOPOLL_BUILD"], "tests/net/transfer")
