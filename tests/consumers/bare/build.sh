#!/bin/sh
# build.sh OUTPUT: no build system at all.
set -e
root=$(dirname "$0")/../../..
${CXX:-g++} -std=c++20 -O2 -march=native -I "$root/include" "$root/tests/consumers/main.cpp" -o "$1"
