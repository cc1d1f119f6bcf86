# make video: the demo, to out/street.mp4.  make test: the suite.  Both set up .venv on first use.

BIN := .venv/bin
DEMO := $(firstword $(wildcard scenes/street.yaml) scenes/hello.yaml)

.PHONY: video test test-slow lint format wheel clean

video: .venv/core.stamp
	mkdir -p out
	$(BIN)/diorama render $(DEMO) -o out/street.mp4 --overwrite

test: .venv/dev.stamp
	$(BIN)/pytest

test-slow: .venv/dev.stamp
	$(BIN)/pytest -m slow

lint: .venv/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/dev.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

wheel: .venv/core.stamp
	$(BIN)/python -m pip wheel --no-deps --wheel-dir dist .

clean:
	rm -rf .venv build dist out .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache

.venv/core.stamp: pyproject.toml constraints.txt
	.ci/setup
	touch $@

.venv/dev.stamp: pyproject.toml constraints.txt
	.ci/setup dev
	touch .venv/core.stamp $@
