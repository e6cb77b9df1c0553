# SPDX-License-Identifier: Apache-2.0
#
# A short way into CMake. `make demo` and `make test` do everything on a fresh Debian or Ubuntu.
BUILD ?= build
JOBS ?= $(shell nproc)

.PHONY: all demo test bench fuzz clean packages test-packages configure

all: build/focalpost

packages:
	@tests/tools/packages.sh

# Real mail servers, started by the tests from scratch folders; a browser for the site.
test-packages:
	@tests/tools/packages.sh dovecot-imapd dovecot-lmtpd postfix gpg-agent openssl
	@tests/tools/packages.sh chromium nodejs npm || echo "no browser: the test of the site in one will be skipped"
	@mkdir -p $(BUILD)/site-test && cp tests/site/package.json $(BUILD)/site-test/
	@cd $(BUILD)/site-test && { [ -d node_modules/playwright-core ] || timeout 300 npm install --silent --no-audit --no-fund || echo "no playwright-core: the browser test of the site will be skipped"; }

build/focalpost: packages configure
	@cmake --build $(BUILD) -j$(JOBS) --target focalpost

configure:
	@cmake -S . -B $(BUILD) -G Ninja -DFOCALPOST_UNITY=ON > $(BUILD)-configure.log 2>&1 || { cat $(BUILD)-configure.log; exit 1; }
	@mv $(BUILD)-configure.log $(BUILD)/configure.log

demo: build/focalpost
	@tests/tools/demo.sh $(BUILD)

test: test-packages configure
	@cmake --build $(BUILD) -j$(JOBS)
	@ctest --test-dir $(BUILD) --output-on-failure -j$(JOBS)

bench:
	@tests/tools/packages.sh dovecot-imapd dovecot-lmtpd isync
	@cmake -S . -B $(BUILD)-bench -G Ninja -DFOCALPOST_TESTS=OFF -DFOCALPOST_BENCH=ON -DFOCALPOST_UNITY=ON > /dev/null
	@cmake --build $(BUILD)-bench -j$(JOBS)
	@tests/bench/run.sh $(BUILD)-bench
	@$(BUILD)-bench/focalpost_imap_bench --work $(BUILD)-bench
	@$(BUILD)-bench/focalpost_flow_bench

# Each reader fuzzed for FUZZ_SECONDS; what was found stays in build-fuzz (docs/proof.md).
fuzz:
	@tests/tools/packages.sh clang libclang-rt-14-dev
	@cmake -S . -B $(BUILD)-fuzz -G Ninja -DFOCALPOST_FUZZ=ON -DCMAKE_CXX_COMPILER=clang++ > /dev/null
	@cmake --build $(BUILD)-fuzz -j$(JOBS) --target fuzzers
	@tests/fuzz/run.sh $(BUILD)-fuzz

clean:
	rm -rf $(BUILD) $(BUILD)-bench $(BUILD)-fuzz
