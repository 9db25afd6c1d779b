// Starts a broker from the bundles once and keeps the code that V8 compiled for it, so that later
// starts need not compile it again. Run the other bundle scripts first.
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const { loadBundle, keepCode } = createRequire(import.meta.url)(join(root, 'bin/load-bundle.cjs'));

const dataDir = mkdtempSync(join(tmpdir(), 'walrusmq-precompile-'));
process.on('exit', () => rmSync(dataDir, { recursive: true, force: true }));

// The settings below and nothing else.
for (const name of Object.keys(process.env))
  if (name.startsWith('WALRUS')) delete process.env[name];

// stdout carries one line, when the broker is ready.
process.stdout.write = (line) => {
  if (JSON.parse(line).event !== 'ready') throw new Error(`not a ready line: ${line}`);
  // After the turn in which it became ready.
  setImmediate(() => {
    keepCode();
    process.kill(process.pid, 'SIGTERM');
  });
  return true;
};
process.stdout.isTTY = false;
process.argv.splice(
  2,
  process.argv.length,
  ...['broker', '--data-dir', dataDir, '--port', '0', '--log-level', 'warn'],
);
loadBundle(join(root, 'apps/cli/dist/walrusmq.bundle.cjs'));
