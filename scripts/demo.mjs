// `make demo` and its step in `make test`: runs examples/flights/demo.ts, whose exit code and
// closing line count. Needs what `make build` builds.
import { spawnSync } from 'node:child_process';
import { ROOT } from './setup.mjs';

const tsx = ['node_modules/tsx/dist/cli.mjs', 'examples/flights/demo.ts'];
const { status } = spawnSync(process.execPath, tsx, { cwd: ROOT, stdio: 'inherit' });
process.exitCode = status ?? 1;
