#!/bin/bash -eu
# Builds every target of fuzz/ for ClusterFuzzLite, each with its seeds and its dictionary beside it.
cd "$SRC/ptpwatch/fuzz"

# Optimised, and with assertions all the same: they are part of what is tested.
cargo fuzz build --release --debug-assertions

for source in fuzz_targets/*.rs; do
    target=$(basename "$source" .rs)
    cp "target/x86_64-unknown-linux-gnu/release/$target" "$OUT/"
    seeds=(seeds/"$target")
    case $target in
        scan | decode)
            seeds+=(../tests/payloads)
            cp dictionaries/json.dict "$OUT/$target.dict"
            ;;
        http) cp dictionaries/http.dict "$OUT/$target.dict" ;;
        *) cat dictionaries/*.dict >"$OUT/$target.dict" ;;
    esac
    zip -q -r -j "$OUT/${target}_seed_corpus.zip" "${seeds[@]}"
done
