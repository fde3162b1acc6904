#!/bin/sh
# Another machine on this one: arch.sh i386|s390x|windows [ARGS of busted]. Needs Debian, or its kin.
#
# i386 (32 bits) and s390x (big-endian, under qemu) get the whole suite. Their Lua, its headers, busted and Python
# come as packages from where this machine's come from, and are unpacked in build/arch/MACHINE/root: nothing foreign
# is installed. build/arch/MACHINE/bin has the programs of the machine under their usual names: the interpreters
# run there, the compilers compile for it. With those first in PATH, `make run-specs` in a copy of the tree does
# there what it does here.
#
# For windows, which is x86_64 and i686 of it, all C is compiled without a warning.
#
# MEMVIEW_CASES multiplies the number of random cases: the emulated machine takes fewer unless told otherwise.
set -eu

: "${LUA_VERSION:=5.4}"
top=$(cd "$(dirname "$0")/.." && pwd)
machine=${1:?which machine?}
shift
home=$top/build/arch/$machine
root=$home/root
bin=$home/bin
mkdir -p "$home"
cd "$top"

# ---- The packages of the machine ------------------------------------------------------------

# apt-get that knows this machine only, and nothing of what is installed here
apt() {
  apt-get -qq -o APT::Architecture="$machine" -o APT::Architectures="$machine" -o APT::Sandbox::User=root \
    -o Dir::State="$home/apt" -o Dir::State::status="$home/apt/status" -o Dir::Cache="$home/apt/cache" \
    -o APT::Install-Recommends=false -o APT::Get::Assume-Yes=true -o Acquire::Retries=3 "$@" < /dev/null
}

