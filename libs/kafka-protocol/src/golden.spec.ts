// Our codecs against bytes that Kafka's own computed (testing/golden/README.md).
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { allMessages, type TestedMessage } from '../testing/all-messages';
import { asDecoded, SAMPLE_KINDS, sampleMessage } from '../testing/sample-message';
import { WireReader } from './wire-reader';
import { WireWriter } from './wire-writer';

const GOLDEN = join(__dirname, '../testing/golden');

type Golden = Readonly<Record<string, Readonly<Record<string, string>>>>;

function golden(file: string): Golden {
  const path = join(GOLDEN, `${file}.json`);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Golden) : {};
}

const byHand = golden('by-hand');

/** `[version, kind, hex]` of all that the fixtures hold of a message. */
function goldenOf({ name, file }: TestedMessage): [string, string][] {
  return Object.entries({ ...golden(file)[name], ...byHand[name] });
}

function encoded(tested: TestedMessage, version: number, value: unknown): Buffer {
  const writer = new WireWriter();
  tested.codec.write(writer, value as never, version);
  return Buffer.concat(writer.finish());
}

describe.each(allMessages().map((tested) => [tested.name, tested] as const))('%s', (_, tested) => {
  const found = goldenOf(tested);
  const bytes = Object.fromEntries(found);

  it('has golden bytes in every version', () => {
    const wanted = tested.versions.flatMap((v) => SAMPLE_KINDS.map((kind) => `${v} ${kind}`));
    expect(found.map(([what]) => what).sort()).toEqual(wanted.sort());
  });

  it.each(tested.versions)('encodes version %i as Kafka does', (version) => {
    const ours = SAMPLE_KINDS.map((kind) => {
      return encoded(tested, version, sampleMessage(tested.message, version, kind)).toString('hex');
    });
    expect(ours).toEqual(SAMPLE_KINDS.map((kind) => bytes[`${version} ${kind}`]));
  });

  it.each(tested.versions)('decodes version %i of Kafka to the last byte', (version) => {
    const { root } = tested.message;
    for (const kind of SAMPLE_KINDS) {
      const reader = new WireReader(Buffer.from(bytes[`${version} ${kind}`]!, 'hex'));
      const value = tested.codec.read(reader, version);
      expect(value).toEqual(asDecoded(root, sampleMessage(tested.message, version, kind), version));
      expect(reader.remaining).toBe(0);
    }
  });
});
