// What some steps need a machine to allow, and no package can add: a container may forbid it.
import { spawnSync } from 'node:child_process';

const canRun = (program, ...args) =>
  spawnSync(program, args, { stdio: 'ignore', timeout: 20_000 }).status === 0;

/** A script for a mount namespace of its own, which ends with it. */
const canMount = (script) => canRun('unshare', '--mount', 'sh', '-euc', script);

const LOOP_PROBE = `
  mount -t tmpfs -o size=16m tmpfs /mnt
  truncate -s 8m /mnt/image
  mkfs.ext4 -qF /mnt/image
  mkdir /mnt/there
  mount -o loop /mnt/image /mnt/there
  umount /mnt/there`;

/** @type {Record<string, { label: string, isAllowed: () => boolean }>} */
export const MACHINE = {
  tracing: { label: 'ptrace, as Linux has it', isAllowed: () => process.platform === 'linux' },
  mounts: {
    label: 'root with mount namespaces of its own',
    isAllowed: () => canMount('mount -t tmpfs -o size=1m tmpfs /mnt'),
  },
  networks: {
    label: 'root with network namespaces of its own',
    isAllowed: () =>
      canRun('unshare', '--net', 'sh', '-euc', 'ip link add here type veth peer name there'),
  },
  loopDevices: {
    label: 'root with loop devices in a mount namespace',
    isAllowed: () => canMount(LOOP_PROBE),
  },
};

/**
 * Asks the machine.
 *
 * @param {readonly string[]} names Keys of MACHINE.
 * @returns {string[]} The labels of what it does not allow.
 */
export function findDenied(names) {
  return names.filter((name) => !MACHINE[name].isAllowed()).map((name) => MACHINE[name].label);
}
