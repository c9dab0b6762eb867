.NOTPARALLEL:

demo: .venv/udpchat  ## a server and three clients talk on this machine
	@.venv/bin/python examples/demo.py

test: .venv/udpchat .venv/test-tools  ## all tests, against the installed package
	@UDPCHAT_INSTALLED=1 PYTHONSAFEPATH=1 .venv/bin/pytest --numprocesses=auto --dist=loadfile

cover: .venv/udpchat .venv/test-tools  ## the same, and what of the code they reach
	@UDPCHAT_INSTALLED=1 PYTHONSAFEPATH=1 .venv/bin/pytest --cov --cov-report=term

simulate: .venv/udpchat .venv/test-tools  ## SEEDS=1000 virtual days on bad networks, each twice; SEED=7 draws one
	@PYTHONPATH=tests PYTHONSAFEPATH=1 .venv/bin/python -m simulation.sweep $(if $(SEED),--seed $(SEED),--seeds $(SEEDS))

sweep: .venv/udpchat .venv/test-tools  ## 3 x 200 messages at 30 % loss, 500 clients that come and go, then `simulate`
	@UDPCHAT_EACH=200 UDPCHAT_CHURN=500 UDPCHAT_INSTALLED=1 PYTHONSAFEPATH=1 .venv/bin/pytest -q \
	    tests/e2e/test_relay.py tests/contract
	@$(MAKE) --no-print-directory simulate

presence: .venv/udpchat .venv/test-tools  ## 20 x 10 virtual hours of silence at 30 % loss: is anybody told a change?
	@PYTHONPATH=tests PYTHONSAFEPATH=1 .venv/bin/python -m simulation.presence

lint: .venv/lint-tools  ## style, types, layers
	@.venv/bin/ruff check --quiet
	@.venv/bin/ruff format --check --quiet
	@.venv/bin/pyright --warnings
	@PYTHONPATH=.:protocol:transports:stores:cli .venv/bin/lint-imports --no-logo

check: lint test  ## what has to pass before a commit

docs: .venv/docs-tools  ## the API reference, in build/api
	@mkdir -p build && cd build && PYTHONSAFEPATH=1 ../.venv/bin/python -m pdoc --no-show-source -o api \
	    udpchat_core udpchat_transports udpchat_stores udpchat_protocol
	@echo "build/api/index.html"

clean:  ## back to a fresh checkout
	@rm -rf .venv .coverage .coverage.* .hypothesis .import_linter_cache .pytest_cache .ruff_cache build dist
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*  ## /make \1	/p' Makefile

.PHONY: demo test cover simulate sweep presence lint check docs clean help

# Set-up. Each stamp in .venv says that its step is done, and is older than what the step depends on once it is not.

SEEDS ?= 1000
PACKAGES = udpchat_core protocol/udpchat_protocol transports/udpchat_transports stores/udpchat_stores cli/udpchat_cli
SOURCES := $(shell find $(PACKAGES) -name __pycache__ -prune -o \( -type d -o -name '*.py' -o -name py.typed \) -print)
IS_NEW_ENOUGH = -c 'import sys; sys.exit(sys.version_info < (3, 11))'
PYTHON ?= $(shell for p in python3.11 python3; do $$p $(IS_NEW_ENOUGH) 2>/dev/null && echo $$p && break; done)
PIP = .venv/bin/python -m pip --disable-pip-version-check -qq install

.venv/made:
	@test -n "$(PYTHON)" && $(PYTHON) $(IS_NEW_ENOUGH) || { \
	    echo "udpchat needs Python 3.11 or newer; none found. Name one: make PYTHON=/path/to/python" >&2; exit 1; }
	@echo "making .venv"
	@$(PYTHON) -m venv --clear .venv
	@$(PIP) --upgrade pip
	@touch $@

.venv/build-tools: .venv/made pyproject.toml
	@$(PIP) --group build
	@touch $@

.venv/udpchat: .venv/build-tools $(SOURCES) pyproject.toml README.md
	@echo "installing udpchat"
	@$(PIP) --no-build-isolation '.[all]'
	@touch $@

.venv/test-tools: .venv/made pyproject.toml | .venv/udpchat
	@echo "installing what the tests need"
	@$(PIP) --group test
	@touch $@

.venv/lint-tools: .venv/test-tools pyproject.toml
	@echo "installing what lint needs"
	@$(PIP) --group lint
	@touch $@

.venv/docs-tools: .venv/udpchat pyproject.toml
	@echo "installing what the API reference needs"
	@$(PIP) --group docs
	@touch $@
