// decode(encode(x)) = x for every message in every version.
import fc from 'fast-check';
import { allMessages } from '../testing/all-messages';
import { arbitraryMessage } from '../testing/arbitrary-message';
import { asDecoded } from '../testing/sample-message';
import { WireReader } from './wire-reader';
import { WireWriter } from './wire-writer';

// A hundred messages of a dozen versions in one test, on machines that do other things too.
jest.setTimeout(120_000);

const RUNS = Number(process.env.KAFKA_CODEC_RUNS ?? 10);

describe('a message that is encoded and decoded', () => {
  it.each(allMessages().map((tested) => [tested.name, tested] as const))(
    'is what it was: %s, in every version',
    (_, { message, codec, versions }) => {
      for (const version of versions) {
        const property = fc.property(arbitraryMessage(message, version), (value) => {
          const writer = new WireWriter();
          codec.write(writer, value as never, version);
          const reader = new WireReader(Buffer.concat(writer.finish()));
          const decoded = codec.read(reader, version);
          expect([version, decoded]).toEqual([version, asDecoded(message.root, value, version)]);
          expect(reader.remaining).toBe(0);
        });
        fc.assert(property, { numRuns: RUNS });
      }
    },
  );
});
