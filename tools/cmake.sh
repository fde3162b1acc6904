#!/bin/sh
# Builds memview with CMake, installs it under a folder that is removed again, and tries what programs and
# engines get there: by pkg-config, shared and static; by find_package; by add_subdirectory; and what Lua gets.
# The caller sets CC and LUA_VERSION.
set -eu

top=$(cd "$(dirname "$0")/.." && pwd)
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
host=$top/cmake/host.c
lua=lua$LUA_VERSION
cd "$temp"

fail() { echo "cmake.sh: $1" >&2; exit 1; }

configured() { # configured BUILD SOURCE [OPTION...]: configures and builds
  folder=$temp/$1 from=$2
  shift 2
  cmake -S "$from" -B "$folder" --no-warn-unused-cli -DCMAKE_C_COMPILER="$CC" \
    -DCMAKE_C_FLAGS='-Wall -Wextra -Werror' -DCMAKE_PREFIX_PATH="$temp/all" \
    -DMEMVIEW_LUA_VERSION="$LUA_VERSION" "$@" > log &&
    cmake --build "$folder" > log || { cat log >&2; exit 1; }
}

installed() { # installed NAME [OPTION...]: builds and installs under $temp/NAME
  name=$1
  shift
  configured "build-$name" "$top" "$@"
  cmake --install "$folder" --prefix "$temp/$name" > log
}

flags() { # flags NAME [OPTION...]: what pkg-config says of what is installed there
  name=$1
  shift
  PKG_CONFIG_PATH=$temp/$name/lib/pkgconfig pkg-config "$@" memview
}

try() { # try WHAT PROGRAM: it must print what the script has made of its bytes
  said=$("$2")
  [ "$said" = "ohhi" ] || fail "$1: the program says $said"
  echo "$1: the program works"
}

needs() { ldd "$1" | grep -q libmemview; } # needs PROGRAM: does it load the shared library?

installed all -DCMAKE_INSTALL_LIBDIR=lib
installed static -DCMAKE_INSTALL_LIBDIR=lib -DCMAKE_BUILD_TYPE=Debug -DMEMVIEW_SHARED=OFF -DMEMVIEW_MODULE=OFF
for file in bin lib/libmemview.so; do
  [ ! -e "$temp/static/$file" ] || fail "$file is installed unasked"
done

# ---- pkg-config ----

$CC -o shared "$host" $(flags all --cflags --libs)
needs ./shared || fail "the program does not load libmemview.so"
LD_LIBRARY_PATH=$temp/all/lib try "pkg-config, shared" ./shared

$CC -o static-host "$host" $(flags static --static --cflags --libs)
! needs ./static-host || fail "the program loads libmemview.so"
try "pkg-config, static" ./static-host

# ---- CMake ----

program() { # program FOLDER LIBRARY: what is read comes before a program that is linked with the library
  mkdir "$1"
  {
    echo 'cmake_minimum_required(VERSION 3.16)'
    echo 'project(program C)'
    cat
    echo "add_executable(program $host)"
    echo "target_include_directories(program PRIVATE $(pkg-config --cflags-only-I "$lua" | sed 's/-I//g'))"
    echo "target_link_libraries(program PRIVATE $2 $(pkg-config --libs "$lua"))"
  } > "$1/CMakeLists.txt"
}

for target in memview static; do
  echo 'find_package(memview 1.0 REQUIRED)' | program "find-$target" "memview::$target"
  configured "build-find-$target" "$temp/find-$target"
  try "find_package, memview::$target" "$folder/program"
done

echo "add_subdirectory($top memview)" | program engine memview::static
configured build-engine "$temp/engine" -DCMAKE_BUILD_TYPE=Debug
cmake --install "$folder" --prefix "$temp/nothing" > log
[ ! -e "$temp/nothing" ] || fail "a part of an engine installs files of its own"
try "add_subdirectory" "$folder/program"

# ---- Lua ----

share=$temp/all/share/lua/$LUA_VERSION
shown=$(printf memview | env -i PATH="$PATH" LUA_PATH="$share/?.lua;$share/?/init.lua" \
  LUA_CPATH="$temp/all/lib/lua/$LUA_VERSION/?.so" "$temp/all/bin/memview" dump -)
[ "$shown" = '00000000  6d 65 6d 76 69 65 77  |memview|' ] || fail "the command shows $shown"
echo "require: the command works"
