// `make run`: a broker in the foreground until Ctrl-C, and what to type next.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { ROOT } from './setup.mjs';

const NAMES = { msgpack: 'msgpack', websocket: 'WebSocket', kafka: 'Kafka', admin: 'admin' };

/** The lines to paste into another terminal; the address only where it is not the default. */
function nextSteps(msgpack) {
  const broker = msgpack === '127.0.0.1:9192' ? '' : ` --broker ${msgpack}`;
  return [
    `  bin/walrusmq topic create orders --partitions 4${broker}`,
    `  echo '{"customer":"ada","total":42}' | bin/walrusmq produce orders --key customer${broker}`,
    `  bin/walrusmq consume orders --from-beginning${broker}`,
  ];
}

function describe(ready) {
  const addresses = Object.entries(NAMES)
    .filter(([key]) => ready[key] !== undefined)
    .map(([key, name]) => `  ${name.padEnd(10)}${ready[key]}`);
  for (const [key, address] of Object.entries(ready.kafkaInstances ?? {})) {
    addresses.push(`  ${NAMES.kafka.padEnd(10)}${address}, instance ${key}`);
  }
  const next =
    ready.msgpack === undefined ? [] : ['In another terminal:', ...nextSteps(ready.msgpack)];
  return [`WalrusMQ runs on ${ready.dataDir} until Ctrl-C`, ...addresses, ...next].join('\n');
}

/**
 * Runs `bin/walrusmq broker` with these arguments; its data is in ./wal_files unless they say
 * otherwise.
 *
 * @param {readonly string[]} args Flags of `walrusmq broker`.
 * @returns {Promise<number>} Its exit code.
 */
export function startBroker(args) {
  const child = spawn(process.execPath, [join(ROOT, 'bin/walrusmq'), 'broker', ...args], {
    cwd: ROOT,
    stdio: ['inherit', 'pipe', 'inherit'],
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    // The ready line is the only one; anything else is shown as it is.
    process.stdout.write(`${line.startsWith('{') ? describe(JSON.parse(line)) : line}\n`);
  });
  // Ctrl-C reaches the child by itself; this process has to outlive it to hand on its exit code.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (signal === null) return resolve(code);
      process.stderr.write(`the broker was ended by ${signal}\n`);
      resolve(128 + constants.signals[signal]);
    });
  });
}
