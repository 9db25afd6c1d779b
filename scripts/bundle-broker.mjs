// Bundles the broker's compiled output into one CommonJS file: one file starts about twice as fast
// as the thousand that Nest and its dependencies are. Run `npm run build` first.
import { build } from 'esbuild';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/**
 * What stays outside of every bundle: the addon and zstd's WebAssembly, which are files of their
 * own, and packages that Nest and pino load only where they are installed and asked for.
 */
export const EXTERNAL = [
  '@walrusmq/native',
  '@bokuweb/zstd-wasm',
  'pino-pretty',
  '@nestjs/microservices',
  '@nestjs/microservices/*',
  '@nestjs/websockets',
  '@nestjs/websockets/*',
  '@nestjs/platform-express',
  '@nestjs/platform-fastify',
  'class-transformer',
  'class-transformer/*',
  'class-validator',
];

/**
 * Bundles one compiled entry, with all that it requires, into one CommonJS file.
 *
 * @param {{ entry: string, outfile: string, external?: string[], banner?: string, define?:
 *   Record<string, string>, elsewhere?: Record<string, string> }} options Paths from the root of
 *   the repository. `define` names identifiers and the source text that stands for them;
 *   `elsewhere` names packages and the file, seen from the bundle, that is required for them when
 *   it runs.
 */
export async function bundle(options) {
  const { entry, outfile, external = [], banner = '', define = {}, elsewhere = {} } = options;
  const entryPath = join(root, entry);
  if (!existsSync(entryPath)) {
    throw new Error(`${entry} does not exist: run \`npm run build\` first`);
  }
  const result = await build({
    entryPoints: [entryPath],
    outfile: join(root, outfile),
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    // Nest names its tokens and its errors after classes.
    keepNames: true,
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    external: [...EXTERNAL, ...external],
    banner: { js: banner },
    define,
    plugins: [requiredElsewhere(elsewhere), madeOnFirstUse],
    // import() of another bundle would find only those exports that a scan of its text shows.
    supported: { 'dynamic-import': Object.keys(elsewhere).length === 0 },
    // Names what could not be resolved, so that a new optional package is noticed here.
    logLevel: 'warning',
  });
  if (result.warnings.length > 0) throw new Error(`${entry}: the bundle has warnings`);
  nameClassesOnly(join(root, outfile));
}

/**
 * `keepNames` has every closure with a name given that name anew whenever it is made, by a call of
 * `Object.defineProperty`: half a microsecond in the middle of a request. Names matter of what has
 * a prototype, so arrow functions go without.
 */
function nameClassesOnly(outfile) {
  const naming = '__name=(target,value)=>__defProp(target,"name",{value,configurable:!0})';
  const text = readFileSync(outfile, 'utf8');
  if (!text.includes(naming)) throw new Error(`${outfile}: names are no longer kept that way`);
  const guarded = naming.replace('__defProp', 'target.prototype===void 0?target:__defProp');
  writeFileSync(
    outfile,
    text.replace(naming, () => guarded),
  );
}

function requiredElsewhere(files) {
  return {
    name: 'required-elsewhere',
    setup: ({ onResolve }) =>
      onResolve({ filter: /^@walrusmq\// }, ({ path }) =>
        files[path] === undefined ? undefined : { path: files[path], external: true },
      ),
  };
}

/**
 * Nest's loggers make a date format when they are loaded, which takes a tenth of a broker's start,
 * and the broker logs with pino: the formats are made on first use instead.
 */
const madeOnFirstUse = {
  name: 'made-on-first-use',
  setup: ({ onLoad }) =>
    onLoad({ filter: /@nestjs\/common\/services\/(console-)?logger\.service\.js$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      const made = /^const dateTimeFormatter = (new Intl\.DateTimeFormat\([^;]*\));$/m;
      if (!made.test(text)) throw new Error(`${path}: the date format is no longer made there`);
      const lazy =
        'let dateFormat;\n' +
        'const dateTimeFormatter = { format: (date) => (dateFormat ??= $1).format(date) };';
      return { contents: text.replace(made, lazy), loader: 'js' };
    }),
};

/** Bundles the broker's door; `require` of the file gives what apps/broker/src/index.ts exports. */
export function bundleBroker() {
  return bundle({
    entry: 'apps/broker/dist/index.js',
    outfile: 'apps/broker/dist/broker.bundle.cjs',
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundleBroker();
