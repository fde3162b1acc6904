# memview: build it, test it, check it. `make help` lists the targets.
#
# The variables a caller may want to set: CC, CFLAGS, LDFLAGS, LIBS, LUA_VERSION, LUA, LUA_INCDIR; ARGS for what a
# target runs (make test ARGS=spec/sub_spec.lua); V=1 to see the commands.

ifeq ($(origin CC),default)
CC := gcc
endif
CFLAGS ?= -O2
LUA_VERSION ?= 5.4
LUA ?= lua$(LUA_VERSION)
LUAROCKS ?= luarocks
ASAN_CC ?= gcc
BUILD ?= build
ARGS ?=

ifndef LUA_INCDIR
LUA_INCDIR := $(firstword \
  $(patsubst -I%,%,$(shell pkg-config --cflags-only-I lua$(LUA_VERSION) 2>/dev/null)) \
  $(patsubst %/lua.h,%,$(wildcard $(foreach d,/usr /usr/local /opt/homebrew,$d/include/lua$(LUA_VERSION)/lua.h))))
endif

LUA_LIBS ?= $(or $(shell pkg-config --libs lua$(LUA_VERSION) 2>/dev/null),-llua$(LUA_VERSION)) -lm

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion
WERROR ?= -Werror
FLAGS = -std=c99 -fPIC -fvisibility=hidden $(WARNINGS) $(WERROR) $(CFLAGS)
INCLUDES = -Icsrc/core -Icsrc/bind -Iinclude -isystem $(LUA_INCDIR)
ifeq ($(shell uname -s),Darwin)
SHARED := -bundle -undefined dynamic_lookup
else
SHARED := -shared
endif

