# make run    simulates one city          (CONFIG=… for another, a name or a file)
# make test   linter, types, tests        make lint   linter and types only
# make docs   regenerates docs/odd.md and docs/parameters.md
# make validation judges the 28 patterns at the defaults and updates docs/validation.md (some minutes)
# make screening  runs a Morris screening of outcomes and of the programme's effect and updates docs/parameters.md (ten minutes)
# make impulses   measures impulse responses of the model and updates docs/odd.md (two minutes)
# make paper      makes all figures of the paper and keeps their tables as the reference (an hour of two cores; can be resumed)
# make kill-sweep kills each command that resumes at random moments, and checks that nothing is lost (a few minutes; TIMES=…)
# make nightly    tries what make test tries a little of: 1,000 faults of disks and kills, 100,000 spoiled files, 900 random
#                 configs, 100 kills, cases marked as night, and tests of commands with commands that start from nothing
#                 (some hours; FAULTS=…, EXAMPLES=… (times as many as in make test) and KILLS=… for less)
# make lines      runs the tests and counts the lines of sim/ and experiments/ that they carry out: at least 95 % (as long as make test)
# make mutants    changes rules and statistics, one place at a time, and counts the changes that tests notice (an hour)
# make coverage   calibrates and makes the table of coverage in docs/calibration.md (an hour on one core; can be resumed)
# make baseline   stores the numbers of a small run as the new reference (tests/regression)
# make bench  measures and writes the tables of benchmarks/README.md (some minutes; keep the machine otherwise idle)
# make bench-guard   says whether the engine has become slower;   make bench-store   stores a new reference for it
# make wheel  installs the wheel into an empty environment under Python 3.12 and 3.13 and runs it (two minutes each)
# make site   builds the documents as a site that needs no network: build/site/index.html
# make web    builds the page of `mahalle dashboard` into experiments/page/static (needs node and npm, and the network once)
# make web-check  tests it, builds it in a temporary folder and says whether what is committed is the same
# make answers  makes the stored answers of the page (some 40 minutes of two cores; can be resumed)
# make clean  removes caches and build leftovers;  make distclean removes .venv, .venv-peers and .venv-mutants too
#
# All targets except clean, distclean, web and web-check set up .venv if it is missing, or if the lock or pyproject.toml has changed.
# After the first set-up nothing needs the network. make bench also sets up .venv-peers, with the packages for comparison.

CONFIG ?= rafsanjan
WORKERS ?= 2
TIMES ?= 20
FAULTS ?= 1000
EXAMPLES ?= 55
KILLS ?= 100
PYTHONS ?= 3.12 3.13
BIN := .venv/bin
READY := .venv/ready
PEERS := .venv-peers
MUTANTS := .venv-mutants

.PHONY: run test lint wheel validation screening impulses paper kill-sweep nightly lines mutants coverage baseline bench bench-guard bench-store docs site web web-check answers clean distclean again
.DEFAULT_GOAL := run

run: $(READY)
	@echo "== run $(CONFIG)"
	@$(BIN)/mahalle run "$(CONFIG)"

test: lint
	@echo "== tests"
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

lint: $(READY)
	@echo "== linter"
	@$(BIN)/python -m ruff check --quiet .
	@echo "== types"
	@$(BIN)/python -m mypy --no-error-summary

wheel: $(READY)
	@echo "== wheel, in empty environments"
	@nice $(BIN)/python -m tools.wheel $(PYTHONS)

validation: $(READY)
	@echo "== validation"
	@nice $(BIN)/mahalle validate configs/cities/rafsanjan.yaml --out results/validation-rafsanjan
	@$(BIN)/python -m tools.validation results/validation-rafsanjan

screening: $(READY)
	@echo "== screening"
	@nice $(BIN)/mahalle sensitivity configs/experiments/what_matters.yaml --base status_quo --luck 20 --out results/what_matters
	@$(BIN)/python -m tools.screening results/what_matters configs/experiments/what_matters.yaml
	@$(BIN)/python -m tools.documents

impulses: $(READY)
	@echo "== impulse responses"
	@nice $(BIN)/python -m tools.impulses
	@$(BIN)/python -m tools.documents

answers: $(READY)
	@echo "== stored answers of the page"
	@nice $(BIN)/python -m tools.answers

paper: $(READY)
	@echo "== figures of the paper"
	@nice $(BIN)/mahalle figures
	@$(BIN)/python -m tools.paper

# Mutants are interpreted: compiled code would not see them. mutmut has an environment of its own, which sees .venv's packages.
mutants: $(READY) $(MUTANTS)/ready
	@echo "== mutants of rules and statistics"
	@NUMBA_DISABLE_JIT=1 nice $(MUTANTS)/bin/mutmut run --max-children $(WORKERS) >mutants.log 2>&1 || { tail -5 mutants.log >&2; exit 1; }
	@$(MUTANTS)/bin/mutmut results --all true >mutants.txt && $(BIN)/python -m tools.mutants mutants.txt