unpack() { # unpack PACKAGE...: with all that they depend on, into $root; once
  [ "$(cat "$home/unpacked" 2> /dev/null)" != "$*" ] || return 0
  echo "Unpacking the packages of $machine: $*"
  rm -rf "$root" "$home/apt"
  mkdir -p "$root" "$home/apt/lists/partial" "$home/apt/cache/archives/partial"
  : > "$home/apt/status"
  apt update || echo "Going on with the lists that there are."
  apt --download-only install "$@"
  for package in "$home"/apt/cache/archives/*.deb; do
    dpkg-deb -x "$package" "$root"
  done
  rm -rf "$home/apt"
  echo "$*" > "$home/unpacked"
}

# ---- The programs of the machine -----------------------------------------------------------

program() { # program NAME...: what is read becomes an executable of each name in $bin
  cat > "$bin/program"
  chmod +x "$bin/program"
  for name in "$@"; do cp "$bin/program" "$bin/$name"; done
  rm "$bin/program"
}

starter() { # starter PROGRAM: the command that starts a program of $root, which believes to be called $0
  printf "exec %s '%s' --argv0 \"\$0\" --library-path '%s' '%s' \"\$@\"\n" "$emulator" "$root$loader" \
    "$root/lib/$triplet:$root/usr/lib/$triplet:$root/usr/lib/$triplet/blas:$root/usr/lib/$triplet/lapack" "$root$1"
}

programs() {
  rm -rf "$bin"
  mkdir "$bin"
  program "lua$LUA_VERSION" <<END
#!/bin/sh
# In place of the usual paths, which are of the machine around: those of its own.
share='$root/usr/share/lua/$LUA_VERSION' lib='$root/usr/lib/$triplet/lua/$LUA_VERSION'
LUA_PATH_$version="\${LUA_PATH_$version%;;};\$share/?.lua;\$share/?/init.lua;./?.lua"
LUA_CPATH_$version="\${LUA_CPATH_$version%;;};\$lib/?.so"
export LUA_PATH_$version LUA_CPATH_$version
$(starter "/usr/bin/lua$LUA_VERSION")
END
  program python3 <<END
#!/bin/sh
export PYTHONHOME='$root/usr' PYTHONPATH='$root/usr/lib/python3/dist-packages'
$(starter /usr/bin/python3)
END
  program cc gcc clang c++ g++ clang++ <<END
#!/bin/sh
# C++ is made with it too, as our header needs nothing of its library. Programs find the libraries of the machine,
# and where it is emulated each is started by a script in its place.
set -e
$compiler --sysroot='$root' -Wl,--disable-new-dtags,-rpath,'$root/lib/$triplet:$root/usr/lib/$triplet' \\
  -Wl,-dynamic-linker,'$root$loader' "\$@"
[ -n '$emulator' ] || exit 0
made=a.out last=
for word; do
  case \$word in -c | -E | -S | -M | -MM | -shared | -fsyntax-only | -print-* | -dump* | --version) exit 0 ;; esac
  [ "\$last" != -o ] || made=\$word
  last=\$word
done
[ -f "\$made" ] || exit 0
mv "\$made" "\$made.program"
printf '#!/bin/sh\nexec $emulator "%s" "\$@"\n' "\$(realpath "\$made.program")" > "\$made"
chmod +x "\$made"
END
}

specs() { # specs [ARGS of busted]
  tree=$home/tree
  mkdir -p "$tree"
  find "$tree" -mindepth 1 -maxdepth 1 ! -name build -exec rm -rf {} +
  tar -c --exclude=./build --exclude=./.git -f - . | tar -x -C "$tree" -f -
  cd "$tree"
  unset LUA_PATH LUA_CPATH LUA_INIT MAKEFLAGS MAKELEVEL MFLAGS
  env PATH="$bin:$PATH" \
    PKG_CONFIG_SYSROOT_DIR="$root" PKG_CONFIG_LIBDIR="$root/usr/lib/$triplet/pkgconfig" \
    make --no-print-directory run-specs CC=gcc LUA_VERSION="$LUA_VERSION" \
    LUA_INCDIR="$root/usr/include/lua$LUA_VERSION" ARGS="$*"
}

# ---- The machines ------------------------------------------------------------------------

version=$(echo "$LUA_VERSION" | tr . _)
packages="libc6-dev lua$LUA_VERSION liblua$LUA_VERSION-dev lua-busted lua-dkjson python3-numpy"

i386() {
  sh tools/setup.sh i386
  triplet=i386-linux-gnu loader=/lib/ld-linux.so.2 emulator=
  unpack $packages
  compiler='/usr/bin/gcc -m32'
  programs
  specs "$@"
}

s390x() {
  sh tools/setup.sh s390x
  triplet=s390x-linux-gnu loader=/lib/ld64.so.1 emulator=qemu-s390x
  unpack $packages "libgcc-$(gcc -dumpversion)-dev"     # what the linker needs
  compiler="/usr/bin/clang --target=$triplet -Wno-unused-command-line-argument"
  programs
  MEMVIEW_CASES=${MEMVIEW_CASES:-0.1} specs "$@"
}

# Links too: the C library of Windows and a list of Lua's functions are enough for it. The file of `make single` is
# compiled as well.
windows() {
  sh tools/setup.sh build windows
  for cpu in x86_64 i686; do
    tool=$cpu-w64-mingw32 folder=$home/$cpu
    mkdir -p "$folder"
    {
      echo "LIBRARY lua.dll"
      echo "EXPORTS"
      printf '#include <lua.h>\n#include <lauxlib.h>\n' | $tool-gcc -E -P -isystem "$LUA_INCDIR" - |
        grep -oE '\((lua|luaL)_[a-z_]+\) \(' | tr -d '() ' | sort -u
    } > "$folder/lua.def"
    $tool-dlltool -d "$folder/lua.def" -l "$folder/liblua.dll.a"
    make --no-print-directory CC=$tool-gcc BUILD="build/arch/windows/$cpu" LUA_INCDIR="$LUA_INCDIR" \
      LIBS="$folder/liblua.dll.a" build "build/arch/windows/$cpu/engine/memview.o"
    $tool-objdump -p "$folder/memview/core.so" | grep luaopen_memview_core
  done
}

case $machine in
  i386 | s390x | windows) "$machine" "$@" ;;
  *) echo "arch.sh: unknown machine '$machine'" >&2; exit 2 ;;
esac
