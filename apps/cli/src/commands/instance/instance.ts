import { createInterface } from 'node:readline';
import type { Command } from 'commander';
import type { InstanceQuotas } from '@walrusmq/client';
import { CliError, ExitCode } from '../../cli-error';
import type { Terminal } from '../../output/terminal';
import { withAdmin, withClientOptions, type ClientOptions } from '../client-options';
import { readAssignments } from '../topic/assignments';
import { printResult } from '../topic/print-result';
import { describeText, listText } from './instance-text';

interface SettingOptions extends ClientOptions {
  readonly fsync?: string;
  readonly readConsistency?: string;
  readonly quota?: readonly string[];
  readonly config?: readonly string[];
  readonly unset?: readonly string[];
  readonly force?: boolean;
  readonly validateOnly?: boolean;
}

interface DeleteOptions extends ClientOptions {
  readonly yes?: boolean;
  readonly force?: boolean;
}

const QUOTAS: Readonly<Record<string, keyof InstanceQuotas>> = {
  'bytes-in': 'bytesInPerSecond',
  'bytes-out': 'bytesOutPerSecond',
  requests: 'requestsPerSecond',
};

/** `walrusmq instance list|describe|create|alter|open|delete`. */
export function addInstanceCommand(program: Command, terminal: Terminal): void {
  const instance = program
    .command('instance')
    .description('create, list, change and delete instances of a broker');

  withClientOptions(instance.command('list'))
    .description('list all instances')
    .action(async (options: ClientOptions) => {
      await withAdmin(options, terminal.signal, async (admin) => {
        const instances = await admin.listInstances();
        await printResult(terminal, options, instances, () => listText(instances));
      });
    });

  withClientOptions(instance.command('describe <key>'))
    .description('show what is set for an instance, what it holds and what its clients use')
    .action(async (key: string, options: ClientOptions) => {
      await withAdmin(options, terminal.signal, async (admin) => {
        const found = await admin.describeInstance(key);
        await printResult(terminal, options, found, () => describeText(found));
      });
    });

  addCreate(instance, terminal);
  addAlter(instance, terminal);
  addOpen(instance, terminal);
  addDelete(instance, terminal);
}

function withSettings(command: Command): Command {
  return withClientOptions(command)
    .option('--fsync <schedule>', 'sync-each, no-fsync, or every so many ms (200ms)')
    .option('--read-consistency <when>', 'strictly-at-once, or at-least-once:N')
    .option('--quota <name=n...>', 'bytes-in, bytes-out or requests per second')
    .option('--config <name=value...>', 'what topics have that set nothing themselves')
    .option('--validate-only', 'check it, and change nothing');
}

function addCreate(instance: Command, terminal: Terminal): void {
  withSettings(instance.command('create <key>'))
    .description('create an instance; what is not set is as the broker is set')
    .action(async (key: string, options: SettingOptions) => {
      const validateOnly = options.validateOnly === true;
      const configs = readAssignments(options.config ?? []);
      await withAdmin(options, terminal.signal, async (admin) => {
        const { fsync, readConsistency } = options;
        const settings = { fsync, readConsistency, quotas: quotasOf(options), configs };
        const made = await admin.createInstance(key, { ...settings, validateOnly });
        const verb = validateOnly ? 'could be created:' : 'created';
        await printResult(terminal, options, made, () => `${verb} ${key} (${made.fsync.value})`);
      });
    });
}

function addAlter(instance: Command, terminal: Terminal): void {
  withSettings(instance.command('alter <key>'))
    .description('change an instance; another schedule or consistency ends its connections')
    .option('--unset <name...>', 'fsync, read-consistency, quotas or configs to take back')
    .option('--force', 'end its connections where the change needs that')
    .action(async (key: string, options: SettingOptions) => {
      const change = changeOf(options);
      await withAdmin(options, terminal.signal, async (admin) => {
        const altered = await admin.alterInstance(key, change);
        await printResult(terminal, options, altered, () => describeText(altered));
      });
    });
}

