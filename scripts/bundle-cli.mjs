// Bundles the command into the one file that bin/walrusmq loads. The broker is a bundle of its own,
// which `walrusmq broker` loads: reading it would more than double the start of every other
// command. Run `npm run build` first.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle-broker.mjs';

const manifest = join(import.meta.dirname, '..', 'apps', 'cli', 'package.json');

/** Bundles apps/cli/dist/main.js with the version of its package. */
export function bundleCli() {
  const { version } = JSON.parse(readFileSync(manifest, 'utf8'));
  return bundle({
    entry: 'apps/cli/dist/main.js',
    outfile: 'apps/cli/dist/walrusmq.bundle.cjs',
    elsewhere: { '@walrusmq/broker': '../../broker/dist/broker.bundle.cjs' },
    define: { WALRUSMQ_VERSION: JSON.stringify(version) },
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundleCli();
