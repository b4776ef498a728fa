# NeuroPlay: `make serve` has a child playing, `make test` checks everything, `make help` lists all.

PYTHON ?= python3
BIN := .venv/bin
PY := $(BIN)/python
ARGS ?=

# Whole files to each process, which share servers; in the order of their folders, since xdist's own
# begins with the files of many tests and leaves the long ones for the end.
SPREAD := --dist loadfile --no-loadscope-reorder

# In per cent of lines and branches.
CORE_COVERED := --cov neuroplay.core --cov-report= --cov-fail-under 98

export PIP_DISABLE_PIP_VERSION_CHECK := 1

# Where a network reads along (a school's filter), its certificate stands in the system's store alone.
# pip, uv and Node bring stores of their own: have them believe the system's. What is set already stays.
SYSTEM_CA := $(firstword $(wildcard /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt \
	/etc/ssl/ca-bundle.pem /etc/ssl/cert.pem))
export UV_SYSTEM_CERTS ?= true
ifneq ($(SYSTEM_CA),)
export REQUESTS_CA_BUNDLE ?= $(SYSTEM_CA)
export NODE_EXTRA_CA_CERTS ?= $(SYSTEM_CA)
endif

PWA_SOURCES := $(shell find pwa/src pwa/public -type f 2>/dev/null) \
	$(wildcard pwa/*.json pwa/*.ts pwa/*.html pwa/*.js pwa/*.mjs) neuroplay/core/game_catalogue.json neuroplay/core/achievements.json
PWA_INSTALLED := pwa/node_modules/.package-lock.json
PWA_BUILT := neuroplay/api/pwa_dist/index.html

.DEFAULT_GOAL := help

.PHONY: help
help: ## What can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

.PHONY: serve
serve: build ## Install what is missing, build, and run NeuroPlay (ARGS="--port 8080")
	@NEUROPLAY_BY_MAKE=1 exec $(BIN)/neuroplay serve $(ARGS)

.PHONY: build
build: .venv/installed $(PWA_BUILT) ## The virtual environment and the PWA

.venv/installed: requirements.lock setup.cfg setup.py pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "NeuroPlay needs Python 3.11 or later; $(PYTHON) is $$($(PYTHON) --version). Run: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 3; }
	@[ -x $(PY) ] && $(PY) -m pip --version >/dev/null 2>&1 || { rm -rf .venv; $(PYTHON) -m venv .venv; } || { \
		rm -rf .venv; \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			apt-get update -qq && apt-get install -y -qq python3-venv && $(PYTHON) -m venv .venv; \
		else \
			echo "Python cannot make virtual environments here. Run: sudo apt-get install python3-venv"; exit 3; \
		fi; }
	@$(PY) make/step.py "Installing the Python dependencies" \
		$(PY) -m pip install --progress-bar off --require-hashes -r requirements.lock
	@$(PY) -m pip install -q --no-deps --no-build-isolation -e .
	@$(PY) make/step.py "Compiling" $(PY) -m compileall -q neuroplay cli loadprofiles
	@touch $@

$(PWA_INSTALLED): .venv/installed pwa/package.json pwa/package-lock.json
	@$(PY) make/step.py "Installing the PWA's dependencies" $(PY) pwa/npm.py ci
	@touch $@

$(PWA_BUILT): $(PWA_INSTALLED) $(PWA_SOURCES)
	@$(PY) make/step.py "Building the PWA" $(PY) pwa/npm.py run build
	@touch $@

.PHONY: test
test: $(PWA_INSTALLED) ## Everything: linters, types, import laws, all tests on real parts
	@$(MAKE) --no-print-directory -j 2 --output-sync=target check-python check-pwa
	@$(MAKE) --no-print-directory test-python

.PHONY: quick
quick: $(PWA_INSTALLED) ## The inner loop, in a minute: unit tests, types, linters, vitest; side by side
	@$(MAKE) --no-print-directory -j 2 --output-sync=target test-unit check-python check-pwa

.PHONY: test-unit
test-unit: .venv/installed ## The unit tests that take no more than some seconds
	$(BIN)/pytest -q -n 2 $(SPREAD) -m "not slow" tests/unit

.PHONY: check-python
check-python: .venv/installed ## ruff, mypy --strict, import-linter, actionlint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/actionlint

.PHONY: check-pwa
check-pwa: $(PWA_INSTALLED) ## tsc, eslint, vitest
	$(PY) pwa/npm.py run typecheck
	$(PY) pwa/npm.py run lint
	$(PY) pwa/npm.py run test

.PHONY: test-python
test-python: build browsers prometheus pgbouncer ## pytest: unit, contract, integration, acceptance, browser (ARGS="-k name")
ifdef ARGS
	$(BIN)/pytest $(ARGS)
else
	@$(MAKE) --no-print-directory -j 2 --output-sync=target test-chaos test-core
	$(BIN)/pytest -q -n 3 $(SPREAD) --ignore tests/acceptance/chaos --ignore tests/unit/core
endif

# It waits for half of its time, and wants the other cores free for the rest of it.
.PHONY: test-chaos
test-chaos: build ## Parts of the system are killed and stopped while fifty tablets send
	$(BIN)/pytest -q tests/acceptance/chaos

.PHONY: test-core
test-core: .venv/installed ## The core's unit tests, and that they reach 98 % of its lines and branches
	nice $(BIN)/pytest -q $(CORE_COVERED) tests/unit/core

# Apart, for it doubles the time that unit tests take.
.PHONY: coverage
coverage: build pgbouncer ## The coverage of lines and branches by unit, contract and integration tests
	$(BIN)/pytest -q -n 2 $(SPREAD) --cov --cov-report= tests/unit tests/contract tests/integration
	$(BIN)/coverage report --skip-covered
	@echo "of neuroplay/core: $$($(BIN)/coverage report --include 'neuroplay/core/*' --format total) %"

.PHONY: test-webkit
test-webkit: build ## pytest on WebKitGTK, the engine of Safari; no part of `make test`
	@$(PY) tests/webkit/programs.py
	$(BIN)/pytest -q tests/webkit $(ARGS)

.PHONY: browsers
browsers: .venv/installed ## A Chromium and a Firefox for the browser tests: the machine's, else apt's, else Playwright's
	@$(PY) tests/browser/chromium.py
	@$(PY) tests/browser/firefox.py

.PHONY: prometheus
prometheus: .venv/installed ## Prometheus and promtool for the tests: the machine's, else Debian's
	@$(PY) tests/prometheus/programs.py

.PHONY: pgbouncer
pgbouncer: .venv/installed ## PgBouncer for the tests: the machine's, else Debian's
	@$(PY) tests/pgbouncer/programs.py

.PHONY: format
format: .venv/installed ## Put Python code into form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: lock
lock: .venv/installed ## Update the Python lock file
	$(BIN)/uv pip compile setup.cfg --extra dev --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-annotate --no-header -q -o requirements.lock
	echo cyclonedx-bom | $(BIN)/uv pip compile - --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-annotate --no-header -q -o make/sbom.lock

.PHONY: schema
schema: .venv/installed ## Write docs/schema.sql: the tables after all migrations
	NEUROPLAY_WRITE_SCHEMA=1 $(BIN)/pytest -q tests/integration/db/test_migrations.py -k schema_in_the_docs

.PHONY: notice
notice: .venv/installed ## Write NOTICE.md: the licences of everything that is shipped
	$(PY) make/third_party.py notice

.PHONY: sbom
sbom: build .venv/sbom/installed ## Bills of materials (CycloneDX) in dist/, for Python and npm
	$(PY) make/third_party.py sbom

# In an environment of its own: it brings 40 packages that nothing else needs.
.venv/sbom/installed: make/sbom.lock
	@$(PYTHON) -m venv .venv/sbom
	@$(PY) make/step.py "Installing CycloneDX" .venv/sbom/bin/python -m pip install --progress-bar off --require-hashes -r $<
	@touch $@

.PHONY: bench
bench: build ## Print figures (ARGS="--help" lists them; ARGS="sync flow --baseline HEAD~5")
	$(PY) -m benchmarks $(ARGS)

.PHONY: wheel
wheel: .venv/installed ## A wheel that serves the PWA with no Node on the machine
	$(PY) -m build --wheel

.PHONY: release-check
release-check: .venv/installed ## Whether this checkout can be released, see docs/releasing.md
	@$(PY) make/release.py

.PHONY: clean
clean: ## Remove what was built (never data)
	rm -rf build dist .venv pwa/node_modules neuroplay/api/pwa_dist *.egg-info
