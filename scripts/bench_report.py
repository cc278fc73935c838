#!/usr/bin/env python3
"""Benchmarks beside their peers, as Markdown on standard output.

Each round runs the library's benchmarks (the peers that are linked to them among these), then PyTorch on the
same names when it can be imported; the table holds medians over the rounds. A ratio is the peer's time divided by
ours: above 1, ours is faster. The limit is the rate of fma alone, or the speed of memcpy at the same size.
"""
import argparse
import json
import math
import pathlib
import statistics
import subprocess
import sys
from collections import defaultdict

LINKED = {"_openblas": "OpenBLAS", "_onednn": "oneDNN", "_eigen": "Eigen"}
UNITS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0}


def run_ours(binary, pattern):
    """Name -> (seconds, FLOP/s, bytes/s)."""
    out = subprocess.run([binary, f"--benchmark_filter={pattern}", "--benchmark_format=json",
                          "--benchmark_min_time=0.2"], check=True, capture_output=True, text=True).stdout
    rows = {}
    for b in json.loads(out)["benchmarks"]:
        if not b.get("error_occurred"):
            rows[b["name"]] = (b["real_time"] * UNITS[b["time_unit"]], b.get("GFLOP/s", 0),
                               b.get("bytes_per_second", 0) / 1e9)
    return rows


def run_pytorch(script, python, names):
    out = subprocess.run([python, script], input="\n".join(names), check=True, capture_output=True, text=True).stdout
    return {name: float(seconds) for name, seconds in (line.split("\t") for line in out.splitlines())}


def threads_of(name):
    return int(name.split("threads:")[1].split("/")[0]) if "threads:" in name else 1


def short(name):
    return name.replace("/real_time", "").replace("/threads:", ", threads ")


def duration(seconds):
    for unit in ("s", "ms", "us"):
        if seconds >= UNITS[unit]:
            return f"{seconds / UNITS[unit]:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("pattern", nargs="?", default=".")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--python", default=sys.executable, help="one that imports torch")
    args = parser.parse_args()

    script = str(pathlib.Path(__file__).parents[1] / "bench/peers/pytorch.py")
    has_torch = subprocess.run([args.python, "-c", "import torch"], capture_output=True).returncode == 0
    if not has_torch:
        print("PyTorch is not there: its column is left out", file=sys.stderr)
    ours, pytorch = defaultdict(list), defaultdict(list)
    for _ in range(args.rounds):
        rows = run_ours(args.binary, f"{args.pattern}|fma_peak/")
        for name, row in rows.items():
            ours[name].append(row)
        if has_torch:
            for name, seconds in run_pytorch(script, args.python, rows).items():
                pytorch[name].append(seconds)
    median = {name: [statistics.median(column) for column in zip(*rows)] for name, rows in ours.items()}
    peak = {dtype: median[f"fma_peak/{dtype}"][1] for dtype in ("float", "double")}

    peers = defaultdict(dict)  # name -> peer -> seconds
    own = []
    for name, (seconds, _, _) in median.items():
        family, _, rest = name.partition("/")
        suffix = next((s for s in LINKED if family.endswith(s)), None)
        if suffix:
            peers[family.removesuffix(suffix) + "/" + rest][LINKED[suffix]] = seconds
        elif family != "memcpy" and not name.startswith("fma_peak"):
            own.append(name)
    for name, seconds in pytorch.items():
        peers[name]["PyTorch"] = statistics.median(seconds)
    columns = [p for p in ("PyTorch", *LINKED.values()) if any(p in peers[name] for name in own)]

    print("| benchmark | time | rate | of the limit |" + "".join(f" {p} |" for p in columns))
    print("|---|--:|--:|--:|" + "--:|" * len(columns))
    for name in own:
        seconds, flops, bytes_rate = median[name]
        copy = median.get("memcpy/" + name.partition("/")[2])
        limit = "-"
        if flops:
            limit = f"{flops / peak['double' if 'double' in name else 'float'] / threads_of(name):.0%}"
        elif copy and copy[2]:
            limit = f"{bytes_rate / copy[2]:.0%}"
        rate = f"{flops:.4g} GFLOP/s" if flops else f"{bytes_rate:.3g} GB/s" if bytes_rate else "-"
        ratios = "".join(f" {peers[name][p] / seconds:.2f} |" if p in peers[name] else " - |" for p in columns)
        print(f"| {short(name)} | {duration(seconds)} | {rate} | {limit} |{ratios}")
    for p in columns:
        ratios = [peers[name][p] / median[name][0] for name in own if p in peers[name]]
        mean = math.exp(statistics.fmean(map(math.log, ratios)))
        print(f"\n{p}: geometric mean {mean:.2f}, least {min(ratios):.2f}, of {len(ratios)}")


if __name__ == "__main__":
    main()
