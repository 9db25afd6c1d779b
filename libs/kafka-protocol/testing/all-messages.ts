// Every message with its schema and its codec, for tests that go through all of them.
import { readSchemas, type Message } from '../generator/schema';
import { API_CODECS } from '../src/generated/api-codecs';
import { requestHeaderCodec } from '../src/generated/request-header';
import { responseHeaderCodec } from '../src/generated/response-header';
import type { AnyMessageCodec } from '../src/message-codec';

const CODECS: readonly AnyMessageCodec[] = [
  ...API_CODECS.flatMap(({ request, response }) => [request, response]),
  ...[requestHeaderCodec, responseHeaderCodec],
];

export interface TestedMessage {
  readonly name: string;
  /** The name of its schema, and of its golden bytes. */
  readonly file: string;
  readonly message: Message;
  readonly codec: AnyMessageCodec;
  readonly versions: readonly number[];
}

/** The name is spelt once in the schema and once in the codec: one without the other throws. */
export function allMessages(): TestedMessage[] {
  const codecs = new Map(CODECS.map((codec) => [codec.name, codec]));
  return readSchemas().flatMap(({ file, messages }) =>
    messages.map((message) => {
      const codec = codecs.get(message.name);
      if (codec === undefined) throw new Error(`${message.name} has no codec`);
      const { min, max } = message.versions;
      const versions = Array.from({ length: max - min + 1 }, (_, i) => min + i);
      return { name: message.name, file, message, codec, versions };
    }),
  );
}
