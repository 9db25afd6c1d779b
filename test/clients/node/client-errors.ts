import { ClientError, type ClientUnderTest } from '../client-under-test';

interface Nested {
  readonly message?: unknown;
  readonly code?: unknown;
  readonly apiCode?: unknown;
  readonly errorCode?: unknown;
  readonly cause?: unknown;
  readonly errors?: unknown;
  readonly groups?: unknown;
}

/** Kafka's number of an error as the clients of Node keep it: somewhere among causes and parts. */
function kafkaCodeOf(error: unknown): number | null {
  if (typeof error !== 'object' || error === null) return null;
  const { code, apiCode, errorCode, cause, errors, groups } = error as Nested;
  const own = [apiCode, errorCode, code].find((each) => typeof each === 'number');
  if (own !== undefined) return own;
  const inner = [cause, errors, groups].flat<unknown[]>();
  return inner.map(kafkaCodeOf).find((found) => found !== null) ?? null;
}

/** What an error and those inside it say. */
function messagesOf(error: unknown): readonly string[] {
  if (typeof error !== 'object' || error === null) return [];
  const { message, cause, errors } = error as Nested;
  const inner = [cause, errors].flat<unknown[]>();
  return [...(typeof message === 'string' ? [message] : []), ...inner.flatMap(messagesOf)];
}

/** What a client threw, as the suites know it. */
export function clientErrorOf(error: unknown): ClientError {
  if (error instanceof ClientError) return error;
  const message = [...new Set(messagesOf(error))].join('; ');
  return new ClientError(message === '' ? String(error) : message, kafkaCodeOf(error));
}

/** The same client, whose every command rejects with a `ClientError`. */
export function reporting(client: ClientUnderTest): ClientUnderTest {
  return new Proxy(client, {
    get: (target, name) => {
      const member = Reflect.get(target, name) as unknown;
      if (typeof member !== 'function') return member;
      return async (...args: unknown[]): Promise<unknown> => {
        try {
          return await (Reflect.apply(member, target, args) as Promise<unknown>);
        } catch (error) {
          throw clientErrorOf(error);
        }
      };
    },
  });
}
