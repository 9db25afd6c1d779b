# Every target sets up what it needs first (packages, addon, build) and skips what is up to date.
# The logic is in scripts/make.mjs, so `npm run NAME` does the same where make is missing.
.DEFAULT_GOAL := help
ARGS ?=
TARGETS := run build check test test-clients test-deep demo bench-first clean help

.PHONY: $(TARGETS) node
$(TARGETS): node
	@node scripts/make.mjs $@ $(ARGS)

# The benchmark suite: scripts/bench-targets.mjs has the names, make help lists them.
bench-% show-% live-%: node
	@node scripts/make.mjs $@ $(ARGS)

node:
	@command -v node >/dev/null || { echo "node (>= 20.19) is missing; install it with:"; \
	echo "  Debian 13 or later: apt-get install -y nodejs npm"; \
	echo "  macOS: brew install node"; echo "  elsewhere: https://nodejs.org"; exit 1; } >&2
