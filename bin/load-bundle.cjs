'use strict';
// Loads a bundle together with the code that V8 compiled when it was built: parsing and compiling
// it anew takes a third of a broker's start (docs/design/0002-code-cache.md).
const { readFileSync, realpathSync, renameSync, statSync, writeFileSync } = require('node:fs');
const Module = require('node:module');
const { dirname, join } = require('node:path');
const vm = require('node:vm');

/** The time of the bundle that the compiled code belongs to, as a double, in front of it. */
const STAMP_BYTES = 8;

/** The bundles of this process, in the order of their loading. */
const loaded = [];

const codePath = (path) => `${path}.code`;

/** The compiled code of a bundle, undefined when there is none or the bundle is another by now. */
function readCode(path, mtimeMs) {
  let bytes;
  try {
    bytes = readFileSync(codePath(path));
  } catch (error) {
    // Without it the start is slower, and nothing else.
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
  const belongs = bytes.length > STAMP_BYTES && bytes.readDoubleLE(0) === mtimeMs;
  return belongs ? bytes.subarray(STAMP_BYTES) : undefined;
}

/**
 * Runs a bundle as `require` would and returns its exports. V8 itself refuses code that another
 * version of it compiled; the bundle is compiled then.
 */
function loadBundle(file) {
  const path = realpathSync(file);
  const { mtimeMs } = statSync(path);
  const script = new vm.Script(Module.wrap(readFileSync(path, 'utf8')), {
    filename: path,
    cachedData: readCode(path, mtimeMs),
    importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  loaded.push({ path, mtimeMs, script });
  const bundle = new Module(path, null);
  bundle.filename = path;
  bundle.paths = Module._nodeModulePaths(dirname(path));
  const requireOther = Module.createRequire(path);
  const requireHere = Object.assign(
    (id) => (id.endsWith('.bundle.cjs') ? loadBundle(join(dirname(path), id)) : requireOther(id)),
    requireOther,
  );
  script
    .runInThisContext()
    .call(bundle.exports, bundle.exports, requireHere, bundle, path, dirname(path));
  return bundle.exports;
}

/** Keeps what V8 has compiled so far of the bundles that were loaded, beside each of them. */
function keepCode() {
  for (const { path, mtimeMs, script } of loaded) {
    const stamp = Buffer.alloc(STAMP_BYTES);
    stamp.writeDoubleLE(mtimeMs);
    // In one step: a broker may be starting.
    const next = `${codePath(path)}.new`;
    writeFileSync(next, Buffer.concat([stamp, script.createCachedData()]));
    renameSync(next, codePath(path));
  }
}

module.exports = { loadBundle, keepCode, loaded };
