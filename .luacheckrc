std = "lua54"
max_line_length = 110
files["spec"] = { std = "+busted" }
files["**/*.rockspec"] = { std = "+rockspec" }
files[".luacheckrc"] = { std = "+luacheckrc" }
