// Compiles ESM-only files of node_modules to CommonJS: Jest on Node 20 cannot require() an ES
// module.
const { existsSync, readFileSync } = require('node:fs');
const { dirname, join } = require('node:path');
const swc = require('@swc/core');

const esmDirectories = new Map();

/** Whether the nearest package.json says "type": "module". */
function isEsmDirectory(directory) {
  const known = esmDirectories.get(directory);
  if (known !== undefined) return known;
  const manifest = join(directory, 'package.json');
  const parent = dirname(directory);
  let isEsm = false;
  if (existsSync(manifest)) isEsm = JSON.parse(readFileSync(manifest, 'utf8')).type === 'module';
  else if (parent !== directory) isEsm = isEsmDirectory(parent);
  esmDirectories.set(directory, isEsm);
  return isEsm;
}

module.exports = {
  process(source, filename) {
    if (!filename.endsWith('.mjs') && !isEsmDirectory(dirname(filename))) return { code: source };
    return swc.transformSync(source, {
      filename,
      swcrc: false,
      sourceMaps: false,
      jsc: { target: 'es2022', parser: { syntax: 'ecmascript' } },
      module: { type: 'commonjs' },
    });
  },
};
