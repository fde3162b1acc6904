--- Python's struct module: `require "memview.struct"` is memview.struct.
return require "memview".struct
