import { ERROR_TABLE, isErrorCode, type ErrorCode } from './error-table';

/** The fields of an `error` reply. */
export interface ErrorFields {
  readonly code: string;
  readonly message: string;
  readonly retriable: boolean;
}

/** A failure that has a code of the protocol: a broker answers with it, a client is handed it. */
export class ProtocolError extends Error {
  override readonly name: string = 'ProtocolError';
  readonly code: ErrorCode;
  /** Whether the same request can succeed later without being changed. */
  readonly retriable: boolean;

  /** @param retriable Only for an error that came over the wire; otherwise the table decides. */
  constructor(code: ErrorCode, message?: string, retriable?: boolean) {
    super(message ?? ERROR_TABLE[code].sentence);
    this.code = code;
    this.retriable = retriable ?? ERROR_TABLE[code].retriable;
  }

  /**
   * The error that the fields of an `error` reply describe. A code from a newer broker becomes
   * INTERNAL with that code in the message; what it says about retrying is kept.
   */
  static fromFields(fields: Readonly<Record<string, unknown>>): ProtocolError {
    const message = typeof fields.message === 'string' ? fields.message : undefined;
    const retriable = typeof fields.retriable === 'boolean' ? fields.retriable : undefined;
    if (isErrorCode(fields.code)) return new ProtocolError(fields.code, message, retriable);
    return new ProtocolError('INTERNAL', `${String(fields.code)}: ${message ?? ''}`, retriable);
  }

  /** The fields of the `error` reply that tells a client of this. */
  toFields(): ErrorFields {
    return { code: this.code, message: this.message, retriable: this.retriable };
  }
}
