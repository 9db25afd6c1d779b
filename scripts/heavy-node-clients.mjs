// Installs test/clients/heavy/node/packages: a binding that is compiled against the librdkafka of
// the system, and a newer Node for the client that wants one. Skips what is up to date.
import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from './setup.mjs';

const FOLDER = join(ROOT, 'test/clients/heavy/node/packages');
const STAMP = join(FOLDER, 'node_modules/.installed');

/** Where Node's headers are beside its program, so that node-gyp downloads none. */
function nodeHeaders() {
  const prefix = dirname(dirname(process.execPath));
  return existsSync(join(prefix, 'include/node/node.h')) ? { npm_config_nodedir: prefix } : {};
}

function run(program, ...args) {
  const { status, error } = spawnSync(program, args, {
    cwd: FOLDER,
    stdio: 'inherit',
    // Without it the package compiles a librdkafka of its own for minutes.
    env: { ...nodeHeaders(), ...process.env, BUILD_LIBRDKAFKA: '0' },
  });
  if (status === 0) return;
  process.stderr.write(`${program} ${args.join(' ')} failed${error ? `: ${error.message}` : ''}\n`);
  process.exit(1);
}

const lock = readFileSync(join(FOLDER, 'package-lock.json'));
const wanted = createHash('sha256').update(lock).update(process.version).digest('hex');
if (!existsSync(STAMP) || readFileSync(STAMP, 'utf8') !== wanted) {
  run('npm', 'ci', '--ignore-scripts');
  run('npm', 'rebuild', 'node-rdkafka');
  writeFileSync(STAMP, wanted);
}
