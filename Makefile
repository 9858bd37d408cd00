# What one does with this repository. "make" alone lists it.
#
# Everything that takes more than a line is a script in scripts/, so that it can be read and run without make.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory
.NOTPARALLEL:

# The version in the binary: the nearest tag and the commit, or "dev" outside a git checkout.
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X daymark/internal/cli.version=$(VERSION)

# The version above is all that a binary says of its origin; without this, Go asks git, which refuses where somebody else
# owns the checkout (a container, a CI machine).
export GOFLAGS := $(strip $(shell go env GOFLAGS 2>/dev/null) -buildvcs=false)

# -race more than doubles the time of a test; the limit is for one package and only stops what hangs. "make check" vets
# everything, so that "make test" need not; nobody debugs its 180 programs, and without symbols they link in half the time.
TEST_TIMEOUT ?= 30m
FUZZTIME ?= 30s
BENCHTIME ?= 1s

# The front end: TypeScript and CSS in $(UI), built into $(BUILT), which Go embeds and git ignores.
UI := internal/face/web/ui
BUILT := internal/face/web/built

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: setup build ## set up, build and start the demo
	@exec bin/daymark demo

.PHONY: build
build: ui ## build bin/daymark
	@go build -trimpath -ldflags '$(LDFLAGS)' -o bin/daymark ./cmd/daymark

.PHONY: test
test: setup-test ui ## run every test with the race detector (browser, layers and fuzz seeds included)
	@go test -race -vet=off -ldflags='-s -w' -timeout $(TEST_TIMEOUT) ./...

.PHONY: check
check: setup ui ## format, vet, staticcheck, tsc, tidy modules, scripts
	@scripts/check

.PHONY: bench
bench: setup build ## the benchmarks, then start-up, memory and size of the binary, Lighthouse, then sending
	@go test -run '^$$' -bench . -benchmem -benchtime $(BENCHTIME) -timeout 60m ./...
	@failed=0; scripts/measure || failed=1; scripts/lighthouse || failed=1; scripts/bench || failed=1; exit $$failed

.PHONY: bench-pace
bench-pace: setup build ## sending only (FIGURE=burst,burst50,idle,hang,killed,claim ROUNDS=5)
	@scripts/bench -figure '$(FIGURE)' -rounds $(or $(ROUNDS),5)

.PHONY: fuzz
fuzz: setup ui ## fuzz each target for FUZZTIME (30s)
	@scripts/fuzz $(FUZZTIME)

.PHONY: soak
soak: setup-test ui ## the whole crash matrix and storms for SOAK (10m); CASE and SEED repeat a failure
	@scripts/soak

.PHONY: smoke
smoke: setup build ## start the demo and compare the sandbox with the database and the pages
	@scripts/smoke

.PHONY: screenshots
screenshots: setup-test ui ## make docs/images from the real product
	@DAYMARK_SCREENSHOTS="$(CURDIR)/docs/images" go test -count=1 -timeout $(TEST_TIMEOUT) -run '^TestScreenshots$$' ./internal/journey/
	@DAYMARK_SCREENSHOTS="$(CURDIR)/docs/images" go test -count=1 -timeout $(TEST_TIMEOUT) -run '^TestContactSheet$$' ./internal/media/card/

.PHONY: setup
setup: ## install what building and running need
	@scripts/setup

.PHONY: setup-test
setup-test: ## install what the tests need as well
	@scripts/setup --test

.PHONY: clean
clean: ## remove what was built (never the data folder .daymark)
	@rm -rf bin $(BUILT)/* $(UI)/node_modules

# --- the front end ---------------------------------------------------------------------------------------------------

.PHONY: ui
ifneq ($(wildcard $(UI)/package.json),)

# The stamp lies with the packages, so that a new installation of them builds anew. It is also redone when the
# result is gone.
UI_STAMP := $(UI)/node_modules/.daymark-built
UI_SOURCES := $(shell find $(UI) -path $(UI)/node_modules -prune -o -type f -print)
ifeq ($(wildcard $(BUILT)/*),)
.PHONY: $(UI_STAMP)
endif

ui: $(UI_STAMP) ## build the pages' script and styles

$(UI_STAMP): $(UI_SOURCES) | $(UI)/node_modules
	@npm --prefix $(UI) run build --silent
	@touch $@

$(UI)/node_modules:
	@scripts/setup

else ifneq ($(wildcard internal/face/web/*.go),)
ui:
	@echo "make: $(UI)/package.json is missing, so the pages cannot be built" >&2; exit 1
else
ui: ;
endif
