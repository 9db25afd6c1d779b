/** Exit codes of the command, in `walrusmq --help` and README. */
export const ExitCode = { ok: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/** A failure to tell the person at the terminal: one sentence that says what was wrong and what to do. */
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

/** The `code` of an error that carries one as a string, as Node's, the SDK's and the engine's do. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** What is printed for any thrown value: its message, with its code in front where it has one. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = codeOf(error);
  return code === undefined || error.message.includes(code) ? error.message : `${code}: ${error.message}`;
}
