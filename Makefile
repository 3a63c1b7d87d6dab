# Needs GNU make and Python 3.11 or later; everything else goes into .venv, once.

.SILENT:
.DEFAULT_GOAL := help
.PHONY: help run test check format bench docs languages lock clean

VENV := .venv
PIP := $(VENV)/bin/python -m pip --disable-pip-version-check --no-input --quiet
# the locks are complete, so pip only has to check the hashes
INSTALL := $(PIP) install --require-hashes --no-deps --only-binary :all: --no-compile -r
# two at once: the suite is measured on two cores; without bytecode each process would compile all of it again
PYTEST := env -u PYTHONDONTWRITEBYTECODE $(VENV)/bin/python -m pytest -n 2 --dist worksteal
PRODUCT := $(PIP) install --no-index --no-deps --no-build-isolation --editable .
COMPILE := $(VENV)/bin/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-strip-extras --no-annotate --no-header --no-emit-index-url --no-emit-find-links --quiet

help: ## list what can be made
	sed -n 's/^\([a-z]*\):.*## \(.*\)/\1|\2/p' Makefile | while IFS='|' read -r name text; do \
		printf 'make %-10s%s\n' "$$name" "$$text"; done

run: $(VENV)/installed ## set up what is missing and start the product; Ctrl-C stops it (ARGS="--help" tells more)
	trap : INT; $(VENV)/bin/slm up $(ARGS) || [ $$? -eq 130 ]

test: $(VENV)/installed-dev ## set up what is missing and run the tests, without long campaigns (ARGS="-k name" chooses)
	$(PYTEST) -m "not campaign" $(ARGS)

check: $(VENV)/installed-dev ## everything that must hold: format, lint, types, rooms, tests, campaigns too
	echo "ruff format"; $(VENV)/bin/ruff format --check
	echo "ruff check"; $(VENV)/bin/ruff check
	echo "mypy"; $(VENV)/bin/mypy --no-error-summary
	echo "lint-imports"; $(VENV)/bin/lint-imports --no-logo
	$(PYTEST) $(ARGS)

format: $(VENV)/installed-dev ## write the code in its usual form
	$(VENV)/bin/ruff check --quiet --fix-only
	$(VENV)/bin/ruff format --quiet

bench: $(VENV)/installed-dev ## print speeds as ratios, side by side in one run (ARGS="--only imports" chooses)
	$(VENV)/bin/python -m bench $(ARGS)

docs: $(VENV)/installed-dev ## draw the README's tables and diagram anew from the code
	$(VENV)/bin/python -m cli.readme

languages: $(VENV)/installed-dev ## bring the catalogs of translations up to date with the texts
	$(VENV)/bin/python -m templates.languages.updating

lock: $(VENV)/installed-dev ## renew both locks from pyproject.toml (ARGS="--upgrade" takes newer versions)
	$(COMPILE) --extra install $(ARGS) -o requirements.lock
	$(COMPILE) --extra install --extra dev $(ARGS) -c requirements.lock -o requirements-dev.lock

clean: ## remove .venv and everything generated, but not the product's data in var/
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/installed: $(VENV)/bin/pip requirements.lock pyproject.toml
	echo "installing the locked dependencies (once) ..."
	$(INSTALL) requirements.lock
	echo "installing the product ..."
	$(PRODUCT)
	touch $@

# the development lock holds the other, so `make run` has nothing left to install after this
$(VENV)/installed-dev: $(VENV)/bin/pip requirements.lock requirements-dev.lock pyproject.toml
	echo "installing the locked dependencies for development (once) ..."
	$(INSTALL) requirements-dev.lock
	echo "installing the product ..."
	$(PRODUCT)
	touch $(VENV)/installed $@

# pip is what venv writes last: where it is, the environment is whole
$(VENV)/bin/pip:
	for python in python3.13 python3.12 python3.11 python3; do \
		if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			found=yes; \
			if $$python -c 'import ensurepip, venv' 2>/dev/null; then \
				echo "creating $(VENV) with $$($$python --version) ..."; \
				exec $$python -m venv --clear $(VENV); \
			fi; \
		fi; \
	done; \
	if [ "$$found" ]; then \
		echo "this Python has no venv; install it and try again (Debian, Ubuntu: apt install python3-venv)" >&2; \
	else \
		echo "Python 3.11 or later is needed (Debian, Ubuntu: apt install python3 python3-venv)" >&2; \
	fi; \
	exit 1
