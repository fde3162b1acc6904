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

oom: ## every function with memory failing at every point, under AddressSanitizer
	$(setup) build asan
	$(remake) run-oom

run-oom: $(OOM)/host
	$(call logged,oom,ASAN_OPTIONS=detect_leaks=0 $(call run,$(BUILD)) $(OOM)/host spec/oom $(ARGS))

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

# Modules of C and C++ that specs build must use the same runtime.
$(ASAN_CLANG)/bin/cc:
	@mkdir -p $(@D)
	@printf '#!/bin/sh\nexec $(CLANG) -shared-libasan "$$@"\n' > $@ && chmod +x $@

$(ASAN_CLANG)/bin/g++: $(ASAN_CLANG)/bin/cc
	@printf '#!/bin/sh\nexec $(CLANG)++ -shared-libasan "$$@"\n' > $@ && chmod +x $@
