#!/usr/bin/env python3
"""Checks what the compiler does not: layers, mirrored tests, sizes, includes, words and format. Prints every breach.

check.py [ROOT]
"""

import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else __file__ + "/../..").resolve()
LIBRARY = ROOT / "include/tapegrad"
TESTS = ROOT / "tests"

# A folder includes folders of the rows above its own, and of its own row as long as that makes no circle.
LAYERS = [
    ["core"],
    ["simd"],
    ["tensor"],
    ["autograd"],
    ["ops"],
    ["nn", "loss", "optim", "data", "io", "text", "train", "distributions"],
    ["flows", "diffusion", "density", "align", "uncertainty", "models", "generation"],
]
ROW = {folder: row for row, folders in enumerate(LAYERS) for folder in folders}
# The folders of the umbrella tapegrad.hpp, and what nobody should pay for who includes it.
LIGHT = {"core", "simd", "tensor", "autograd", "ops", "nn", "loss", "optim"}
HEAVY = {"iostream", "regex", "ranges", "filesystem", "functional", "fstream", "sstream", "format"}
# Who may include which other library.
FOREIGN = {"xsimd/": {"simd"}, "nlohmann/": {"io"}, "zlib.h": {"io"}, "png.h": {"io"}}

WHOLE_LIBRARY_TESTS = {"system"}  # tests of several headers together: no header of their own
NOT_MIRRORED = {"consumers", "fuzz", "gdb", "multiple_tu", "golden", "support", "operations"} | WHOLE_LIBRARY_TESTS
SECOND_LOOK, TOO_LONG = 300, 500
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX)\b")
CLANG_FORMAT = "14"  # another version has another opinion

breaches: list[str] = []
notes: list[str] = []


def breach(path: pathlib.Path, message: str, line: int = 0) -> None:
    breaches.append(f"{path.relative_to(ROOT)}{f':{line}' if line else ''}: {message}")


def sources(*folders: str) -> list[pathlib.Path]:
    return sorted(p for f in folders for p in (ROOT / f).rglob("*") if p.suffix in {".hpp", ".cpp"})


def includes(path: pathlib.Path) -> list[tuple[int, str, bool]]:
    """Line number, name and whether it is in quotes."""
    found = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if match := re.match(r'\s*#\s*include\s*(["<])([^">]+)[">]', line):
            found.append((number, match[2], match[1] == '"'))
    return found


def folder_of(path: pathlib.Path) -> str:
    parts = path.relative_to(LIBRARY).parts
    return parts[0] if len(parts) > 1 else ""


def is_umbrella(path: pathlib.Path) -> bool:
    return path.parent == LIBRARY and path.name != "fwd.hpp"


def check_layers() -> None:
    beside: dict[str, set[str]] = {}  # edges within a row
    for header in sources("include"):
        folder = folder_of(header)
        if folder and folder not in ROW:
            breach(header, f"folder {folder} is no layer; LAYERS in scripts/check.py names them")
            continue
        for line, name, quoted in includes(header):
            if not quoted:
                if name.startswith("tapegrad/"):
                    breach(header, f"<{name}>: the library includes itself by relative path", line)
                if folder in LIGHT and name in HEAVY:
                    breach(header, f"<{name}> is too heavy for {folder}/", line)
                for library, allowed in FOREIGN.items():
                    if name.startswith(library) and folder not in allowed:
                        breach(header, f"<{name}> belongs to {', '.join(sorted(allowed))}/ alone", line)
                continue
            target = (header.parent / name).resolve()
            if not target.is_file() or LIBRARY not in target.parents:
                breach(header, f'"{name}" is not in the library', line)
                continue
            if is_umbrella(header):
                continue
            if is_umbrella(target):
                breach(header, f'"{name}" is an umbrella: include what is used', line)
                continue
            other = folder_of(target)
            if folder == "" and other != "core":
                breach(header, f'"{name}": fwd.hpp includes core/ alone', line)
            if not folder or not other or folder == other or other not in ROW:
                continue
            if ROW[other] > ROW[folder]:
                breach(header, f'"{name}": {folder}/ lies under {other}/', line)
            elif ROW[other] == ROW[folder]:
                beside.setdefault(folder, set()).add(other)
    check_circles(beside)


def check_circles(edges: dict[str, set[str]]) -> None:
    for start in edges:
        reached, ahead = set(), [start]
        while ahead:
            for other in edges.get(ahead.pop(), ()):
                if other not in reached:
                    reached.add(other)
                    ahead.append(other)
        if start in reached:
            breach(LIBRARY / start, "includes folders of its own row that include it")


def check_headers() -> None:
    for header in sources("include"):
        text = header.read_text()
        if not re.search(r"^#pragma once$", text, re.MULTILINE):
            breach(header, "no #pragma once")
        if is_umbrella(header):
            rest = [s for s in text.splitlines() if s.strip() and not s.startswith(("//", "#include", "#pragma"))]
            if rest:
                breach(header, f"an umbrella includes and nothing else, but has {rest[0]!r}")


