/** What a handler answers: the fields of an `ok` reply and the bytes that ride behind them. */
export interface Reply {
  readonly fields: object;
  readonly tail?: readonly Buffer[];
  /** What the handler reserved for it (`ReplyRoom`); the connection counts the reply itself. */
  readonly reservedBytes?: number;
}

/** In place of a reply, for a request that asked for none; it still ends the request. */
export const NO_REPLY = Symbol('no reply');

export type Outcome = Reply | typeof NO_REPLY;
