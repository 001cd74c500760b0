# Needs python3 (3.11 or newer) and make; everything else goes into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Without it, each of the suite's hundreds of processes would compile all that it imports of ours anew.
unexport PYTHONDONTWRITEBYTECODE
READY := $(VENV)/.ready

.PHONY: demo test lint lock soak clean help

help: ## What there is to make
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "make %-6s %s\n", $$1, $$2}'

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Presscheck needs Python 3.11 or newer; this is %s. Try make PYTHON=python3.11" % sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@# As a constraint too: pip 23 looks for a newer one of what is asked for with extras, such as sqlalchemy[asyncio].
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock -c requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $(READY)

demo: $(READY) ## Set up, run a campaign, wait for you to sign it (AUTO=1: sign it for you)
	$(BIN)/presscheck demo $(if $(AUTO),--auto)

test: $(READY) ## All tests; FAST=1: those without a server and a browser. PROCESSES=4: by four processes. PRESSCHECK_REQUIRE=postgres,browser,postfix,pgbouncer fails instead of skipping
	$(if $(FAST),PRESSCHECK_FAST=1 )$(BIN)/python -m pytest -n $(or $(PROCESSES),$(if $(FAST),2,3)) --durations=15

lint: $(READY) ## ruff, pyright (strict on policies and presscheck), import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/pyright

# Each part is a file, and takes less than an hour.
PART ?= $(patsubst tests/%.py,%,$(shell grep -rl --include='*.py' 'pytest.mark.soak' tests | sort))

soak: $(READY) ## The races and kills again, many times over; PART=system/test_kills: one file of them, SHARE=0.1: a tenth
	@failed=0; for part in $(PART); do \
	  echo "$$part"; \
	  PRESSCHECK_SOAK=$(or $(SHARE),1) $(BIN)/python -m pytest -m soak --timeout=3600 tests/$$part.py || failed=1; \
	done; exit $$failed

lock: $(READY) ## Pin every dependency with hashes, without a registry's address
	$(BIN)/uv pip compile --quiet --no-emit-index-url --generate-hashes --universal --python-version 3.11 \
	  --custom-compile-command "make lock" --extra dev pyproject.toml -o requirements.lock

clean: ## Remove what make made
	rm -rf $(VENV) .presscheck dist build