def check_mirror() -> None:
    for header in sources("include"):
        if header.parent == LIBRARY:
            continue
        test = TESTS / header.relative_to(LIBRARY).with_suffix(".cpp")
        if not test.is_file():
            breach(header, f"has no test {test.relative_to(ROOT)}")
    for test in sorted(TESTS.rglob("*.cpp")):
        mirrored = test.relative_to(TESTS)
        if test.parent == TESTS or mirrored.parts[0] in NOT_MIRRORED:
            continue
        header = mirrored.with_suffix(".hpp")
        if not (LIBRARY / header).is_file():
            breach(test, f"tests no header: there is no include/tapegrad/{header}")
            continue
        first = includes(test)[:1]
        if not first or first[0][1] != f"tapegrad/{header}":
            breach(test, f"its first include is not <tapegrad/{header}>")


def check_sizes_and_words() -> None:
    scripts = [p for f in ("scripts", "cmake", ".ci") for p in (ROOT / f).iterdir() if p.is_file()]
    everything = sources("include", "tests", "bench", "examples") + scripts + [ROOT / "run", ROOT / "CMakeLists.txt"]
    for path in everything:
        if not path.is_file():
            continue
        lines = path.read_text().splitlines()
        if len(lines) > TOO_LONG:
            breach(path, f"{len(lines)} lines: more than {TOO_LONG}, two ideas in one file")
        elif len(lines) > SECOND_LOOK:
            notes.append(f"{path.relative_to(ROOT)}: {len(lines)} lines; is it one idea?")
        if path == pathlib.Path(__file__).resolve():
            continue
        for number, line in enumerate(lines, 1):
            if word := UNFINISHED.search(line):
                breach(path, f"{word[0]}: unfinished", number)


def check_format() -> None:
    tool = shutil.which(f"clang-format-{CLANG_FORMAT}") or shutil.which("clang-format")
    if not tool:
        notes.append("format not checked: there is no clang-format")
        return
    version = subprocess.run([tool, "--version"], capture_output=True, text=True, check=True).stdout
    if f"version {CLANG_FORMAT}." not in version:
        notes.append(f"format not checked: clang-format {CLANG_FORMAT} decides, here is {version.strip()}")
        return
    for path in sources("include", "tests", "bench", "examples"):
        result = subprocess.run([tool, "--style=file", path], capture_output=True, text=True, check=True)
        if result.stdout != path.read_text():
            breach(path, f"not formatted: {pathlib.Path(tool).name} -i {path.relative_to(ROOT)}")


# Public functions of ops/ and loss/ that no row of tests/operations/ can hold: what they need is not a tensor.
NO_ROW = {
    "map": "tests/ops/map.cpp", "map_sum": "tests/ops/map_reduce.cpp", "map_mean": "tests/ops/map_reduce.cpp",
    "primitive": "tests/ops/primitive.cpp", "compare": "tests/ops/primitive.cpp", "like": "tests/ops/primitive.cpp",
    "dropout": "tests/ops/dropout.cpp", "quantize": "tests/ops/stored_linear.cpp",
    "quantized_q8_0": "tests/ops/stored_blocks.cpp", "quantized_q4_0": "tests/ops/stored_blocks.cpp",
    "quantize4": "tests/ops/stored_linear.cpp", "dequantize": "tests/ops/stored_linear.cpp", "pack": "tests/ops/stored_linear.cpp",
    "log_gamma_sample": "tests/ops/gamma_sample.cpp", "weighted_sum": "tests/ops/weighted_sum.cpp",
}


def public_functions(header: pathlib.Path) -> set[str]:
    """Functions with a doc comment, outside of namespace detail."""
    text = re.sub(r"^namespace [\w: ]*detail \{$.*?\n\n\}$", "", header.read_text(), flags=re.MULTILINE | re.DOTALL)
    names = set()
    for declaration in re.findall(r"^(?:///.*\n)+((?:(?!///).*\n)*?.*[{;]\s*$)", text, re.MULTILINE):
        if re.match(r"\s*(struct|class|enum|using|inline constexpr|static)\b", declaration):
            continue
        declaration = re.sub(r"template <.*>$", "", declaration, flags=re.MULTILINE)
        declaration = re.sub(r"^\s*//.*$", "", declaration, flags=re.MULTILINE)
        for name in re.findall(r"\b([a-z][a-z0-9_]*)\(", declaration):
            if name not in {"requires", "decltype", "sizeof", "noexcept", "__attribute__", "alignas"}:
                names.add(name)
                break
    return names


def check_table() -> None:
    rows = set()
    for family in sorted((TESTS / "operations").glob("*.cpp")):
        rows |= set(re.findall(r'"([a-z0-9_]+)(?::[^"]*)?"', family.read_text()))
    wanted = {}
    for header in sources("include"):
        if folder_of(header) in {"ops", "loss"}:
            wanted |= dict.fromkeys(public_functions(header), header)
    primitives = LIBRARY / "simd/rows.hpp"
    wanted |= dict.fromkeys(re.findall(r'static constexpr auto name = "(\w+)"', primitives.read_text()), primitives)
    for name, header in sorted(wanted.items()):
        if name not in rows and name not in NO_ROW:
            breach(header, f"{name} has no row in tests/operations/")


check_layers()
check_headers()
check_mirror()
check_table()
check_sizes_and_words()
check_format()
for note in notes:
    print("note:", note)
for message in breaches:
    print(message)
print(f"{len(breaches)} breaches, {len(sources('include'))} headers")
sys.exit(1 if breaches else 0)
