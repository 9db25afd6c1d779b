// Formats the tracked C++ files, or with --check names those that are not formatted.
import { spawnSync } from 'node:child_process';

const files = spawnSync(
  'git',
  ['ls-files', '-z', 'native/*.h', 'native/*.cc', 'bench/*.h', 'bench/*.cc'],
  { encoding: 'utf8' },
)
  .stdout.split('\0')
  .filter((path) => path !== '');
const mode = process.argv.includes('--check') ? ['--dry-run', '-Werror'] : ['-i'];
const { status, error } = spawnSync('clang-format-16', [...mode, ...files], { stdio: 'inherit' });
if (error !== undefined) process.stderr.write(`${error.message}\n`);
process.stdout.write(`${files.length} C++ files\n`);
process.exitCode = status ?? 1;
