// Node's environment, in which specs can reach packages of the process they run in.
const hooks = require('node:async_hooks');
const { TestEnvironment } = require('jest-environment-node');

/**
 * Jest's runner makes an AsyncLocalStorage for each spec and leaves it on. From then on each
 * promise of the process hands on the contexts of all specs before: a tenth of all processor time.
 */
const started = new Set();
hooks.AsyncLocalStorage = class extends hooks.AsyncLocalStorage {
  constructor(...options) {
    super(...options);
    started.add(this);
  }
};

module.exports = class extends TestEnvironment {
  async setup() {
    await super.setup();
    // Decorators write what Nest reads into this object, so both have to mean the same one.
    this.global.Reflect = Reflect;
    this.global[Symbol.for('walrusmq.require')] = require;
  }

  async teardown() {
    await super.teardown();
    // One that a shared package made turns itself on again when it is run.
    for (const storage of started) storage.disable();
    started.clear();
  }
};
