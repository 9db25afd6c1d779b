// The built packages as a dependant meets them: by name, from compiled output, both module systems,
// with their types. Needs `make build`.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';

const ROOT = join(__dirname, '..', '..');

/** Every library that is used by name, with one thing that it exports. */
const PACKAGES: readonly (readonly [name: string, folder: string, exported: string])[] = [
  ['@walrusmq/record-batch', 'libs/record-batch', 'encodeBatch'],
  ['@walrusmq/protocol', 'libs/protocol', 'FrameDecoder'],
  ['@walrusmq/kafka-protocol', 'libs/kafka-protocol', 'encodeResponse'],
  ['@walrusmq/storage', 'libs/storage', 'openWalStorage'],
  ['@walrusmq/client', 'libs/client', 'Producer'],
];

function run(...args: readonly string[]): string {
  return execFileSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
}

describe.each(PACKAGES)('%s', (name, folder, exported) => {
  it('is required from compiled output', () => {
    const program = `require.resolve('${name}') + ' ' + typeof require('${name}').${exported}`;
    const [path, type] = run('-p', program).trim().split(' ');
    expect(path?.endsWith(['', ...folder.split('/'), 'dist', 'index.js'].join(sep))).toBe(true);
    expect(type).toBe('function');
  });

  it('is imported by name from an ES module, and is the same module', () => {
    const program = [
      `import { createRequire } from 'node:module';`,
      `import { ${exported} } from '${name}';`,
      `const required = createRequire(import.meta.url)('${name}');`,
      `process.stdout.write(typeof ${exported} + (required.${exported} === ${exported}));`,
    ].join('\n');
    const file = join(ROOT, 'node_modules/.cache/walrusmq-import.mjs');
    mkdirSync(join(ROOT, 'node_modules/.cache'), { recursive: true });
    writeFileSync(file, program);
    expect(run(file).trim()).toBe('functiontrue');
    rmSync(file);
  });
});

describe('the types of the packages', () => {
  const folder = mkdtempSync(join(mkCache(), 'walrusmq-types-'));

  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it('are found by strict programs of both module systems', () => {
    const program = [
      ...PACKAGES.map(([name, , exported]) => `import { ${exported} } from '${name}';`),
      `const decoder: FrameDecoder = new FrameDecoder({ frameBytesMax: 1024 });`,
      `const bytes: Buffer = encodeBatch([{ value: Buffer.from('a') }]);`,
      `export { decoder, bytes, encodeResponse, openWalStorage, Producer };`,
      // Without types everything would be any, and these would be right.
      `// @ts-expect-error a misspelt option`,
      `new FrameDecoder({ frameByteMax: 1024 });`,
      `// @ts-expect-error a value that is no buffer`,
      `encodeBatch([{ value: 1 }]);`,
    ].join('\n');
    const files = ['program.cts', 'program.mts'];
    for (const file of files) writeFileSync(join(folder, file), program);
    const compilerOptions = { module: 'nodenext', strict: true, noEmit: true, types: ['node'] };
    const project = { compilerOptions, files };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(project));
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    const { stdout, status } = spawnSync(process.execPath, [tsc, '-p', folder], {
      encoding: 'utf8',
    });
    expect({ stdout, status }).toEqual({ stdout: '', status: 0 });
  }, 180_000);
});

/** Below node_modules, so that package names resolve as they do for a dependant. */
function mkCache(): string {
  const cache = join(ROOT, 'node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  return cache;
}
