// Node's environment, in which specs can reach packages of the process they run in.
const { TestEnvironment } = require('jest-environment-node');

module.exports = class extends TestEnvironment {
  async setup() {
    await super.setup();
    // Decorators write what Nest reads into this object, so both have to mean the same one.
    this.global.Reflect = Reflect;
    this.global[Symbol.for('walrusmq.require')] = require;
  }
};
