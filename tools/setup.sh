#!/bin/sh
# Sees to it that the needs named (build, test, lint, asan, rock, cmake, engine, valgrind, fuzz) are met:
# setup.sh build test
# Quick and silent where nothing is missing. Debian and its kin get the missing packages by apt-get, as root or
# through sudo; elsewhere, or where that fails, it names what is missing and how to get it, and ends with 1.
set -eu

: "${LUA_VERSION:=5.4}" "${CC:=gcc}" "${CLANG:=clang}" "${ASAN_CC:=gcc}" "${LUAROCKS:=luarocks}"
: "${LUA:=lua$LUA_VERSION}" "${LUA_INCDIR:=/usr/include/lua$LUA_VERSION}"

missing=''  # what is missing, a line each: "what it is|the package of Debian|how to get it elsewhere"

lack() { # lack WHAT PACKAGE HOW
  missing="$missing$1|$2|$3
"
}

has() { command -v "${1%% *}" > /dev/null 2>&1; }
compiles() { printf '#include <stdio.h>\n' | $CC -E - > /dev/null 2>&1; }
finds() { $LUA -e "os.exit(package.searchpath('$1', package.path) ~= nil)" > /dev/null 2>&1; }
sanitizes() { [ -e "$($ASAN_CC -print-file-name=libasan.so 2> /dev/null)" ]; }

need_build() {
  has "$CC" || lack "the C compiler '$CC'" "$(basename "${CC%% *}")" "install it, or name another: make CC=..."
  compiles || lack "the headers of the C library" libc6-dev "install the development files of your C library"
  [ -f "$LUA_INCDIR/lua.h" ] ||
    lack "the headers of Lua $LUA_VERSION" "liblua$LUA_VERSION-dev" "install them; make LUA_INCDIR=... says where"
  has "$LUA" ||
    lack "the interpreter '$LUA'" "lua$LUA_VERSION" "install Lua $LUA_VERSION; make LUA=... says its name"
}

need_test() {
  finds busted.runner || lack "busted for Lua $LUA_VERSION" lua-busted "luarocks --lua-version $LUA_VERSION install busted"
  finds dkjson || lack "dkjson for Lua $LUA_VERSION" lua-dkjson "luarocks --lua-version $LUA_VERSION install dkjson"
}

need_lint() {
  has luacheck || lack luacheck lua-check "luarocks install luacheck"
  has gcc || lack gcc gcc "install gcc"
  has clang || lack clang clang "install clang"
}

need_asan() {
  has "$ASAN_CC" && sanitizes ||
    lack "the AddressSanitizer of '$ASAN_CC'" gcc "install gcc with its sanitizers (libasan)"
}

need_rock() {
  has "$LUAROCKS" || lack luarocks luarocks "install LuaRocks 3"
  has git || lack git git "install git"
}

need_cmake() {
  has cmake || lack cmake cmake "install CMake 3.16 or newer"
  has pkg-config || lack pkg-config pkg-config "install it"
}

need_engine() {
  has pkg-config || lack pkg-config pkg-config "install it"
  pkg-config --atleast-version=2.0.18 sdl2 2> /dev/null ||
    lack "SDL 2.0.18 or newer" libsdl2-dev "install its development files"
}

need_i386() {
  printf 'int f(int x) { return x; }\n' | gcc -m32 -x c -shared -o /dev/null - 2> /dev/null ||
    lack "a gcc that compiles for 32 bits" gcc-multilib "install it"
  has pkg-config || lack pkg-config pkg-config "install it"
}

need_s390x() {
  has clang || lack clang clang "install clang"
  has s390x-linux-gnu-ld || lack "the linker for s390x" binutils-s390x-linux-gnu "install it"
  has qemu-s390x || lack qemu-s390x qemu-user "install QEMU's emulators of user mode"
  has pkg-config || lack pkg-config pkg-config "install it"
}

need_windows() {
  has x86_64-w64-mingw32-gcc || lack "gcc for 64-bit Windows" gcc-mingw-w64-x86-64-win32 "install mingw-w64"
  has i686-w64-mingw32-gcc || lack "gcc for 32-bit Windows" gcc-mingw-w64-i686-win32 "install mingw-w64"
}

need_valgrind() {
  has valgrind || lack valgrind valgrind "install valgrind"
}

need_fuzz() {
  has "$CLANG" || lack "the compiler '$CLANG'" clang "install clang"
  [ -e "$($CLANG -print-file-name="libclang_rt.fuzzer-$(uname -m).a" 2> /dev/null)" ] ||
    lack "libFuzzer of '$CLANG'" libclang-rt-dev "install compiler-rt for your clang"
}

look() { # look NEED...: fills `missing`
  missing=''
  for need in "$@"; do
    case $need in
      build | test | lint | asan | rock | cmake | engine | valgrind | fuzz | i386 | s390x | windows) "need_$need" ;;
      *) echo "setup.sh: unknown need '$need'" >&2; exit 2 ;;
    esac
  done
}

give_up() { # give_up WHY
  {
    echo "$1"
    printf '%s' "$missing" | while IFS='|' read -r what package how; do
      echo "  $what ($how)"
    done
  } >&2
  exit 1
}

as_root() {
  if [ "$(id -u)" = 0 ]; then env "$@"; else sudo env "$@"; fi
}

apt() {
  as_root DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 "$@" < /dev/null
}

install() { # the lists of packages may be missing, or too old for what is on offer now
  ls /var/lib/apt/lists/*Packages* > /dev/null 2>&1 || apt update || return
  apt install -y --no-install-recommends "$@" || { apt update && apt install -y --no-install-recommends "$@"; }
}

look "$@"
[ -n "$missing" ] || exit 0

packages=$(printf '%s' "$missing" | cut -d '|' -f 2 | sort -u | tr '\n' ' ')
packages=${packages% }
has apt-get || give_up "memview needs what is missing here:"
[ "$(id -u)" = 0 ] || has sudo || give_up "As root, run: apt-get install $packages
That brings what is missing here:"
echo "Installing what is missing: $packages"
install $packages || give_up "Could not install $packages. Still missing:"
look "$@"
[ -z "$missing" ] || give_up "Installed $packages, and still missing:"
