/**
 * Why a broker did not start; `INVALID_SETTING` and `INSECURE_HOST` are the caller's to correct.
 */
export type BrokerStartErrorCode =
  | 'INVALID_SETTING'
  | 'INSECURE_HOST'
  | 'PORT_IN_USE'
  | 'LISTEN_FAILED'
  | 'DATA_DIR_LOCKED'
  | 'DATA_DIR_UNUSABLE'
  | 'STORAGE_FAILED';

const USAGE_CODES: readonly BrokerStartErrorCode[] = ['INVALID_SETTING', 'INSECURE_HOST'];

/**
 * A broker that did not start, in one line for the person who started it.
 *
 * Life: whatever was opened before the failure is closed again by the time this is thrown.
 */
export class BrokerStartError extends Error {
  /** What the process should exit with: 2 for a wrong setting, 1 for anything else. */
  readonly exitCode: number;

  /** @param message One line: what was wrong and what to do about it. */
  constructor(
    readonly code: BrokerStartErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'BrokerStartError';
    this.exitCode = USAGE_CODES.includes(code) ? 2 : 1;
  }
}
