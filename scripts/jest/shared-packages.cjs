// Stands in for the door of a package that is loaded once per process, by Node itself, instead of
// anew by every spec: see jest.config.cjs.
const { createHash } = require('node:crypto');
const { readFileSync } = require('node:fs');

const VERSION = readFileSync(__filename);

module.exports = {
  process(_, filename) {
    const path = JSON.stringify(filename);
    return { code: `module.exports = globalThis[Symbol.for('walrusmq.require')](${path});` };
  },
  getCacheKey: (_, filename) => createHash('sha256').update(VERSION).update(filename).digest('hex'),
};
