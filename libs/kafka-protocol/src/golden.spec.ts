// Our codecs against bytes that Kafka's own computed (testing/golden/README.md).
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { allMessages, type TestedMessage } from '../testing/all-messages';
import { asDecoded, SAMPLE_KINDS, sampleMessage, type SampleKind } from '../testing/sample-message';
import { WireReader } from './wire-reader';
import { WireWriter } from './wire-writer';

jest.setTimeout(60_000);

const GOLDEN = join(__dirname, '../testing/golden');

type Golden = Readonly<Record<string, Readonly<Record<string, string>>>>;

function golden(file: string): Golden {
  const path = join(GOLDEN, `${file}.json`);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Golden) : {};
}

const byHand = golden('by-hand');

/** `['VERSION KIND', hex]` of all that the fixtures hold of a message. */
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

  it('has golden bytes in every version', () => {
    const wanted = tested.versions.flatMap((v) => SAMPLE_KINDS.map((kind) => `${v} ${kind}`));
    expect(found.map(([what]) => what).sort()).toEqual(wanted.sort());
  });

  it('is encoded as Kafka does, in every version', () => {
    const ours = found.map(([what]) => {
      const [version, kind] = what.split(' ') as [string, SampleKind];
      const value = sampleMessage(tested.message, Number(version), kind);
      return [what, encoded(tested, Number(version), value).toString('hex')];
    });
    expect(ours).toEqual(found);
  });

  it('is decoded from what Kafka encodes, to the last byte, in every version', () => {
    for (const [what, hex] of found) {
      const [text, kind] = what.split(' ') as [string, SampleKind];
      const version = Number(text);
      const reader = new WireReader(Buffer.from(hex, 'hex'));
      const value = tested.codec.read(reader, version);
      const sample = sampleMessage(tested.message, version, kind);
      expect([what, value]).toEqual([what, asDecoded(tested.message.root, sample, version)]);
      expect(reader.remaining).toBe(0);
    }
  });
});
