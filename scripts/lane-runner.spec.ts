import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SCRIPTS = __dirname;

/**
 * Runs a table of steps as make does, in a process of its own; the outputs go to .make/lane-spec/.
 */
function runTable(steps: string, env: NodeJS.ProcessEnv = {}): { lines: string[]; status: number } {
  const folder = mkdtempSync(join(tmpdir(), 'walrusmq-lanes-'));
  const program = join(folder, 'program.mjs');
  const source = [
    `import { countClosingLine, countExit } from '${SCRIPTS}/counts.mjs';`,
    `import { runLanes } from '${SCRIPTS}/lane-runner.mjs';`,
    `const node = (code) => [process.execPath, '-e', code];`,
    `const steps = ${steps};`,
    `const totals = '${folder}/totals';`,
    `const options = { totals, ensure: (names) => names, hint: (name) => name,`,
    `deny: (names) => names };`,
    `const isGood = await runLanes('lane-spec', [['a'], ['b']], steps, options);`,
    `process.exitCode = isGood ? 0 : 1;`,
  ].join('\n');
  writeFileSync(program, source);
  const { CI: _ci, ...outer } = process.env;
  const result = spawnSync(process.execPath, [program], {
    encoding: 'utf8',
    env: { ...outer, ...env },
  });
  rmSync(folder, { recursive: true });
  return {
    lines: (result.stdout + result.stderr).trimEnd().split('\n'),
    status: result.status ?? -1,
  };
}

describe('the lane runner', () => {
  it('sums the counts of all lanes, and closes with them', () => {
    const { lines, status } = runTable(`[
      { name: 'one', lane: 'a', commands: [node('1')], counts: countExit },
      { name: 'two', lane: 'b', commands: [node('process.stdout.write("7 passed, 0 failed\\\\n")')],
        counts: countClosingLine },
      { name: 'other', lane: 'c', commands: [node('process.exit(1)')], counts: countExit },
    ]`);
    expect(lines.at(-1)).toBe('8 passed, 0 failed');
    expect(status).toBe(0);
  });

  it('goes on after a failed step, shows its output, and fails', () => {
    const { lines, status } = runTable(`[
      { name: 'bad', lane: 'a', counts: countExit,
        commands: [node('process.stdout.write("why\\\\n"); process.exitCode = 3'), node('1')] },
      { name: 'good', lane: 'a', commands: [node('1')], counts: countExit },
    ]`);
    expect(lines).toContain('why');
    expect(lines.at(-1)).toBe('1 passed, 1 failed');
    expect(status).toBe(1);
  });

  it('runs the two lanes side by side', () => {
    const wait = (own: string, other: string): string =>
      `node("const fs = require('fs'); const end = Date.now() + 50000;" +
        "fs.writeFileSync(process.env.MEET + '${own}', '');" +
        "while (!fs.existsSync(process.env.MEET + '${other}')) if (Date.now() > end) throw 1;")`;
    const meet = mkdtempSync(join(tmpdir(), 'walrusmq-meet-'));
    const { lines } = runTable(
      `[{ name: 'one', lane: 'a', commands: [${wait('1', '2')}], counts: countExit },
        { name: 'two', lane: 'b', commands: [${wait('2', '1')}], counts: countExit }]`,
      { MEET: `${meet}/` },
    );
    rmSync(meet, { recursive: true });
    expect(lines.at(-1)).toBe('2 passed, 0 failed');
  });

  it('ends a step, and what it started, when its time is over', () => {
    const { lines } = runTable(`[{ name: 'slow', lane: 'a', minutesMax: 0.01, counts: countExit,
      commands: [node('require("child_process").spawnSync("sleep", ["60"])')] }]`);
    expect(lines).toContain('Time ran out: the step was ended.');
    expect(lines.at(-1)).toBe('0 passed, 1 failed');
  });

  it.each([
    ['is left out by itself', {}, '0 passed, 0 failed'],
    ['fails in CI', { CI: 'true' }, '0 passed, 1 failed'],
  ])('a step whose tool cannot be had %s', (_title, env, closing) => {
    const { lines } = runTable(
      `[{ name: 'x', lane: 'a', commands: [node('1')], needs: ['nowhere'], counts: countExit }]`,
      env,
    );
    expect(lines.join('\n')).toContain('left out: nowhere missing');
    expect(lines.at(-1)).toBe(closing);
  });

  it('leaves out what the machine forbids, in CI too, and says so', () => {
    const { lines } = runTable(
      `[{ name: 'x', lane: 'a', commands: [node('1')], allowed: ['loops'], counts: countExit }]`,
      { CI: 'true' },
    );
    expect(lines.join('\n')).toContain('left out: this machine does not allow loops');
    expect(lines.at(-1)).toBe('0 passed, 0 failed');
  });
});
