#!/bin/sh
# The whole suite on a Lua of its own: lua.sh FOLDER [ARGS of busted], with Lua's sources in FOLDER, as they are
# released or as their repository has them. Builds in build/lua/VERSION; busted is taken from the Lua it is
# installed for, see anylua.lua.
set -eu

sources=${1:?in which folder are the sources of Lua?}
shift
sources=$(cd "$sources" && pwd)
[ ! -d "$sources/src" ] || sources=$sources/src
[ -f "$sources/lua.h" ] || { echo "lua.sh: no lua.h in $sources" >&2; exit 1; }
cd "$(dirname "$0")/.."
CC=${CC:-gcc}

# "5.5" and "5.5.0", from the header
mkdir -p build/lua
cat > build/lua/release.c << 'END'
#include <lua.h>
#include <stdio.h>
int main (void) {
  return printf("%d.%d %s\n", LUA_VERSION_NUM / 100, LUA_VERSION_NUM % 100, LUA_RELEASE) < 0;
}
END
$CC -I"$sources" -o build/lua/release build/lua/release.c
said=$(build/lua/release)
version=${said%% *} release=${said##* }
variable=$(echo "$version" | tr . _)
home=$PWD/build/lua/$release
bin=$home/bin
mkdir -p "$bin"

if [ ! -x "$home/lua" ]; then
  echo "Building Lua $release"
  mkdir -p "$home/objects"
  for file in "$sources"/*.c; do
    case $file in */onelua.c | */luac.c | */ltests.c) continue ;; esac
    (cd "$home/objects" && $CC -O2 -std=gnu99 -fPIC -DLUA_USE_LINUX -DLUA_COMPAT_5_3 -I"$sources" -c "$file")
  done
  rm -f "$home/liblua.a"
  (cd "$home/objects" && mv lua.o .. && ar rc "$home/liblua.a" ./*.o)
  $CC -Wl,-E -o "$home/lua" "$home/lua.o" "$home/liblua.a" -lm -ldl
fi

# the interpreter and what pkg-config says, under the names that make and the specs look for
cat > "$bin/lua$version" << END
#!/bin/sh
LUA_INIT_$variable='@$PWD/tools/anylua.lua' exec '$home/lua' "\$@"
END
chmod +x "$bin/lua$version"
cat > "$bin/lua$version.pc" << END
Name: Lua
Description: Lua $release
Version: $version
Cflags: -I$sources
Libs: -L$home -llua -lm -ldl -Wl,-E
END

"$bin/lua$version" -v
unset LUA_PATH LUA_CPATH LUA_INIT LUA_INCDIR LUA_LIBS MAKEFLAGS MAKELEVEL MFLAGS
PATH=$bin:$PATH PKG_CONFIG_PATH=$bin make --no-print-directory run-specs CC="$CC" BUILD="build/lua/$release/memview" \
  LUA_VERSION="$version" LUA="lua$version" ARGS="$*"
