# make video: the demo, to out/street.mp4.  make test: the suite.  Both set up .venv on first use.
# make lint, test-torch and test-slow need torch, which is a large download on most machines; test-oracle needs libLLVM.

BIN := .venv/bin
DEMO := $(firstword $(wildcard scenes/street.yaml) scenes/hello.yaml)

.PHONY: video test test-torch test-oracle test-slow lint format wheel clean

video: .venv/core.stamp
	mkdir -p out
	$(BIN)/diorama render $(DEMO) -o out/street.mp4 --overwrite

test: .venv/dev.stamp
	$(BIN)/pytest

test-torch: .venv/torch.stamp
	$(BIN)/pytest tests/refine tests/training tests/metrics tests/cli/test_train.py

test-oracle: .venv/oracle.stamp
	$(BIN)/pytest tests/oracle tests/cli/test_compare.py tests/test_benchmarks.py

test-slow: .venv/torch.stamp
	$(BIN)/pytest -m slow

lint: .venv/torch.stamp
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

.venv/torch.stamp: pyproject.toml constraints.txt
	.ci/setup dev,torch
	touch .venv/core.stamp .venv/dev.stamp $@

.venv/oracle.stamp: pyproject.toml constraints.txt
	.ci/setup dev,oracle
	touch .venv/core.stamp .venv/dev.stamp $@
