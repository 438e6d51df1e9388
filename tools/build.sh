#!/bin/sh
# Builds one Go program and says how far it is: tools/build.sh <module folder> <package> <output> [go build flags].
# Everything is built with -trimpath, as Pulumi builds programs, so that make, the tests and Pulumi share one cache.
set -eu
module=$1 package=$2 output=$3
shift 3
mkdir -p "$(dirname "$output")"
target=$(cd "$(dirname "$output")" && pwd)/$(basename "$output")
cd "$module"

# Counts packages, and says how many modules have come while it waits.
total=$(go list -deps -trimpath "$package" 2>&1 | awk '
	/^go: downloading/ { if (++modules % 25 == 0) printf "  %d modules downloaded\n", modules >"/dev/stderr"; next }
	/^[^ ]+$/          { packages++; next }
	                   { print >"/dev/stderr" }
	END                { print packages + 0 }')

status=$(mktemp)
{
	go build -v -trimpath "$@" -o "$target" "$package" 2>&1 && echo ok >"$status"
} | awk -v total="$total" '
	/^go: downloading/ { next }
	/^[^ #:]+$/        { if (++built % 100 == 0) printf "  %d of %d packages built\n", built, total; next }
	                   { print }
	{ fflush() }'
result=$(cat "$status")
rm -f "$status"
[ "$result" = ok ]
