#!/usr/bin/env python3
"""Writes every C++ block of a Markdown file as a program and prints the paths.

snippets.py FILE.md DIRECTORY
"""

import pathlib
import re
import sys


def program(block: str) -> str:
    """The block itself, or a main around it with its includes and usings in front."""
    if re.search(r"\bint main\(", block):
        return block
    lines = block.splitlines()
    head = [line for line in lines if line.startswith(("#include", "using namespace"))]
    body = [line for line in lines if line not in head]
    if not any("tapegrad/" in line for line in head):
        head = ["#include <tapegrad/tapegrad.hpp>", "using namespace tapegrad;", *head]
    return "\n".join([*head, "int main() {", *body, "}", ""])


def main() -> None:
    source, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    blocks = re.findall(r"^```cpp\n(.*?)^```", source.read_text(), re.MULTILINE | re.DOTALL)
    for i, block in enumerate(blocks, 1):
        path = out / f"{source.stem.lower()}_{i}.cpp"
        text = program(block)
        if not path.exists() or path.read_text() != text:
            path.write_text(text)
        print(path)


main()
