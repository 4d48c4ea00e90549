# Two commands on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo demo-sans-serveur test assets lock bench clean

demo: assets
	$(BIN)/zones-blanches demo

demo-sans-serveur: assets
	$(BIN)/zones-blanches demo --sans-serveur

test: $(VENV)/.dev assets
	$(BIN)/python -m data.reference.npm_files --essais
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile

# Browser files and code tables, at pinned versions, checked by their integrity hashes.
assets: $(VENV)/.run
	$(BIN)/python -m data.reference.npm_files

bench: $(VENV)/.dev assets
	$(BIN)/python benchmarks/national.py
	$(BIN)/python benchmarks/serving.py

$(VENV)/.run: requirements/run.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/run.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/.dev: $(VENV)/.run requirements/dev.txt
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/dev.txt
	touch $@

# Rewrites the hashed requirements from pyproject.toml (needs uv).
lock:
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --extra build -o requirements/run.txt
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --extra build --extra dev -c requirements/run.txt -o requirements/dev.txt

clean:
	rm -rf $(VENV) .nodeenv demo demo-etude maps/assets data/reference/cog
