#!/bin/sh
# Builds the rock as strangers do, and tries what each of them gets: rock.sh ROCKSPEC; the caller sets LUA,
# LUA_VERSION, LUAROCKS. There are three ways: `luarocks make`, the packed source, the packed binary. All start
# from a copy of the files that git knows or would add, and each ends in a tree of its own. The example of
# README.md and the command must work there, with a Lua that sees nothing else.
set -eu

rockspec=$1
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
source=$temp/source
mkdir "$source"

git ls-files -z --cached --others --exclude-standard | sort -zu | xargs -0 sh -c '
  for file; do [ ! -e "$file" ] || printf "%s\0" "$file"; done' sh |
  tar -c --null -T - -f - | tar -x -C "$source" -f -

rocks() { "$LUAROCKS" --lua-version "$LUA_VERSION" "$@"; }
bare() { env -i PATH="$PATH" "$@"; }
fail() { echo "rock.sh: $1" >&2; exit 1; }

try() { # try TREE
  tree=$temp/$1
  for file in memview.h manual.md; do
    [ -n "$(find "$tree" -name "$file")" ] || fail "$1: $file was not shipped"
  done
  share=$tree/share/lua/$LUA_VERSION
  bare LUA_PATH="$share/?.lua;$share/?/init.lua" LUA_CPATH="$tree/lib/lua/$LUA_VERSION/?.so" \
    "$LUA" tools/examples.lua README.md
  shown=$(printf memview | bare "$tree/bin/memview" dump -)
  [ "$shown" = '00000000  6d 65 6d 76 69 65 77  |memview|' ] || fail "$1: the command shows $shown"
  echo "$1: the rock works"
}

# ---- luarocks make ----

cd "$source"
rocks lint "$rockspec"
rocks make --tree "$temp/made" "$rockspec"
try made

# ---- The source, packed. It is cloned: the copy becomes a repository, and a rockspec says where. ----

git init -q .
git add .
git -c user.name=rock -c user.email=rock@localhost commit -q -m rock
sed "s#\"git+file://[^\"]*\"#\"git+file://$source\"#" "$rockspec" > "$temp/$rockspec"
cd "$temp"
rocks pack "$rockspec"
rm "$rockspec"
rocks install --tree "$temp/packed" ./*.src.rock
cd "$source"
try packed

# ---- The binary, packed ----

cd "$temp"
rocks build --pack-binary-rock ./*.src.rock
rm ./*.src.rock
rocks install --tree "$temp/binary" ./*.rock
cd "$source"
try binary
