#!/usr/bin/env bash
# run.sh SECONDS [TARGET...]: builds the fuzzers of this folder and runs each for so long, two at a time. What they find
# lies in $FUZZ_DIR (build/fuzz), and makes the exit status 1. Needs clang with libFuzzer; CXX names it.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
seconds=${1:?usage: run.sh SECONDS [TARGET...]}
shift
out=${FUZZ_DIR:-$root/build/fuzz}
cxx=${CXX:-clang++-19}
[ $# -gt 0 ] || set -- $(cd "$here" && ls -- *.cpp | sed 's/\.cpp$//')

seeds() { # what a target begins with: its own seeds, and files of the tests
    mkdir -p "$out/corpus/$1"
    cp -n "$here/seeds/$1"/* "$out/corpus/$1/" 2>/dev/null || true
    local golden=$root/tests/golden
    case $1 in
        safetensors) cp -n "$golden/python_written.safetensors" "$out/corpus/$1/" ;;
        gguf) cp -n "$golden/gguf_python.gguf" "$out/corpus/$1/" ;;
        tokenizer_json) cp -n "$golden"/text_*-tokenizer.json "$out/corpus/$1/" ;;
        sentencepiece) cp -n "$golden"/text_*.model "$out/corpus/$1/" ;;
        tiktoken) cp -n "$golden"/text_*.tiktoken "$out/corpus/$1/" ;;
        config) for f in "$golden"/models/*/config.json; do
                    cp -n "$f" "$out/corpus/$1/$(basename "$(dirname "$f")").json"
                done ;;
        gpt2_files) { cat "$golden/text_gpt2-vocab.json"; printf '\0'; cat "$golden/text_gpt2-merges.txt"; } \
                        > "$out/corpus/$1/gpt2" ;;
    esac
}
fuzz() {
    TAPEGRAD_NUM_THREADS=1 "$out/$1" "$out/corpus/$1" -max_total_time="$seconds" -max_len=65536 -timeout=10 \
        -rss_limit_mb=2048 -malloc_limit_mb=256 -print_final_stats=1 -artifact_prefix="$out/found-$1-" \
        > "$out/$1.log" 2>&1 && state=ok || state=FOUND
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$out/$1.log")
    printf '%-20s %-6s %s executions\n' "$1" "$state" "${runs:-?}"
    [ $state = ok ]
}

mkdir -p "$out"
for target in "$@"; do
    seeds "$target"
    if ! [ "$out/$target" -nt "$here/$target.cpp" ] ||
        [ -n "$(find "$root/include" "$here" -name '*.hpp' -newer "$out/$target" -print -quit)" ]; then
        "$cxx" -std=c++20 -O1 -g -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined \
            -I"$root/include" "$here/$target.cpp" -o "$out/$target" -pthread
    fi
done
failed=0
running=()
for target in "$@"; do
    if [ ${#running[@]} -eq 2 ]; then
        wait "${running[0]}" || failed=1
        running=("${running[@]:1}")
    fi
    fuzz "$target" &
    running+=($!)
done
for job in "${running[@]}"; do wait "$job" || failed=1; done
exit $failed
