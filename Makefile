# `make help` lists the commands. They use a virtual environment of their own, which the first one creates.

PYTHON ?= python3
PORT ?= 8000
MOCK_PORT ?= 9100
ORIGIN ?=
FORWARD ?=
SERVER ?= gunicorn
BASE ?=
SUITE ?= bookworm
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
DEVELOP := $(VENV)/ready-to-develop
GRANIAN := $(VENV)/ready-granian
START_gunicorn := $(BIN)/gunicorn wsgi:app
START_granian := $(BIN)/python -m app.serving.cli serve --granian
SDK := node_modules/.package-lock.json
SDKS := tests/sdks/.venv/ready tests/sdks/node_modules/.package-lock.json examples/h5_vue/node_modules/.package-lock.json
PEERS := bench/node_modules/.package-lock.json
PIP := $(BIN)/pip install --quiet --disable-pip-version-check
COMPILE = $(BIN)/pip-compile --quiet $(UPGRADE) --strip-extras --no-header --no-emit-index-url --no-emit-find-links --no-emit-trusted-host
UPGRADE := --upgrade
# Whole files, so that their servers start once; in their order, which begins with the longest.
PYTEST := $(BIN)/pytest -n auto --dist loadfile --no-loadscope-reorder

# The demo and the tests have settings of their own, independent of the shell's.
unexport $(filter WECHAT_%,$(.VARIABLES))

.DEFAULT_GOAL := help
.PHONY: help run test test-sdks test-all all-tests test-image check check-fast bench image base-image format lock clean

help: ## List the commands
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo "  PORT=8000 and MOCK_PORT=9100 move the ports of make run; PYTHON=python3.12 picks the interpreter."
	@echo "  make run ORIGIN=http://localhost:5173 signs for a page of your own on that address, and logs in to it."
	@echo "  ORIGIN='http://localhost:5173 http://127.0.0.1:3000' are two of them."
	@echo "  make run FORWARD=http://127.0.0.1:3001/push sends the mini program's messages on to a server of your own."
	@echo "  make run SERVER=granian runs granian in place of gunicorn."

$(READY): requirements.txt
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer is needed; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.12")'
	@echo "Installing the server's packages into $(VENV); this takes about half a minute, once."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) -r requirements.txt
	@touch $@

$(DEVELOP): $(READY) requirements-dev.txt pyproject.toml
	@echo "Installing the development packages into $(VENV)."
	@$(PIP) -r requirements-dev.txt
	@$(PIP) --no-deps -e .
	@touch $@

$(GRANIAN): $(READY) requirements-granian.txt
	@echo "Installing granian into $(VENV)."
	@$(PIP) -r requirements-granian.txt
	@touch $@

# Optional: without it everything but WeChat's browser works, and the page says what is missing.
$(SDK): package.json package-lock.json
	@if ! command -v npm >/dev/null; then echo "npm is missing: pages that need WeChat's JS-SDK will say so."; \
	else echo "Installing WeChat's JS-SDK for the demo's pages."; \
	npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null && touch $@ || echo "npm could not install WeChat's JS-SDK."; fi

run: $(READY) $(SDK) $(if $(filter granian,$(SERVER)),$(GRANIAN)) ## Start a mock WeChat and the server against it, on loopback
	@PORT=$(PORT) \
	WECHAT_JS_DOMAINS=127.0.0.1:$(PORT),localhost:$(PORT) \
	WECHAT_PUBLIC_URL=http://127.0.0.1:$(PORT) \
	WECHAT_LOGIN_ORIGINS=http://127.0.0.1:$(PORT),http://localhost:$(PORT) \
	WECHAT_WEB_APPID=wx0000000000000003 \
	WECHAT_WEB_SECRET=mock-web-secret \
	WECHAT_WEB_LOGIN_ORIGINS=http://127.0.0.1:$(PORT),http://localhost:$(PORT) \
	WECHAT_PRIVATE_MEDIA=allow \
	$(if $(FORWARD),WECHAT_PUSH_FORWARD_URL='$(FORWARD)') \
	WECHAT_SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(32))') \
	WECHAT_DEMO_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(24))') \
	exec $(BIN)/python -m mock_wechat run --port $(MOCK_PORT) --push-url http://127.0.0.1:$(PORT)/api/push/mini \
		$(foreach site,$(ORIGIN),--origin $(site)) -- $(or $(START_$(SERVER)),$(error SERVER is gunicorn or granian))

