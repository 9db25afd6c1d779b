import type * as Binding from './native-binding';

it('says what to do when the addon is not built', () => {
  jest.doMock('@walrusmq/native', () => {
    throw new Error("Cannot find module 'walrus.node'\nRequire stack:\n- index.js");
  });
  jest.isolateModules(() => {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- after the mock
    const { openNativeWal } = require('./native-binding') as typeof Binding;
    expect(() => openNativeWal({ directory: '/nowhere' })).toThrow(
      "the native engine cannot be loaded (Cannot find module 'walrus.node'); " +
        'build it with `make build`',
    );
  });
});