function addOpen(instance: Command, terminal: Terminal): void {
  withClientOptions(instance.command('open <key>'))
    .description('try again to open an instance that failed; an open one stays as it is')
    .action(async (key: string, options: ClientOptions) => {
      await withAdmin(options, terminal.signal, async (admin) => {
        // A change of nothing.
        const opened = await admin.alterInstance(key, {});
        await printResult(terminal, options, opened, () => describeText(opened));
      });
    });
}

function addDelete(instance: Command, terminal: Terminal): void {
  withClientOptions(instance.command('delete <key>'))
    .description('delete an instance with all its topics; asks for its key unless --yes')
    .option('--yes', 'do not ask')
    .option('--force', 'end its connections')
    .action(async (key: string, options: DeleteOptions) => {
      if (options.yes !== true) await confirm(terminal, key);
      await withAdmin(options, terminal.signal, async (admin) => {
        await admin.deleteInstance(key, { force: options.force === true });
        await printResult(terminal, options, { deleted: key }, () => `deleted ${key}`);
      });
    });
}

/** Has a person at a terminal type the key. */
async function confirm(terminal: Terminal, key: string): Promise<void> {
  if ((terminal.stdin as { isTTY?: boolean }).isTTY !== true) {
    const message = `this deletes every topic of ${key}; say --yes`;
    throw new CliError(message, ExitCode.usage);
  }
  terminal.stderr.write(`This deletes every topic of ${key}. Type its key to go on: `);
  const { signal } = terminal;
  const lines = createInterface({ input: terminal.stdin, signal });
  try {
    for await (const line of lines) {
      // Whoever interrupts has said no, whatever is typed after that.
      if (line === key && !signal.aborted) return;
      break;
    }
  } finally {
    lines.close();
  }
  const why = signal.aborted ? 'interrupted' : 'that is not the key';
  throw new CliError(`${why}; nothing was deleted`);
}

function changeOf(options: SettingOptions) {
  const { fsync, readConsistency, unset = [] } = options;
  const configs: Record<string, string | null> = readAssignments(options.config ?? []);
  const quotas: Partial<Record<keyof InstanceQuotas, number | null>> = quotasOf(options);
  const isUnset = (name: string): boolean => unset.includes(name);
  for (const name of unset) {
    const quota = Object.hasOwn(QUOTAS, name) ? QUOTAS[name] : undefined;
    const isSetToo =
      quota === undefined
        ? Object.hasOwn(configs, name) ||
          (name === 'fsync' && fsync !== undefined) ||
          (name === 'read-consistency' && readConsistency !== undefined)
        : quota in quotas;
    if (isSetToo) throw new CliError(`${name} is set and unset at once`, ExitCode.usage);
    if (quota !== undefined) quotas[quota] = null;
    else if (name !== 'fsync' && name !== 'read-consistency') configs[name] = null;
  }
  return {
    fsync: isUnset('fsync') ? 'default' : fsync,
    readConsistency: isUnset('read-consistency') ? 'default' : readConsistency,
    quotas,
    configs,
    force: options.force === true,
    validateOnly: options.validateOnly === true,
  };
}

function quotasOf({ quota = [] }: SettingOptions): Partial<Record<keyof InstanceQuotas, number>> {
  const quotas: Partial<Record<keyof InstanceQuotas, number>> = {};
  for (const [name, text] of Object.entries(readAssignments(quota))) {
    const field = Object.hasOwn(QUOTAS, name) ? QUOTAS[name] : undefined;
    if (field === undefined) {
      const known = Object.keys(QUOTAS).join(', ');
      throw new CliError(`there is no quota ${name}; there are ${known}`, ExitCode.usage);
    }
    if (!/^[1-9]\d{0,14}$/.test(text)) {
      throw new CliError(`--quota ${name} takes a whole number from 1 on`, ExitCode.usage);
    }
    quotas[field] = Number(text);
  }
  return quotas;
}
