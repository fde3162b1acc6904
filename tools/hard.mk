# What the Makefile's targets for hard use are made of: failing memory, stressed collection, valgrind, clang's
# sanitizers, fuzzing, coverage. Each writes what it found to build/logs, and `make safety` reads it there.

LOGS := build/logs
# `$(call logged,name,command)` runs a command, shows what it prints, keeps that as the log, fails as it does.
logged = @mkdir -p $(LOGS) && { { $2; } 2>&1; echo $$? > $(LOGS)/$1.status; } | tee $(LOGS)/$1.log && \
  exit $$(cat $(LOGS)/$1.status)
SANITIZE := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

.PHONY: oom stress valgrind fuzz fuzz-build asan-clang coverage hard safety
.PHONY: run-oom run-stress run-valgrind run-fuzz run-asan-clang run-coverage

# ---- Failing allocations -------------------------------------------------------------------------------

OOM := build/oom

oom: ## every function with memory failing at every point, under AddressSanitizer (OOM_WAY=one: the short way)
	$(setup) build asan
	$(remake) run-oom

run-oom: $(OOM)/host
	$(call logged,oom,ASAN_OPTIONS=detect_leaks=0 $(call run,$(BUILD)) $(OOM)/host spec/oom $(OOM_WAY))

$(OOM)/host: spec/oom/host.c include/memview.h $(SOURCES) $(wildcard csrc/*/*.h)
	@mkdir -p $(@D)
	$(quiet)$(ASAN_CC) -std=c99 $(SANITIZE) $(INCLUDES) -o $@ spec/oom/host.c $(SOURCES) $(LUA_LIBS)

# ---- The specs, watched ----------------------------------------------------------------------------------

CLANG ?= clang
ASAN_CLANG := build/asan-clang
CLANG_ASAN = $(shell $(CLANG) -print-file-name=libclang_rt.asan-$(shell uname -m).so)

asan-clang: ## the specs under clang's AddressSanitizer and UndefinedBehaviorSanitizer
	$(setup) build test fuzz
	$(remake) BUILD=$(ASAN_CLANG) CC=$(CURDIR)/$(ASAN_CLANG)/bin/cc WERROR= CFLAGS='$(SANITIZE)' \
	  LDFLAGS=-Wl,-z,nodelete run-asan-clang

run-asan-clang: $(ASAN_CLANG)/bin/cc $(ASAN_CLANG)/bin/g++
	$(remake) build
	$(call logged,asan-clang,PATH="$(CURDIR)/$(ASAN_CLANG)/bin:$$PATH" ASAN_CC=cc $(call run,$(BUILD)) \
	  $(subst $$($(ASAN_CC) -print-file-name=libasan.so),$(CLANG_ASAN),$(ASAN_ENV)) $(call busted,$(BUILD)))

# What specs build must use the same runtime. The linker itself is not to be looked at: it leaks.
$(ASAN_CLANG)/bin/cc: tools/hard.mk
	@mkdir -p $(@D)
	@printf '#!/bin/sh\nunset LD_PRELOAD\nexec $(CLANG) -shared-libasan "$$@"\n' > $@ && chmod +x $@

$(ASAN_CLANG)/bin/g++: $(ASAN_CLANG)/bin/cc
	@printf '#!/bin/sh\nunset LD_PRELOAD\nexec $(CLANG)++ -shared-libasan "$$@"\n' > $@ && chmod +x $@

# Each of these has a build of its own, so that nothing else that is built meanwhile is in its way. The specs are
# those of objects, memory and callbacks: the others compute more than they allocate. WATCH= takes them all.
WATCH ?= records recordlife sub shape index buffer lifetime hostile capi capibuffer indirect file
# Without the one of a leak that is Lua's; and, where each step is a spec's own, one that waits for Lua to take one.
run-stress-steps: WATCHARGS = --filter-out='from a finalizer that a long call'
watched = $(WATCH:%=spec/%_spec.lua) --filter-out='finalizers make and keep while the state is closed' $(WATCHARGS) $(ARGS)

STRESS := build/stress
STRESS_MODES ?= incremental generational steps full

stress: ## the specs of WATCH with the collector at work everywhere: STRESS_MODES
	$(setup) build test
	$(remake) BUILD=$(STRESS) run-stress

run-stress: $(STRESS_MODES:%=run-stress-%)

# A collector that never rests between its cycles makes some of the others last for many minutes.
run-stress-incremental: WATCH = sub lifetime hostile

run-stress-%: build
	$(call logged,stress-$*,echo 'stress $*:' && MEMVIEW_STRESS=$* $(call run,$(BUILD)) \
	  $(call busted,$(BUILD)) --helper=spec/stress.lua $(watched))

VALGRIND := build/valgrind
VALGRIND_FLAGS := --quiet --error-exitcode=99 --leak-check=full --show-leak-kinds=definite \
  --errors-for-leak-kinds=definite --num-callers=20 --child-silent-after-fork=yes \
  --keep-debuginfo=yes --suppressions=tools/valgrind.supp

valgrind: ## the specs of WATCH under valgrind's memcheck
	$(setup) build test valgrind
	$(remake) BUILD=$(VALGRIND) CFLAGS='-O1 -g' LDFLAGS=-Wl,-z,nodelete run-valgrind

run-valgrind: build
	$(call logged,valgrind,MEMVIEW_VALGRIND=1 $(call run,$(BUILD)) valgrind $(VALGRIND_FLAGS) \
	  $(call busted,$(BUILD)) $(watched))

# ---- Fuzzing ---------------------------------------------------------------------------------------------

FUZZ := build/fuzz
FUZZ_TARGETS ?= format record views
FUZZ_SECONDS ?= 60
# What the fuzzers' dice start from; 0 is another seed each time.
FUZZ_SEED ?= 0
FUZZ_FLAGS = -seed=$(FUZZ_SEED) -max_len=1024 -timeout=10 -print_final_stats=1 -dict=fuzz/format.dict
# This one looks for leaks itself, since a Lua state lives longer than an input.
FUZZ_FLAGS_views = -detect_leaks=0 -max_len=512
FUZZ_CC = $(CLANG) -std=c99 -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all

fuzz: ## each target of fuzz/ for FUZZ_SECONDS (60), from its corpus and what earlier runs have found
	$(setup) build fuzz
	$(remake) run-fuzz

run-fuzz: $(FUZZ_TARGETS:%=run-fuzz-%)

run-fuzz-%: $(FUZZ)/%
	@mkdir -p $(FUZZ)/found/$* $(FUZZ)/crash
	$(call logged,fuzz-$*,$(FUZZ)/$* $(FUZZ_FLAGS) $(FUZZ_FLAGS_$*) -max_total_time=$(FUZZ_SECONDS) \
	  -artifact_prefix=$(FUZZ)/crash/$*- $(FUZZ)/found/$* fuzz/corpus/$*)

$(FUZZ)/%: fuzz/%.c fuzz/fuzz.h $(SOURCES) $(wildcard csrc/*/*.h)
	@mkdir -p $(@D)
	$(quiet)$(FUZZ_CC) $(INCLUDES) -o $@ $< $(CORE_SOURCES) -lm

