// Decision 0001, measured: commits by direct block writes beside commits through a journal.
import { spawnSync } from 'node:child_process';
import { buildNativeBench } from './native-bench';

try {
  const program = buildNativeBench('commit_strategies');
  const { status, error } = spawnSync(program, process.argv.slice(2), { stdio: 'inherit' });
  if (error !== undefined) throw error;
  process.exitCode = status ?? 1;
} catch (error) {
  process.stderr.write(`bench:commit: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
