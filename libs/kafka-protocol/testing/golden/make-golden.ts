// Computes the golden bytes of every message and version with Kafka's Java codec; README.md beside
// it says what it needs: npx tsx libs/kafka-protocol/testing/golden/make-golden.ts 'jars/*'
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSchemas, type Field, type Message, type Struct } from '../../generator/schema';
import { SAMPLE_KINDS, sampleMessage, type SampleKind, type Value } from '../sample-message';

interface Sample {
  readonly file: string;
  readonly message: Message;
  readonly version: number;
  readonly kind: SampleKind;
}

/** Versions that Kafka's codec does not have any more; their bytes are computed by hand. */
const BY_HAND: ReadonlySet<string> = new Set(['RequestHeader 0']);

/** A value in the form that Kafka's JSON converters read. */
function asKafkaJson(struct: Struct, value: Value): Value {
  const entries = struct.fields.flatMap((field) => {
    const given = value[field.name];
    // Left to Kafka's own default, so that ours is held against it.
    const isDefault = field.tag !== undefined && given === field.default;
    return given === undefined || isDefault ? [] : [[field.name, fieldJson(field, given)] as const];
  });
  return Object.fromEntries(entries);
}

function fieldJson(field: Field, given: unknown): unknown {
  const { type, isArray } = field;
  if (given === null) return null;
  if (type === 'records') {
    return Buffer.concat(Array.isArray(given) ? (given as Buffer[]) : [given as Buffer]).toString(
      'base64',
    );
  }
  const one = (element: unknown): unknown => {
    if (typeof type === 'object') return asKafkaJson(type, element as Value);
    if (type === 'bytes') return (element as Buffer).toString('base64');
    if (type !== 'uuid') return element;
    return Buffer.from((element as string).replaceAll('-', ''), 'hex').toString('base64url');
  };
  return isArray ? (given as unknown[]).map(one) : one(given);
}

function samples(): Sample[] {
  return readSchemas().flatMap(({ file, messages }) =>
    messages.flatMap((message) => {
      const { min, max } = message.versions;
      const versions = Array.from({ length: max - min + 1 }, (_, i) => min + i);
      return versions
        .filter((version) => !BY_HAND.has(`${message.name} ${version}`))
        .flatMap((version) => SAMPLE_KINDS.map((kind) => ({ file, message, version, kind })));
    }),
  );
}

function encodeWithKafka(all: readonly Sample[], classPath: string): string[] {
  const input = all.map(({ message, version, kind }) => {
    const json = asKafkaJson(message.root, sampleMessage(message, version, kind));
    return `${message.name}Data ${version} ${JSON.stringify(json)}\n`;
  });
  const { stdout, stderr, status } = spawnSync(
    'java',
    ['-cp', classPath, join(__dirname, 'MakeGolden.java')],
    { input: input.join(''), encoding: 'utf8', maxBuffer: 256 << 20 },
  );
  const lines = stdout.split('\n').slice(0, -1);
  if (status === 0 && lines.length === all.length) return lines;
  throw new Error(`line ${lines.length} (${input[lines.length] ?? ''}): ${stderr}`);
}

function main(classPath: string): void {
  const all = samples();
  const hex = encodeWithKafka(all, classPath);
  const files = new Map<string, Record<string, Record<string, string>>>();
  all.forEach(({ file, message, version, kind }, index) => {
    const messages = files.get(file) ?? {};
    files.set(file, messages);
    const bytes = (messages[message.name] ??= {});
    bytes[`${version} ${kind}`] = hex[index] ?? '';
  });
  for (const [file, messages] of files) {
    const text = `${JSON.stringify(messages, null, 2)}\n`;
    writeFileSync(join(__dirname, `${file}.json`), text);
  }
  process.stdout.write(`${all.length} messages in ${files.size} files\n`);
}

main(process.argv[2] ?? 'jars/*');