test: $(DEVELOP) $(SDK) ## Check the style and types while all tests run
	@$(MAKE) --no-print-directory --jobs=2 check all-tests

test-all: ## The same, with the tests that use real WeChat SDKs
	@$(MAKE) --no-print-directory test WITH_SDKS=yes

all-tests: $(DEVELOP) $(SDK) $(if $(WITH_SDKS),$(SDKS))
	$(PYTEST) -m "not image$(if $(WITH_SDKS),, and not sdk)"

test-sdks: $(DEVELOP) $(SDKS) ## Run the tests that use real WeChat SDKs alone
	$(PYTEST) -m sdk

test-image: $(DEVELOP) ## Build the image on a base of Debian's packages and sign a page with it (root, buildah, mmdebstrap)
	@$(MAKE) --no-print-directory base-image image BASE=localhost/debian-python
	$(BIN)/pytest -m image

check-fast: check ## Check the style and types, then run the tests that start no server or browser
	$(PYTEST) -m "not e2e and not image and not slow and not sdk"

check: $(DEVELOP) ## Check the style and types alone
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

tests/sdks/.venv/ready: tests/sdks/requirements.txt
	@echo "Installing Python SDKs for the tests that use them."
	@test -x $(@D)/bin/python || $(PYTHON) -m venv $(@D)
	@$(@D)/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@

tests/sdks/node_modules/.package-lock.json: tests/sdks/package.json tests/sdks/package-lock.json
	@echo "Installing Node SDKs for the tests that use them."
	@npm ci --prefix tests/sdks --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null && touch $@

examples/h5_vue/node_modules/.package-lock.json: examples/h5_vue/package.json
	@echo "Installing Vite and Vue for the test of the example page."
	@npm install --prefix examples/h5_vue --no-package-lock --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null && touch $@

$(PEERS): bench/package.json bench/package-lock.json
	@echo "Installing wechat-jssdk and Express for the benchmarks."
	@npm ci --prefix bench --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null && touch $@

bench: $(DEVELOP) $(PEERS) ## Measure the server beside its peers in at most 5 minutes (needs wrk and npm)
	timeout --foreground 300 $(BIN)/python -m bench

# A build reaches the package index as this machine does. buildah works in a container, too, with these two.
image base-image test-image: export BUILDAH_ISOLATION := chroot
image base-image test-image: export STORAGE_DRIVER := vfs
image: ## Build the container image with buildah; BASE=... is any Debian with Python
	buildah build --format docker $(if $(BASE),--build-arg BASE=$(BASE)) --tag localhost/wechat-central \
		$(foreach path,$(wildcard /etc/pip.conf /etc/xdg/pip /etc/ssl/certs),--volume $(path):$(path):ro) .

base-image: ## Make localhost/debian-python, a base for it, of Debian's packages
	@mkdir -p build
	mmdebstrap --variant=minbase --include=ca-certificates,python3 $(SUITE) build/base.tar
	printf 'FROM scratch\nADD base.tar /\n' | buildah build --tag localhost/debian-python --file - build
	@rm build/base.tar

format: $(DEVELOP) ## Format the code
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

lock: $(DEVELOP) ## Pin all requirements anew
	$(COMPILE) --extra fast --extra heif --extra redis --output-file requirements.txt pyproject.toml requirements.in
	$(COMPILE) requirements-granian.in
	$(COMPILE) --allow-unsafe requirements-dev.in

clean: ## Remove the virtual environment and everything that was made
	rm -rf $(VENV) node_modules bench/node_modules tests/sdks/.venv tests/sdks/node_modules examples/h5_vue/node_modules instance *.egg-info mock_wechat/*.egg-info build mock_wechat/build .pytest_cache .mypy_cache .ruff_cache .hypothesis
