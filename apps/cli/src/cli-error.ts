import { types } from 'node:util';

/** Exit codes of the command, in `walrusmq --help` and README. */
export const ExitCode = { ok: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/** A failure to tell the person at the terminal: one sentence of what was wrong and what to do. */
export class CliError extends Error {
  /** @param exitCode What the process exits with. */
  constructor(
    message: string,
    readonly exitCode: number = ExitCode.failed,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'CliError';
  }
}

/**
 * The `code` of an error that carries one as a string, as Node's, the SDK's and the engine's do.
 */
export function codeOf(error: unknown): string | undefined {
  if (!isError(error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Errors of Node's own modules are no `Error` of this realm where a test runner makes one. */
function isError(error: unknown): error is Error {
  return error instanceof Error || types.isNativeError(error);
}

/** What to try, for errors whose own message cannot know that it is read at a terminal. */
const ADVICE: Readonly<Record<string, string>> = {
  UNKNOWN_TOPIC: '`walrusmq topic list` shows the topics, `walrusmq topic create` makes one',
  TOPIC_EXISTS: 'add --if-not-exists if that is fine',
  UNKNOWN_READER: '`walrusmq reader list` shows the readers, `walrusmq reader create` makes one',
  READER_EXISTS: '`walrusmq reader reset` moves it',
  READER_ATTACHED: 'or add --take-over',
  UNKNOWN_INSTANCE: 'check --instance; `walrusmq instance list` shows them',
  INSTANCE_IN_USE: 'add --force to end them',
  GROUP_ID_NOT_FOUND: '`walrusmq group list` shows the groups',
  NON_EMPTY_GROUP: '`walrusmq group describe` shows its members',
  LOCKED: 'stop the broker that uses this directory first',
};

/** One line for any thrown value: its message, with its code in front and with what to try. */
export function describeError(error: unknown): string {
  if (!isError(error)) return String(error);
  if (error instanceof CliError) return error.message;
  const code = codeOf(error);
  const text = withFlags(error.message.replace(/\s*\n\s*/g, ' '));
  const advice = code === undefined ? undefined : ADVICE[code];
  const named = code === undefined || text.includes(code) ? text : `${code}: ${text}`;
  return advice === undefined ? named : `${named.replace(/\.$/, '')}; ${advice}`;
}

/** The SDK's messages name its option; at a terminal it is a flag. */
function withFlags(text: string): string {
  return text.replace('as `broker`', 'with --broker').replace('of `broker`', 'of --broker');
}

/** The exit code for any thrown value. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof CliError) return error.exitCode;
  return codeOf(error) === 'INVALID_OPTION' ? ExitCode.usage : ExitCode.failed;
}
