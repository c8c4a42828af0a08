"""Configuring and building a platform by the project's own CMake files."""

from platforms import BUILD
from report import tail

VENV = BUILD / "venv"  # tools/setup.sh makes it.
OPTIONS = ["-G", "Ninja", "-DMIOPOLL_BENCH=OFF",
           "-DCMAKE_COMPILE_WARNING_AS_ERROR=ON",
           "-DCMAKE_DISABLE_FIND_PACKAGE_PkgConfig=ON"]


def zig_environment():
    """What the toolchains of ziglang need: its commands, one a file."""
    tools = BUILD / "zig-tools"
    tools.mkdir(parents=True, exist_ok=True)
    for name in ("cc", "ar", "ranlib"):
        path = tools / name
        text = f'#!/bin/sh\nexec "{VENV}/bin/python" -m ziglang {name} "$@"\n'
        if not path.exists() or path.read_text() != text:
            path.write_text(text)
            path.chmod(0o755)
    cache = str(BUILD / "zig-cache")
    headers = [str(path) for path in VENV.glob(
        "lib/python3*/site-packages/ziglang/lib/libc/include/any-darwin-any")]
    return {"ZIG_TOOLS": str(tools), "ZIG_GLOBAL_CACHE_DIR": cache,
            "ZIG_LOCAL_CACHE_DIR": cache,
            "ZIG_DARWIN_HEADERS": "".join(headers[:1])}


def configure(report, *options, source=None, folder=None):
    platform = report.platform
    command = ["cmake", "-S", source or report.source, "-B",
               folder or report.folder, *OPTIONS, *platform.options, *options]
    if platform.toolchain:
        command.append(f"-DCMAKE_TOOLCHAIN_FILE={platform.toolchain}")
    if platform.compiler:
        command.append(f"-DCMAKE_C_COMPILER={platform.compiler}")
    status, output = report.run(command, zig_environment())
    report.must("build", status == 0, "cmake: " + tail(output))


def build(report, folder=None):
    status, output = report.run(
        ["cmake", "--build", folder or report.folder, "--parallel", "2"],
        zig_environment())
    report.must("build", status == 0, "the build failed: " + tail(output, 30))
    report.add("build", 1)


def note_compiler(report):
    """The compiler's version, from what CMake found out."""
    found = {}
    for path in report.folder.glob("CMakeFiles/*/CMakeCCompiler.cmake"):
        for line in path.read_text().splitlines():
            if line.startswith("set(CMAKE_C_COMPILER_"):
                name, _, value = line[4:].rstrip(")").partition(" ")
                found[name] = value.strip('"')
    report.versions["compiler"] = "{} {}".format(
        found.get("CMAKE_C_COMPILER_ID"),
        found.get("CMAKE_C_COMPILER_VERSION"))
