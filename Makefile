# What a person or CI does here, by the same names. 'make' lists it.
SHELL   := /bin/bash
GO      ?= go
ARGS    ?=
BIN     := bin/alataw
LINTER  := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
# Inputs for each fuzz target. A duration works too, but Go 1.26 may report its end as a failure: go.dev/issue/75804
FUZZ    ?= 20000x

.DEFAULT_GOAL := help
.PHONY: help build run demo test test-kafka test-race torture torture-kafka fuzz bench bench-kafka lint lint-deploy generate verify up down postgres java clean

help: ## List what can be done
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-12s %s\n", $$1, $$2}'

build: ## Build the program into bin/
	$(GO) build -trimpath -o $(BIN) .

run: build postgres ## Serve all roles with an embedded queue and database in .alataw/
	$(BIN) serve $(ARGS)

demo: build postgres ## Show the journey from order to released train, with a sample day
	$(BIN) demo $(ARGS)

test: postgres ## Run all tests, with a real PostgreSQL and the embedded broker
	$(GO) test -timeout 15m $(ARGS) ./...

test-kafka: postgres java ## Run the queue's and the flow's tests on Apache Kafka itself: fetched and started here, or KAFKA_BROKERS
	@if [ -n "$$KAFKA_BROKERS" ]; then \
	  echo "on $$KAFKA_BROKERS; what needs brokers of its own (failover, TLS, cluster) is left out"; \
	  $(GO) test -count=1 -timeout 15m $(ARGS) ./internal/kafka ./internal/app; \
	else $(GO) test -tags apache -count=1 -timeout 15m $(ARGS) ./internal/kafka/... ./internal/app; fi

test-race: postgres ## The same under the race detector
	$(GO) test -race -timeout 30m $(ARGS) ./...

torture: postgres ## Kill, cut and fill everything under load, and check that nothing is lost or twice (ARGS="--parcels 100000 --duration 10m --seed 7")
	$(GO) build -tags failpoints -o $(BIN)-torture .
	$(BIN)-torture torture $(ARGS)

torture-kafka: postgres java ## The same on three Apache Kafka brokers, which are killed too (ARGS="-parcels 200000 -duration 15m -seed 7")
	$(GO) test -tags 'apache failpoints' -count=1 -timeout 3h -v -run TestTortureOnThreeApacheBrokers ./internal/app -args $(ARGS)

fuzz: ## Run every fuzz target on FUZZ inputs (20000x), two at a time
	@set -euo pipefail; module=$$($(GO) list -m); \
	grep -ro 'func Fuzz[A-Za-z0-9]*' --include='*_test.go' . | sort | sed -E "s|^\./(.*)/[^/]*:func (.*)|$$module/\1 \2|" | xargs -P 2 -L 1 bash -c ' \
	  echo "$$0 $$1"; $(GO) test -run "^\$$" -fuzz "^$$1\$$" -fuzztime $(FUZZ) -fuzzminimizetime 10x -parallel 1 "$$0"'

bench: build postgres ## Measure everything beside its baseline, ten minutes (ARGS="--quick" for one; see docs/performance.md)
	$(BIN) bench $(ARGS)

bench-kafka: postgres java ## The same journey on Apache Kafka, fetched and started here, beside its own producer test
	BENCH_ARGS="$(ARGS)" $(GO) test -tags apachebench -count=1 -timeout 30m -run TestTheJourneyOnApacheKafka -v ./internal/app

lint: lint-deploy ## Check style and import rules
	$(GO) vet ./...
	$(GO) vet -tags apache ./internal/kafka/... ./internal/app
	$(GO) vet -tags apachebench ./internal/app
	$(GO) run $(LINTER) run

# Manifests, dashboard and composition are checked by the tests of package deploy; rules need Prometheus' own tool.
lint-deploy: bin/promtool ## Check the alert rules and run their tests
	bin/promtool check rules deploy/alerts/*.yaml
	cd deploy/alerts/tests && ../../../bin/promtool test rules *.yaml

# An installed one, or that of Debian's or Ubuntu's package, unpacked and not installed: no root is needed, and nothing is started.
bin/promtool:
	@mkdir -p bin && if command -v promtool >/dev/null; then ln -sf "$$(command -v promtool)" $@; \
	elif command -v apt-get >/dev/null; then \
	  set -e; dir=$$(mktemp -d); trap "rm -rf $$dir" EXIT; \
	  { [ "$$(id -u)" != 0 ] || apt-get update -qq; }; (cd $$dir && apt-get download -qq prometheus 2>/dev/null && dpkg -x prometheus_*.deb .); \
	  cp $$dir/usr/bin/promtool $@; \
	else echo "promtool is needed: it comes with Prometheus (apt install prometheus, brew install prometheus)"; exit 1; fi

generate: ## Write the API description from the code, and the operator's rules from the alerts
	$(GO) generate ./docs/openapi
	@{ printf '# Made of alerts/alataw.yaml by make generate. Do not edit.\napiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\n'; \
	  printf 'metadata: {name: alataw}\nspec:\n'; sed -e '/^#/d' -e 's/^/  /' deploy/alerts/alataw.yaml; } >deploy/kubernetes/base/rules.yaml

verify: generate ## Fail when generated files or go.mod are stale
	$(GO) mod tidy -diff
	git diff --exit-code -- docs/openapi deploy/kubernetes/base/rules.yaml

up: ## Start Apache Kafka, PostgreSQL and the roles in containers
	docker compose -f deploy/compose.yaml up -d --build

down: ## Stop them
	docker compose -f deploy/compose.yaml down

# The program finds an installed PostgreSQL by itself, and fetches one where there is none; installing it is the better way.
postgres:
	@if ! command -v postgres >/dev/null && ! ls /usr/lib/postgresql/*/bin/postgres /usr/pgsql-*/bin/postgres /usr/local/pgsql/bin/postgres \
	    /opt/homebrew/opt/postgresql@*/bin/postgres /usr/local/opt/postgresql@*/bin/postgres >/dev/null 2>&1; then \
	  if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
	    echo "installing PostgreSQL with apt"; \
	    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql >/dev/null; } \
	      || echo "apt could not install it; the program will fetch its own"; \
	  else echo "no PostgreSQL found; the program will fetch its own (or: sudo apt install postgresql, brew install postgresql@17)"; fi; fi

# Apache Kafka 4 needs Java 17 or later. Its jars the tests fetch themselves.
java:
	@if [ -z "$$KAFKA_BROKERS" ] && [ ! -x "$$JAVA_HOME/bin/java" ] && ! command -v java >/dev/null; then \
	  if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
	    echo "installing Java with apt"; \
	    { apt-get update -qq && for jre in openjdk-17-jre-headless openjdk-21-jre-headless default-jre-headless; do \
	      DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$jre >/dev/null 2>&1 && break; done; } \
	      || echo "apt could not install it"; \
	  else echo "no Java found: install version 17 or later (sudo apt install openjdk-17-jre-headless, brew install openjdk@17)"; fi; fi

clean: ## Remove what was built
	rm -rf bin
