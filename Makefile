# What people and CI run. Everything is installed into .venv; everything that runs is written to var/.

HOST ?= localhost
PORT ?= 8000
RUN = .venv/bin
PYTEST_OPTIONS ?=
export HOST PORT

.PHONY: help setup demo dev test test-postgres lint format check audit headers bench faults fuzz mutation scale lock

help:
	@echo "make demo           install, fill and serve the demo summit at http://$(HOST):$(PORT)"
	@echo "make test           everything: unit, sockets, browsers, accessibility"
	@echo "make test-postgres  the same on PostgreSQL"
	@echo "make setup          the virtual environment in .venv, with all tools"
	@echo "make dev            a server that reloads when the code changes"
	@echo "make lint           style, types, import contracts, templates"
	@echo "make format         put the code into the house's style"
	@echo "make check          models and migrations agree; settings are fit for production"
	@echo "make audit          are advisories known about what is pinned? (asks PyPI or OSV; REQUIRED=1: fail if neither answers)"
	@echo "make headers        MDN's HTTP Observatory grades a whole installation (needs npm)"
	@echo "make bench          the benchmarks, one table each"
	@echo "make faults         break servers in the middle of a live session, with real processes"
	@echo "make fuzz           frames, forms, queries and uploads by the hundred thousand (SECONDS=600)"
	@echo "make mutation       break live, moderation and permissions one way at a time: does a test notice? (MINUTES=60)"
	@echo "make scale          a whole installation on this machine: proxy, processes, worker; tried, and stopped again"
	@echo "make lock           pin the dependencies of pyproject.toml again (UPGRADE=1: the newest)"

setup:
	@scripts/bootstrap test

demo:
	@scripts/check-port
	@scripts/bootstrap base
	@DEBUG=$${DEBUG:-false} exec $(RUN)/python manage.py demo

dev: setup
	$(RUN)/python manage.py migrate
	$(RUN)/python manage.py runserver $(HOST):$(PORT)

test: setup
	$(RUN)/pytest $(PYTEST_OPTIONS)

test-postgres: setup
	$(RUN)/pytest --database=postgres $(PYTEST_OPTIONS)

lint: setup
	$(RUN)/ruff check .
	$(RUN)/ruff format --check .
	$(RUN)/mypy .
	$(RUN)/lint-imports
	$(RUN)/djlint templates --lint --quiet
	$(RUN)/djade --check $$(git ls-files 'templates/*.html' '*/templates/*.html')

format: setup
	$(RUN)/ruff check --fix .
	$(RUN)/ruff format .
	$(RUN)/djade $$(git ls-files 'templates/*.html' '*/templates/*.html') || true

check: setup
	$(RUN)/python manage.py makemigrations --check --dry-run
	$(RUN)/python manage.py check --fail-level WARNING
	$(RUN)/python scripts/check_production.py

audit: setup
	@$(RUN)/python -m scripts.audit $(if $(REQUIRED),--required)

headers: setup
	@$(RUN)/python -m scripts.headers

bench: setup
	@for file in $$(git ls-files 'benchmarks/[a-z]*.py'); do \
		name=$$(basename $$file .py); echo "== $$name"; $(RUN)/python -m benchmarks.$$name || exit 1; \
	done

faults: setup
	$(RUN)/pytest --faults tests/faults $(PYTEST_OPTIONS)
	$(RUN)/pytest --faults --database=postgres -m "not browser" tests/faults $(PYTEST_OPTIONS)

fuzz: setup
	SUMMIT_FUZZ_SECONDS=$(or $(SECONDS),600) $(RUN)/pytest tests/summit/test_fuzz.py -q -s $(PYTEST_OPTIONS)

mutation: setup
	@$(RUN)/python -m scripts.mutate --minutes $(or $(MINUTES),60) --modules '$(or $(MODULES),*)' $(MUTATION_OPTIONS)

scale: setup
	@$(RUN)/python -m scripts.scale --processes $(or $(PROCESSES),2) $(if $(STAY),--stay)

lock:
	scripts/lock $(if $(UPGRADE),--upgrade)
