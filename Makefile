# eks-karpenter: see `make help`. STACK chooses the stack, as in `make up STACK=prod`.
STACK ?= dev
DIR   ?= .sandbox
ARGS  ?= --help

SHELL       := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help up preview down outputs refresh verify versions pulumi reset test check bench update fmt clean toolchain program

# Pulumi on the PATH is used as it is; else the CLI and its Go language host are built, once, from Go modules.
TOOLS     := .toolchain
PULUMI    := $(shell command -v pulumi 2>/dev/null)
TOOLCHAIN := $(if $(PULUMI),,$(TOOLS)/pulumi $(TOOLS)/pulumi-language-go)
SANDBOX   := $(TOOLS)/pulumi-sandbox
# A stack is of the project that its file lies in: of the root's, or of the whole cluster's.
PROJECT   := $(or $(patsubst %/Pulumi.$(STACK).yaml,%,$(wildcard whole/Pulumi.$(STACK).yaml)),.)
PROGRAM   := $(PROJECT)/program/.pulumi-program
RUN        = cd $(PROJECT) && PATH="$$PATH:$(CURDIR)/$(TOOLS)" $(CURDIR)/$(SANDBOX) --dir $(abspath $(DIR)) --stack $(STACK) --
ROOMS      := components internal program sandbox tests whole
CONFORMANCE := tests/conformance
MODULES    := . whole $(CONFORMANCE)
LINT      := go tool -modfile=tools/lint/go.mod

help: ## Show this help
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  \033[36mmake %-9s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

up: program ## Deploy the stack into the sandbox (STACK=dev)
	@$(RUN) up --yes --skip-preview

preview: program ## Show what `make up` would change
	@$(RUN) preview --diff

down: program ## Destroy the stack in the sandbox
	@$(RUN) destroy --yes --skip-preview

outputs: $(SANDBOX) $(TOOLCHAIN) ## Show the stack's outputs
	@$(RUN) stack output --json

refresh: program ## Compare the stack with the sandbox
	@$(RUN) refresh --yes --skip-preview

verify: $(SANDBOX) ## Tell whether Karpenter could work with what is deployed, and nobody else could
	@$(SANDBOX) --dir $(DIR) verify

versions: ## Show which permissions and rules each version of Karpenter needs
	@go run -trimpath ./internal/versions

pulumi: program ## Run any Pulumi command on the sandbox: make pulumi ARGS='stack --show-urns'
	@$(RUN) $(ARGS)

reset: $(SANDBOX) ## Forget the sandbox: its account and its stacks
	@$(SANDBOX) --dir $(DIR) reset

test: toolchain ## Run all tests
	@go test -trimpath -timeout 40m $$(go list ./... | grep -v /tests$$)
	@$(MAKE) --no-print-directory program STACK=scratch # with its progress shown, which the tests would not
	@echo "The stories on Pulumi's engine, each told as it ends: about 5 minutes on two cores."
	@go test -trimpath -timeout 40m -v ./tests | { grep -v '^=== ' || true; }
	@echo "The whole cluster: about 5 minutes to compile the first time, then seconds."
	@go -C whole test -trimpath -vet=off -timeout 20m ./...
	@echo "Karpenter's own code, chart and CRDs: about 4 minutes to compile the first time, then seconds."
	@cd $(CONFORMANCE) && go test -trimpath -vet=off -timeout 20m -v . | { grep -v '^=== ' || true; }

# All with -trimpath, as everything else is built: what is compiled already is not compiled again.
check: export GOFLAGS = -trimpath
check: ## Check format, vet, staticcheck and tidy modules
	@echo "gofumpt";     files=$$($(LINT) gofumpt -l $(ROOMS)) && \
		{ test -z "$$files" || { echo "not formatted (make fmt):"; echo "$$files"; exit 1; }; }
	@for module in $(MODULES); do cd $(CURDIR)/$$module && echo "in $$module:" && \
		echo "  go vet"      && go vet ./... && \
		echo "  staticcheck" && go tool -modfile=$(CURDIR)/tools/lint/go.mod staticcheck ./... && \
		echo "  go mod tidy" && go mod tidy -diff || exit 1; done
	@echo "imports";     go test -trimpath -run '^TestArrows$$' ./tests

bench: ## Run the benchmarks
	go test -trimpath -run '^$$' -bench . -benchmem ./...
	go -C whole test -trimpath -vet=off -timeout 2h -run '^$$' -bench . -benchtime 1x ./tests

update: ## Write the golden files and the tables of README and docs anew
	go test -trimpath ./internal/... ./components -update && go test -trimpath ./tests -run Readme -update

fmt: ## Format the code
	@$(LINT) gofumpt -w $(ROOMS)

clean: ## Remove what make has built
	rm -rf $(TOOLS) program/.pulumi-program whole/program/.pulumi-program

toolchain: $(TOOLCHAIN) ## Build the Pulumi CLI and its Go language host, where there is no `pulumi` on PATH

# Compiled here the first time and not by Pulumi, which would do it without a word; Pulumi compiles what changes later.
program: $(SANDBOX) $(TOOLCHAIN) $(PROGRAM)

$(PROGRAM):
	@echo "Compiling the program and its SDKs: about 2 minutes for AWS, 5 more for EKS and Kubernetes (STACK=scratch), once."
	@tools/build.sh $(PROJECT) ./program $@

$(SANDBOX): $(shell find sandbox -name '*.go' -o -name '*.yaml') go.mod go.sum
	@echo "Compiling the sandbox: about a minute the first time."
	@tools/build.sh . ./sandbox/cmd/pulumi-sandbox $@

$(TOOLS)/pulumi: tools/pulumi/go.mod
	@version=$$(cd tools/pulumi && go list -m -f '{{.Version}}' github.com/pulumi/pulumi/pkg/v3) && \
	echo "Building the Pulumi CLI $$version from Go modules: about 5 minutes, once." && \
	tools/build.sh tools/pulumi github.com/pulumi/pulumi/pkg/v3/cmd/pulumi $@ \
		-ldflags "-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=$$version"

$(TOOLS)/pulumi-language-go: tools/language-go/go.mod tools/language-go/pulumi-language-go
	@echo "Building Pulumi's Go language host from Go modules: about a minute, once."
	@tools/build.sh tools/language-go github.com/pulumi/pulumi/sdk/v3/go/pulumi-language-go $@-host
	@cp tools/language-go/pulumi-language-go $@
