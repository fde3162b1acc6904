#!/bin/sh
# Builds the rock as a stranger would: a copy of the files that git knows or would add, a fresh tree to install
# into, and a Lua that sees nothing else. rock.sh ROCKSPEC; the caller sets LUA, LUA_VERSION, LUAROCKS.
set -eu

rockspec=$1
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
source=$temp/source
tree=$temp/tree
mkdir "$source"

git ls-files -z --cached --others --exclude-standard | sort -zu | xargs -0 sh -c '
  for file; do [ ! -e "$file" ] || printf "%s\0" "$file"; done' sh |
  tar -c --null -T - -f - | tar -x -C "$source" -f -

cd "$source"
"$LUAROCKS" --lua-version "$LUA_VERSION" lint "$rockspec"
"$LUAROCKS" --lua-version "$LUA_VERSION" make --tree "$tree" "$rockspec"

cd "$temp"
[ -n "$(find "$tree" -name memview.h)" ] || { echo "rock.sh: memview.h was not shipped" >&2; exit 1; }
lua=$tree/share/lua/$LUA_VERSION
env -i PATH="$PATH" LUA_PATH="$lua/?.lua;$lua/?/init.lua" LUA_CPATH="$tree/lib/lua/$LUA_VERSION/?.so" \
  "$LUA" -e '
  local memview = require "memview"
  assert(memview("\1\2\3\4"):cast("<H")[2] == 0x0403)
  print("the rock works: " .. package.searchpath("memview.core", package.cpath):match("[^/]*$"))'
