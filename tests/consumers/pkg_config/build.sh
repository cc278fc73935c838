#!/bin/sh
# build.sh OUTPUT: with PKG_CONFIG_PATH naming the installed package.
set -e
flags=$(pkg-config --cflags --libs tapegrad)
# shellcheck disable=SC2086  # several flags
${CXX:-g++} -std=c++20 -O1 "$(dirname "$0")/../main.cpp" $flags -o "$1"