# The whole library, under Lua.
$(FUZZ)/views: fuzz/views.c fuzz/fuzz.h $(SOURCES) $(wildcard csrc/*/*.h)
	@mkdir -p $(@D)
	$(quiet)$(FUZZ_CC) $(INCLUDES) -o $@ $< $(SOURCES) $(LUA_LIBS)

# ---- The portable twins of vector code -------------------------------------------------------------------

.PHONY: portable
portable: ## the specs of the kernels with the portable twins of what has vectors on this machine
	$(setup) build test
	$(remake) BUILD=build/portable CFLAGS='-O2 -DMV_PORTABLE' \
	  ARGS='spec/kernels_spec.lua spec/laws_spec.lua spec/bulk_spec.lua' run-specs

# ---- Coverage, and all of it -----------------------------------------------------------------------------

COVERAGE := build/coverage
COVERAGE_FLAGS := -O0 -g --coverage

coverage: ## which lines of csrc the specs run (gcov), and which not
	$(setup) build test
	$(remake) BUILD=$(COVERAGE) CC=gcc CFLAGS='$(COVERAGE_FLAGS)' LDFLAGS=--coverage run-coverage

run-coverage: build
	@find $(BUILD) -name '*.gcda' -delete
	@$(call run,$(BUILD)) $(call busted,$(BUILD))
	$(call logged,coverage,$(LUA) tools/coverage.lua $(BUILD)/obj $(SOURCES))

safety: ## the figures of the runs above, from build/logs, into docs/safety.md
	@$(LUA) tools/safety.lua $(LOGS) docs/safety.md

hard: ## check and all that takes longer, an hour of fuzzing among it; some three hours
	$(remake) check
	$(remake) oom
	$(remake) stress
	$(remake) valgrind WATCH=
	$(remake) asan-clang
	$(remake) portable
	$(remake) coverage
	$(remake) arch
	$(remake) fuzz FUZZ_SECONDS=1200
	$(remake) safety