$(MUTANTS)/ready: tools/mutants.txt | $(READY)
	@echo "== set-up: mutmut in $(MUTANTS)"
	@rm -rf $(MUTANTS) && $(BIN)/python -m venv $(MUTANTS)
	@$(MUTANTS)/bin/python -m pip install -qq --disable-pip-version-check --only-binary :all: -r tools/mutants.txt
	@$(BIN)/python -c "import sysconfig; print(sysconfig.get_path('purelib'))" \
	  >$$($(MUTANTS)/bin/python -c "import sysconfig; print(sysconfig.get_path('purelib'))")/after.pth
	@: >$@

kill-sweep: $(READY)
	@echo "== commands that resume, killed"
	@$(BIN)/python -m tests.bad_days.killing $(TIMES)

nightly: $(READY)
	@echo "== spoiled files and random configs"
	@MAHALLE_NIGHTLY=$(EXAMPLES) nice $(BIN)/python -m pytest -q -n $(WORKERS) tests/interface/test_spoiled_files.py \
	  tests/elections/test_platforms.py tests/theory/test_random_configs.py
	@echo "== cases that make test leaves out"
	@MAHALLE_NIGHTLY=2 nice $(BIN)/python -m pytest -q -n $(WORKERS) -m night
	@echo "== tests of commands, which start from nothing here"
	@MAHALLE_REAL_STARTS=yes nice $(BIN)/python -m pytest -q -n $(WORKERS) tests/sweeps tests/calibration tests/interface tests/paper
	@echo "== faults of disks, and kills where a command writes"
	@nice $(BIN)/python -m tests.bad_days.injecting $(FAULTS)
	@echo "== kills at random moments"
	@nice $(BIN)/python -m tests.bad_days.killing $(KILLS)

lines: $(READY)
	@echo "== lines that the tests carry out"
	@rm -rf build/lines && mkdir -p build/lines
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal --cov --cov-report=term

coverage: $(READY)
	@echo "== coverage of the calibration on synthetic data"
	@nice $(BIN)/mahalle calibrate configs/calibrations/rafsanjan.yaml --out results/calibration-rafsanjan --quiet
	@$(BIN)/python -m tools.coverage results/calibration-rafsanjan

baseline: $(READY)
	@echo "== baseline"
	@UPDATE_BASELINE=yes $(BIN)/python -m pytest -q tests/regression

bench: $(READY) $(PEERS)/ready
	@echo "== benchmarks"
	@$(BIN)/python -m benchmarks

bench-guard: $(READY)
	@echo "== guard against slow code"
	@$(BIN)/python -m benchmarks --guard

bench-store: $(READY)
	@echo "== reference of the guard"
	@$(BIN)/python -m benchmarks --store

docs: $(READY)
	@echo "== docs"
	@$(BIN)/python -m tools.documents

site: $(READY)
	@echo "== site"
	@$(BIN)/python -m tools.site

web:
	@echo "== page"
	@cd web && npm ci --ignore-scripts --silent && npm run --silent check && npm run --silent build

web-check:
	@echo "== page: what is committed, and what its sources give"
	@built=$$(mktemp -d) && trap 'rm -rf "$$built"' EXIT && cd web && npm ci --ignore-scripts --silent \
	  && npm run --silent check && npm run --silent test && node build.mjs "$$built" \
	  && { diff -rq "$$built" ../experiments/page/static && echo "the same" \
	    || { echo "experiments/page/static is not what web/ gives: run make web and commit it" >&2; exit 1; }; }

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
	$(BIN)/python -m pip install -qq --no-deps --no-build-isolation --no-index --config-settings editable_mode=compat -e .; \
	rm .venv/unfinished; echo "$$here" >$@

# Starsim needs what our program does not, so it has an environment of its own; the benchmarks do without it if they must.
$(PEERS)/ready: benchmarks/peers.txt | $(READY)
	@echo "== set-up: peers of the benchmarks in $(PEERS)"
	@rm -rf $(PEERS)
	@{ $(BIN)/python -m venv $(PEERS) \
	  && $(PEERS)/bin/python -m pip install -qq --disable-pip-version-check --only-binary :all: -r benchmarks/peers.txt \
	  && : >$@; } || { rm -rf $(PEERS); echo "the peers could not be installed: the benchmarks go on without them" >&2; }

clean:
	@rm -rf mutants mutants.log mutants.txt build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -path ./.venv -prune -o -path ./$(PEERS) -prune -o -path ./.git -prune -o -type d \( -name __pycache__ -o -name '*.egg-info' \) -exec rm -rf {} +

distclean: clean
	@rm -rf .venv $(PEERS) $(MUTANTS)
