# Larder's few commands; `make help` lists them. Everything else is Maven: mvn -pl MODULE -am verify.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

export JAVA_HOME := $(shell sh .mvn/find-jdk.sh)
MVN  := mvn -B -ntp
JAVA := $(JAVA_HOME)/bin/java --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow -cp 'e2e/target/classes:e2e/target/lib/*'
NODES ?= 3
SECONDS := 3600
KILLS := 1000
INPUTS := 10000000
IMAGES := 5000
BUILT := target/built
SOURCES := pom.xml .mvn crds node-cache operator helm deploy e2e

.PHONY: help build images test demo cluster cluster-down bench bench-store soak scale fuzz format clean tools

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' Makefile | while IFS=$$'\t' read -r name text; do printf '  make %-13s %s\n' "$$name" "$$text"; done

demo: build ## The main job on a real cluster: cold pull, hit, upstream outage, cache outage (KEEP=1 leaves the cluster)
	@exec $(JAVA) dev.larder.e2e.Demo

test: tools ## Every test: unit, integration, chart, and end to end on a real cluster
	@$(MVN) verify

# Maven and Quarkus build anew what has not changed, and differently: the images would follow. Folders count too, for deleted files;
# so the modules' target folders are made before the time that counts.
build: tools ## Compile and package everything that changed, without tests
	@if [ ! -e $(BUILT) ] || [ -n "$$(find $(SOURCES) -name target -prune -o -newer $(BUILT) -print -quit)" ]; then \
	  echo "Building the modules (the first build downloads its libraries)."; \
	  mkdir -p target {crds,node-cache,operator,helm,e2e}/target; touch $(BUILT).begun; $(MVN) -q -DskipTests package; mv $(BUILT).begun $(BUILT); \
	fi

images: build ## Write both container images as OCI archives
	@exec $(JAVA) dev.larder.e2e.images.BuildImages

cluster: build ## A developer's cluster with Larder's images, not installed, until cluster-down: NODES=3
	@exec $(JAVA) dev.larder.e2e.ClusterUp $(NODES)

cluster-down: build ## End that cluster and leave nothing behind
	@exec $(JAVA) dev.larder.e2e.ClusterDown

bench: build ## Measure beside nginx, docker-registry and the direct pull (PART=images, hits, misses or cluster: only that)
	@exec $(JAVA) dev.larder.e2e.bench.Bench $(PART)

soak: tools ## Churn with faults for an hour, 2,500 connections, 1,000 kills: SECONDS=3600 KILLS=1000
	@$(MVN) -pl node-cache -am verify -Dtest=NoSuch -Dsurefire.failIfNoSpecifiedTests=false \
	  -Dit.test=ChurnIT,ConnectionsIT,StoreCrashIT -Dfailsafe.failIfNoSpecifiedTests=false \
	  -Dlarder.churn.seconds=$(SECONDS) -Dlarder.connections.idle=2000 -Dlarder.connections.active=500 \
	  -Dlarder.crash.rounds=$(KILLS) -Djunit.jupiter.execution.timeout.mode=disabled

scale: build ## The packed operator with 5,000 MirroredImages on a real API server: memory, calls, restart: IMAGES=5000
	@$(MVN) -pl e2e -am verify -Dtest=NoSuch -Dsurefire.failIfNoSpecifiedTests=false \
	  -Dit.test=ScaleE2E -Dfailsafe.failIfNoSpecifiedTests=false -Dlarder.scale.images=$(IMAGES)

fuzz: tools ## Fuzz every parser of the node cache: INPUTS=10000000 each
	@$(MVN) -pl node-cache -am test -Dtest='*FuzzTest' -Dsurefire.failIfNoSpecifiedTests=false -Dlarder.fuzz.inputs=$(INPUTS) -Djunit.jupiter.execution.timeout.mode=disabled

bench-store: build ## Measure a store of a million blobs: start with and without its journal, lookups, eviction
	@$(MVN) -q -pl node-cache -am test-compile
	@exec $(JAVA_HOME)/bin/java -Xmx300m -XX:+UseSerialGC -XX:+UseCompactObjectHeaders \
	  -cp node-cache/target/classes:node-cache/target/test-classes dev.larder.nodecache.store.MillionBlobs target/million-blobs

format: tools ## Format the Java sources
	@$(MVN) -q spotless:apply

clean: ## Remove what was built in the tree; the cache outside it stays
	@rm -rf target */target

tools:
	@test -n "$(JAVA_HOME)"
	@command -v mvn >/dev/null || { echo "Installing Debian's package maven."; apt-get update -q && apt-get install -y -q --no-install-recommends maven; }
