import { ERROR_TABLE, isErrorCode, type ErrorCode } from './error-table';

/** The fields of an `error` reply; those of `details` are beside them. */
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
  /** What a client needs to go on, as fields of the reply; docs/protocol.md names them. */
  readonly details: Readonly<Record<string, unknown>>;

  /** @param retriable Only for an error that came over the wire; otherwise the table decides. */
  constructor(
    code: ErrorCode,
    message?: string,
    retriable?: boolean,
    details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message ?? ERROR_TABLE[code].sentence);
    this.code = code;
    this.retriable = retriable ?? ERROR_TABLE[code].retriable;
    this.details = details;
  }

  /**
   * The error that the fields of an `error` reply describe. A code from a newer broker becomes
   * INTERNAL with that code in the message; what it says about retrying is kept.
   */
  static fromFields(fields: Readonly<Record<string, unknown>>): ProtocolError {
    const { code, message: text, retriable: flag, ...details } = fields;
    const message = typeof text === 'string' ? text : undefined;
    const retriable = typeof flag === 'boolean' ? flag : undefined;
    if (isErrorCode(code)) return new ProtocolError(code, message, retriable, details);
    const unknown = `${String(code)}: ${message ?? ''}`;
    return new ProtocolError('INTERNAL', unknown, retriable, details);
  }

  /** The fields of the `error` reply that tells a client of this. */
  toFields(): ErrorFields {
    const { code, message, retriable, details } = this;
    return { ...details, code, message, retriable };
  }
}
