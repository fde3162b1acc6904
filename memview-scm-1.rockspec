rockspec_format = "3.0"
package = "memview"
version = "scm-1"

source = {
  url = "git+file://.", -- a checkout: run `luarocks make` in it
}

description = {
  summary = "Typed, shaped, zero-copy views of memory",
  detailed = [[
memview gives Lua what memoryview and bytearray give Python: views of strings and of growable buffers
that a script can slice, cast to other formats and shapes, read, search and patch in place.]],
  labels = { "binary", "buffer", "memory" },
  license = "MIT",
}

dependencies = {
  "lua >= 5.4, < 5.6",
}

build = {
  type = "builtin",
  modules = {
    ["memview"] = "lua/memview/init.lua",
    ["memview.cursor"] = "lua/memview/cursor.lua",
    ["memview.dump"] = "lua/memview/dump.lua",
    ["memview.fault"] = "lua/memview/fault.lua",
    ["memview.record"] = "lua/memview/record.lua",
    ["memview.struct"] = "lua/memview/struct.lua",
    ["memview.core"] = {
      sources = {
        "csrc/core/bulk.c",
        "csrc/core/bytes.c",
        "csrc/core/format.c",
        "csrc/core/item.c",
        "csrc/core/kernels.c",
        "csrc/core/layout.c",
        "csrc/core/map.c",
        "csrc/core/memory.c",
        "csrc/core/record.c",
        "csrc/bind/buffer.c",
        "csrc/bind/capi.c",
        "csrc/bind/convert.c",
        "csrc/bind/export.c",
        "csrc/bind/file.c",
        "csrc/bind/format.c",
        "csrc/bind/make.c",
        "csrc/bind/memview.c",
        "csrc/bind/ops.c",
        "csrc/bind/record.c",
        "csrc/bind/shape.c",
        "csrc/bind/struct.c",
        "csrc/bind/value.c",
        "csrc/bind/view.c",
      },
      incdirs = { "csrc/core", "csrc/bind", "include" },
    },
  },
  install = {
    bin = { "bin/memview" },
  },
  copy_directories = { "include", "docs", "library" },
}

test = {
  type = "command",
  command = "busted",
}
