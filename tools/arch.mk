# Other machines, and other releases of Lua.

.PHONY: arch arch-i386 arch-s390x arch-windows otherlua

arch: arch-i386 arch-s390x arch-windows ## the specs on 32 bits and big-endian; all C compiled for Windows

arch-i386: ## the specs on i386 (32 bits)
	$(call logged,$@,LUA_VERSION=$(LUA_VERSION) sh tools/arch.sh i386 $(ARGS))

arch-s390x: ## the specs on s390x (big-endian), emulated
	$(call logged,$@,LUA_VERSION=$(LUA_VERSION) sh tools/arch.sh s390x $(ARGS))

arch-windows: ## all C compiled and linked for Windows, 64 and 32 bits
	$(call logged,$@,LUA_VERSION=$(LUA_VERSION) LUA_INCDIR='$(LUA_INCDIR)' sh tools/arch.sh windows)

otherlua: ## the specs on the Lua whose sources are in the folder LUA_SOURCE
	$(call logged,otherlua,sh tools/lua.sh '$(LUA_SOURCE)' $(ARGS))
