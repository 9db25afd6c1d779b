// What only one place may touch: the Node headers, the addon; and what no file may name.
import { linesMatching } from './source-tree';
import type { Rule } from './source-tree';

const NATIVE_BINDING = 'libs/storage/src/native-binding';

const napiHeader: Rule = {
  name: 'napi.h only in native/binding',
  find: (tree) =>
    linesMatching(
      tree.files.filter((file) => file.isCpp && !file.path.startsWith('native/binding/')),
      /#\s*include\s*[<"](napi|node_api|js_native_api)\.h[>"]|\bNapi::/,
      'the engine knows no Node: take plain types here and convert them in native/binding',
    ),
};

const addon: Rule = {
  name: 'the addon is loaded in one file',
  find: (tree) =>
    linesMatching(
      tree.files.filter(
        (file) =>
          file.isTypeScript &&
          /^(libs|apps|examples)\//.test(file.path) &&
          !file.path.startsWith(`${NATIVE_BINDING}.`),
      ),
      /['"`](@walrusmq\/native\b|node-gyp-build|bindings['"`]|[^'"`\s]*\.node['"`])/,
      `go through ${NATIVE_BINDING}.ts`,
    ),
};

const machinePaths: Rule = {
  name: 'no paths of one machine',
  find: (tree) =>
    linesMatching(
      tree.files.filter((file) => !file.path.startsWith('scripts/tidy')),
      /(^|[\s"'`(=])\/(work|root|home|Users)\/\w/,
      'make it relative to the repository, or take it from an option',
    ),
};

const registryAddresses: Rule = {
  name: 'no registry addresses',
  find: (tree) =>
    linesMatching(
      tree.files.filter((file) => !file.path.startsWith('scripts/tidy')),
      /"resolved": ?"https?:|\bregistry\.(npmjs|yarnpkg)\.|\b(proxy\.golang|deb\.debian)\.org/,
      '.npmrc keeps them out of the lock; elsewhere the choice is the reader’s',
    ),
};

export const BORDER_RULES: readonly Rule[] = [napiHeader, addon, machinePaths, registryAddresses];
