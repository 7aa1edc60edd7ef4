# make run    simulates one city          (CONFIG=… for another)
# make test   linter, types, tests        make lint   linter and types only
# make docs   regenerates docs/odd.md and docs/parameters.md
# make baseline   stores the numbers of a small run anew (tests/regression)
# make clean  removes caches and build leftovers;  make distclean removes .venv too
#
# Each of the first four sets up .venv when it is missing, or when the lock or pyproject.toml has changed.
# After the first set-up nothing needs the network.

CONFIG ?= configs/cities/rafsanjan.yaml
WORKERS ?= 2
BIN := .venv/bin
READY := .venv/ready

.PHONY: run test lint baseline docs clean distclean again
.DEFAULT_GOAL := run

run: $(READY)
	@echo "== run $(CONFIG)"
	@$(BIN)/mahalle run "$(CONFIG)"

test: lint
	@echo "== tests"
	@$(BIN)/python -m pytest -n $(WORKERS)

lint: $(READY)
	@echo "== linter"
	@$(BIN)/python -m ruff check --quiet .
	@echo "== types"
	@$(BIN)/python -m mypy --no-error-summary

baseline: $(READY)
	@echo "== baseline"
	@UPDATE_BASELINE=yes $(BIN)/python -m pytest -q tests/regression

docs: $(READY)
	@echo "== docs"
	@$(BIN)/python -m experiments.documents

# A folder that was moved, or a Python that was removed, leaves an environment that does not work: set up again.
ifneq ($(shell $(BIN)/python -c "" 2>/dev/null && cat $(READY) 2>/dev/null),$(shell pwd -P))
$(READY): again
endif

# .venv/unfinished marks a set-up under way: where one was interrupted, the environment is made anew.
# Two calls at once take turns (where flock exists), and the second finds the work done.
$(READY): requirements.lock pyproject.toml
	@set -e; \
	export PIP_DISABLE_PIP_VERSION_CHECK=1; \
	if command -v flock >/dev/null; then exec 9<requirements.lock; flock 9 || true; fi; \
	here=$$(pwd -P); \
	if [ "$$(cat $@ 2>/dev/null)" = "$$here" ] && $(BIN)/python -c "" 2>/dev/null \
	  && [ -z "$$(find requirements.lock pyproject.toml -newer $@)" ]; then exit 0; fi; \
	if [ -e .venv/unfinished ] || { [ -e $@ ] && [ "$$(cat $@)" != "$$here" ]; } \
	  || ! $(BIN)/python -c 'import pip, sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null; then \
	  python=; \
	  for candidate in python3 python3.13 python3.12; do \
	    if $$candidate -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null; then python=$$candidate; break; fi; \
	  done; \
	  if [ -z "$$python" ]; then echo "mahalle needs Python 3.12 or newer as python3, python3.13 or python3.12; none was found" >&2; exit 2; fi; \
	  echo "== set-up: $$($$python --version) in .venv"; \
	  rm -rf .venv; mkdir .venv; : >.venv/unfinished; \
	  $$python -m venv .venv; \
	fi; \
	rm -f $@; : >.venv/unfinished; \
	echo "== set-up: packages (the first time takes a minute or two)"; \
	$(BIN)/python -m pip install -qq --require-hashes --only-binary :all: -r requirements.lock; \
	$(BIN)/python -m pip install -qq --no-deps --no-build-isolation --no-index -e .; \
	rm .venv/unfinished; echo "$$here" >$@

clean:
	@rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -path ./.venv -prune -o -path ./.git -prune -o -type d \( -name __pycache__ -o -name '*.egg-info' \) -exec rm -rf {} +

distclean: clean
	@rm -rf .venv