ROCKSPEC := memview-scm-1.rockspec
CORE_SOURCES := $(sort $(wildcard csrc/core/*.c))
SOURCES := $(CORE_SOURCES) $(sort $(wildcard csrc/bind/*.c))
OBJECTS := $(SOURCES:csrc/%.c=$(BUILD)/obj/%.o)
LUA_MODULES := $(sort $(wildcard lua/memview/*.lua))
LUA_FILES = bin/memview $(shell find $(wildcard lua library spec examples bench fuzz tools) -name '*.lua')
TEXT_FILES = find . \( -name .git -o -path ./build -o -path ./examples/assets -o -path ./fuzz/corpus \) -prune -o -type f \
  ! -name '*.so' ! -name '*.o'
ARCHIVE := examples/assets/freedoom-mini.wad

# Lua code runs against the tree: $(call run,build) is the environment, with the library from that folder.
version := $(subst .,_,$(LUA_VERSION))
run = LUA_PATH_$(version)='lua/?.lua;lua/?/init.lua;spec/?.lua;;' LUA_CPATH_$(version)='$1/?.so;;'
# Busted's own launcher starts whatever `lua` is; this runs its runner under the Lua that memview is built for.
busted = $(LUA) -e 'require "busted.runner" { standalone = false }' /dev/null --ignore-lua --cpath='$1/?.so' $(ARGS)

setup = @CC='$(CC)' ASAN_CC='$(ASAN_CC)' LUA='$(LUA)' LUA_VERSION='$(LUA_VERSION)' LUA_INCDIR='$(LUA_INCDIR)' \
  LUAROCKS='$(LUAROCKS)' sh tools/setup.sh
quiet = $(if $(V),,@echo '  $(CC) $@' && )
# Paths are looked up when a makefile is read, so what setup has installed is seen by a new make.
remake = +@$(MAKE) --no-print-directory

.PHONY: all build core demo test asan lint rock cmake bench single engine engine-asan check clean help FORCE
.PHONY: run-demo run-specs run-asan run-lint run-engine build-engine build-engine-asan

all: build

build: $(BUILD)/memview/core.so ## the library: build/memview/core.so

$(BUILD)/memview/core.so: $(OBJECTS)
	@mkdir -p $(@D)
	$(quiet)$(CC) $(SHARED) $(CFLAGS) $(LDFLAGS) -o $@ $(OBJECTS) $(LIBS)

$(BUILD)/obj/%.o: csrc/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(quiet)$(CC) $(FLAGS) $(INCLUDES) -MMD -MP -c -o $@ $<

# Changes when the compiler, the flags or the list of sources do, so that nothing is built half one way.
$(BUILD)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(CC) $(FLAGS) $(INCLUDES) $(LDFLAGS) $(SOURCES)' | cmp -s - $@ || \
	  echo '$(CC) $(FLAGS) $(INCLUDES) $(LDFLAGS) $(SOURCES)' > $@

-include $(OBJECTS:.o=.d)

single: $(BUILD)/single/memview.c ## all of it in one C file, and its header: build/single/

$(BUILD)/single/memview.c: tools/single.lua tools/single.c include/memview.h $(SOURCES) $(LUA_MODULES) \
    $(wildcard csrc/*/*.h)
	@mkdir -p $(@D)
	$(if $(V),,@echo '  $(LUA) $@' && )$(LUA) tools/single.lua $(@D) $(SOURCES) $(LUA_MODULES)

# The engine needs SDL 2, and is linked with Lua and the single file. It is made of nothing else.
ENGINE := $(BUILD)/engine
ENGINE_ASAN := build/engine-asan
ENGINE_ENV := ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1
ENGINE_OBJECTS := $(patsubst examples/engine/%.c,$(ENGINE)/%.o,$(sort $(wildcard examples/engine/*.c)))
SDL = $(patsubst -I%,-isystem %,$(shell pkg-config --cflags sdl2))
WINDOW = $(if $(DISPLAY)$(WAYLAND_DISPLAY),,--headless --frames 300 --resize-every 25 --reload-every 50)

engine: ## installs what is missing, builds examples/engine and runs it, for a moment where there is no screen
	$(setup) build engine
	$(remake) run-engine

run-engine: $(ENGINE)/engine
	$(ENGINE)/engine $(WINDOW) --screenshot $(ENGINE)/screen.bmp $(ARGS)

engine-asan: ## the same for 600 frames under AddressSanitizer, without a screen
	$(setup) build asan engine
	$(remake) build-engine-asan
	$(ENGINE_ENV) $(ENGINE_ASAN)/engine/engine --headless --frames 600 --resize-every 7 --reload-every 50 $(ARGS)

build-engine-asan:
	$(remake) BUILD=$(ENGINE_ASAN) CC='$(ASAN_CC)' CFLAGS='$(ASAN_CFLAGS)' build-engine

build-engine: $(ENGINE)/engine

$(ENGINE)/engine: $(ENGINE_OBJECTS) $(ENGINE)/memview.o
	$(quiet)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(shell pkg-config --libs sdl2) $(LUA_LIBS)

$(ENGINE)/memview.o: $(BUILD)/single/memview.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(quiet)$(CC) $(FLAGS) -isystem $(LUA_INCDIR) -c -o $@ $<

$(ENGINE)/%.o: examples/engine/%.c examples/engine/engine.h $(BUILD)/single/memview.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(quiet)$(CC) $(FLAGS) -I$(BUILD)/single -isystem $(LUA_INCDIR) $(SDL) -c -o $@ $<

demo: ## installs what is missing, builds, draws what is in examples/assets/freedoom-mini.wad: build/demo/
	$(setup) build
	$(remake) run-demo

run-demo: build
	@mkdir -p build/demo
	@$(call run,$(BUILD)) $(LUA) examples/wad.lua $(ARCHIVE) build/demo
	@$(call run,$(BUILD)) $(LUA) examples/sheet.lua $(ARCHIVE) build/demo/sheet.png
	@$(call run,$(BUILD)) $(LUA) examples/filter.lua $(ARCHIVE) build/demo/filter.png

test: ## installs what is missing, builds, runs the specs (ARGS=spec/sub_spec.lua for some)
	$(setup) build test
	$(remake) run-specs

run-specs: build core
	@$(call run,$(BUILD)) $(call busted,$(BUILD))

core: ## compiles csrc/core with every compiler here, and proves that it knows nothing of Lua
	@for cc in $(sort $(CC) gcc clang); do \
	  command -v $$cc > /dev/null || continue; \
	  $(MAKE) --no-print-directory CC=$$cc BUILD=build/core/$$cc core-objects || exit 1; \
	done

# No include path leads to Lua here; the dependency files show that no header of it came in by another.
.PHONY: core-objects
core-objects: $(CORE_SOURCES:csrc/core/%.c=$(BUILD)/%.o)
	@! grep -E '/(lua|luaconf|lauxlib|lualib)\.h|/bind/' $(BUILD)/*.d

$(BUILD)/%.o: csrc/core/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(quiet)$(CC) $(FLAGS) -Icsrc/core -MD -MP -c -o $@ $<

-include $(wildcard $(BUILD)/*.d)

# Its own build. Nothing is unloaded at exit, so that a report of a leak can name functions and lines.
ASAN := build/asan
ASAN_CFLAGS := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
ASAN_ENV = MEMVIEW_SANITIZER=1 LD_PRELOAD="$$($(ASAN_CC) -print-file-name=libasan.so)" \
  ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=1:quarantine_size_mb=32 \
  LSAN_OPTIONS=suppressions=tools/lsan.supp:print_suppressions=0 UBSAN_OPTIONS=print_stacktrace=1

asan: ## the specs under AddressSanitizer, UndefinedBehaviorSanitizer and LeakSanitizer
	$(setup) build test asan
	$(remake) BUILD=$(ASAN) CC='$(ASAN_CC)' WERROR= CFLAGS='$(ASAN_CFLAGS)' LDFLAGS=-Wl,-z,nodelete run-asan

run-asan: build
	$(call logged,asan,$(call run,$(BUILD)) $(ASAN_ENV) $(call busted,$(BUILD)))

lint: ## luacheck; gcc and clang without warnings; the rockspec's list; white space
	$(setup) build lint
	$(remake) run-lint

run-lint:
	luacheck --quiet --no-color $(LUA_FILES) $(ROCKSPEC) .busted .luacheckrc
	$(LUA) tools/rockspec.lua $(ROCKSPEC) $(SOURCES) $(wildcard lua/memview/*.lua)
	@$(TEXT_FILES) -exec grep -nIE '[[:blank:]]+$$' /dev/null {} + | sed 's/$$/<- white space/' | (! grep .)
	@$(TEXT_FILES) ! -name Makefile ! -name '*.mk' -exec grep -nI "$$(printf '\t')" /dev/null {} + | sed 's/$$/<- tab/' | (! grep .)
	$(remake) CC=gcc BUILD=build/lint/gcc build
	$(remake) CC=clang BUILD=build/lint/clang build

rock: ## builds and tries the rock from a clean copy of the tree, in a folder of its own
	$(setup) build rock
	@LUA='$(LUA)' LUA_VERSION='$(LUA_VERSION)' LUAROCKS='$(LUAROCKS)' sh tools/rock.sh $(ROCKSPEC)

cmake: ## builds and installs with CMake in a folder of its own, and tries what programs and engines get
	$(setup) build cmake
	@CC='$(CC)' LUA_VERSION='$(LUA_VERSION)' sh tools/cmake.sh

# What memview is measured against, compiled as its own kernels are. Loops are aligned, since a short one that
# lies badly takes twice its time. PYTHON and LUAJIT may name interpreters.
.PHONY: run-bench instructions run-instructions
FLOOR := $(addprefix bench/floor/,calls.c checked.c loops.c system.c)
$(BUILD)/floor.so: $(FLOOR) bench/floor/floor.h include/memview.h $(BUILD)/flags
	$(quiet)$(CC) $(filter-out -fvisibility=hidden,$(FLAGS)) -O3 -falign-loops=32 -Iinclude -isystem $(LUA_INCDIR) \
	  $(SHARED) -o $@ $(FLOOR)

bench: ## every operation beside C, Lua, Python and LuaJIT; writes docs/bench.md (ARGS=pattern for some)
	$(setup) build
	$(remake) run-bench

run-bench: build $(BUILD)/floor.so
	@$(call run,$(BUILD)) CC='$(CC)' $(LUA) bench/run.lua $(if $(ARGS),'$(ARGS)')

instructions: ## what single operations take, counted by callgrind; writes docs/bench.md
	$(setup) build valgrind
	$(remake) run-instructions

run-instructions: build $(BUILD)/floor.so
	@$(call run,$(BUILD)) $(LUA) bench/instructions.lua

check: ## lint, core, test, asan, a short oom and a short fuzz
	$(remake) lint
	$(remake) core
	$(remake) test
	$(remake) asan
	$(remake) oom OOM_WAY=one
	$(remake) fuzz FUZZ_SECONDS=20

include tools/hard.mk tools/arch.mk

clean: ## removes what make and luarocks have built here
	rm -rf build memview lua_modules
	find csrc -name '*.o' -delete

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1: /p' Makefile tools/hard.mk tools/arch.mk | while IFS=: read -r name text; do \
	  printf '  make %-12s %s\n' "$$name" "$$text"; done
