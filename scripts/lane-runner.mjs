// Runs the lanes of a target side by side, prints a line per finished step and the summary.
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { settleCount } from './counts.mjs';
import { findDenied } from './machine.mjs';
import { ROOT, STATE } from './setup.mjs';
import { ensureTools, installHint } from './tools.mjs';

const SHOWN_LINES_MAX = 200;
const MINUTES_MAX = 10;
const running = new Set();

function say(text) {
  process.stdout.write(`${text}\n`);
}

function killGroup(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    // It ended by itself between the decision and the signal.
    if (error.code !== 'ESRCH') throw error;
  }
}

/**
 * Runs one command with its output in a file; resolves with its exit code, 124 when time ran out.
 */
function runCommand([program, ...args], { env, log, deadlineMs }) {
  return new Promise((resolve) => {
    let timedOut = false;
    const child = spawn(program, args, {
      cwd: ROOT,
      env,
      // A group of its own, so that what it started ends with it.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(child);
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    const timer = setTimeout(
      () => {
        timedOut = true;
        log.write('\nTime ran out: the step was ended.\n');
        killGroup(child, 'SIGKILL');
      },
      Math.max(0, deadlineMs - Date.now()),
    );
    child.on('error', (error) => {
      running.delete(child);
      clearTimeout(timer);
      log.write(`${program}: ${error.message}\n`);
      resolve(127);
    });
    child.on('close', (code, signal) => {
      running.delete(child);
      clearTimeout(timer);
      if (signal !== null && !timedOut) log.write(`\n${program} was ended by ${signal}.\n`);
      resolve(timedOut ? 124 : (code ?? 128));
    });
  });
}

function fileName(step) {
  return step.name.replace(/[^a-z0-9]+/gi, '-').toLowerCase();
}

/** Runs a step; resolves with its count, its seconds and where its output is. */
async function runStep(step, folder) {
  const logFile = join(folder, `${fileName(step)}.log`);
  const report = join(folder, `${fileName(step)}.json`);
  rmSync(report, { force: true });
  const log = createWriteStream(logFile);
  const started = Date.now();
  const deadlineMs = started + (step.minutesMax ?? MINUTES_MAX) * 60_000;
  const env = { ...process.env, ...step.env, NO_COLOR: '1' };
  delete env.FORCE_COLOR;
  let exitCode = 0;
  for (const command of step.commands) {
    const args = command.map((word) => word.replace('{report}', report));
    log.write(`$ ${args.join(' ')}\n`);
    exitCode = await runCommand(args, { env, log, deadlineMs });
    if (exitCode !== 0) break;
  }
  await new Promise((resolve) => log.end(resolve));
  const output = readFileSync(logFile, 'utf8');
  const count = settleCount(step.counts, { exitCode, output, report });
  return { step, count, output, seconds: (Date.now() - started) / 1000 };
}

/** What stands in the summary for a step whose tool could not be had. */
function leaveOut(step, missing, hint) {
  const note = `left out: ${missing.join(', ')} missing`;
  // In CI everything that can be installed is installed; a step left out there would pass unseen.
  const failed = process.env.CI === 'true' ? 1 : 0;
  return {
    step,
    count: { passed: 0, failed, note },
    output: missing.map(hint).join('\n'),
    seconds: 0,
  };
}

/** As `leaveOut`, for what no installation adds; in CI too. */
function leaveToOthers(step, denied) {
  const note = `left out: this machine does not allow ${denied.join(', ')}`;
  return { step, count: { passed: 0, failed: 0, note }, output: note, seconds: 0 };
}

function report(lane, { step, count, output, seconds }) {
  const mark = count.failed > 0 ? '✗' : count.passed > 0 ? '✓' : '–';
  const note = count.note === undefined ? '' : ` (${count.note})`;
  let text = `${mark} [${lane}] ${step.name}: ${count.passed} passed, ${count.failed} failed`;
  text += `, ${seconds.toFixed(1)} s${note}`;
  if (mark !== '✓') {
    const lines = output.trimEnd().split('\n');
    if (lines.length > SHOWN_LINES_MAX)
      text += `\n(the last ${SHOWN_LINES_MAX} lines of its output)`;
    text += `\n${lines.slice(-SHOWN_LINES_MAX).join('\n')}\n— end of ${step.name}`;
  }
  say(text);
}

/** Runs a step, or says why it cannot be run here. */
function settleStep(step, { missing, folder, hint, deny }) {
  const without = (step.needs ?? []).filter((tool) => missing.includes(tool));
  if (without.length > 0) return leaveOut(step, without, hint);
  const denied = deny(step.allowed ?? []);
  return denied.length > 0 ? leaveToOthers(step, denied) : runStep(step, folder);
}

async function runLane(names, { steps, ...context }) {
  const results = [];
  for (const step of steps.filter(({ lane }) => names.includes(lane))) {
    const result = await settleStep(step, context);
    results.push(result);
    report(names.join('+'), result);
  }
  return { names, results, seconds: results.reduce((sum, { seconds }) => sum + seconds, 0) };
}

/** The table of steps and lanes: name, seconds, passed, failed. */
function summarise(lanes) {
  const rows = [['', 'seconds', 'passed', 'failed']];
  for (const { names, results, seconds } of lanes) {
    const sum = (key) => results.reduce((total, { count }) => total + count[key], 0);
    for (const { step, count, seconds: own } of results) {
      rows.push([`  ${step.name}`, own.toFixed(1), count.passed, count.failed]);
    }
    const lane = `lane ${names.join(' + ')}`;
    rows.push([lane, seconds.toFixed(1), sum('passed'), sum('failed')]);
  }
  const width = Math.max(...rows.map(([name]) => name.length));
  say('');
  for (const [name, ...cells] of rows) {
    say(name.padEnd(width) + cells.map((cell) => String(cell).padStart(9)).join(''));
  }
}

/**
 * Runs lanes of steps and prints the summary, `N passed, N failed` alone on the last line.
 *
 * @param {string} target Names the folder of the outputs: `.make/TARGET/`.
 * @param {readonly (readonly string[])[]} lanes As in TARGETS of lanes.mjs.
 * @param {readonly object[]} steps As STEPS of lanes.mjs.
 * @param {object} [options]
 * @param {string} [options.totals] The file that the last line is written to as well.
 * @param {typeof ensureTools} [options.ensure] Gets the tools that steps need.
 * @param {typeof installHint} [options.hint] What to type for one that could not be had.
 * @param {typeof findDenied} [options.deny] Says what the machine does not allow.
 * @returns {Promise<boolean>} Whether nothing failed.
 */
export async function runLanes(target, lanes, steps, options = {}) {
  const { totals = join(STATE, 'totals'), ensure = ensureTools } = options;
  const { hint = installHint, deny = findDenied } = options;
  const folder = join(STATE, target);
  mkdirSync(folder, { recursive: true });
  const started = Date.now();
  const wanted = steps.filter(({ lane }) => lanes.flat().includes(lane));
  const missing = ensure([...new Set(wanted.flatMap(({ needs }) => needs ?? []))], say);
  const stop = (signal) => {
    for (const child of running) killGroup(child, 'SIGKILL');
    process.exit(signal === 'SIGINT' ? 130 : 143);
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);

  const done = await Promise.all(
    lanes.map((names) => runLane(names, { steps: wanted, missing, folder, hint, deny })),
  );
  summarise(done);
  const counts = done.flatMap(({ results }) => results.map(({ count }) => count));
  const passed = counts.reduce((sum, count) => sum + count.passed, 0);
  const failed = counts.reduce((sum, count) => sum + count.failed, 0);
  const closing = `${passed} passed, ${failed} failed`;
  writeFileSync(totals, `${closing}\n`);
  say(`${target}: ${((Date.now() - started) / 1000).toFixed(1)} s, outputs in .make/${target}/`);
  say(closing);
  return failed === 0;
}
