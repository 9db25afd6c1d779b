import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureKafka } from './fetch-kafka.mjs';

const ROOT = join(__dirname, '..');

describe('ensureKafka', () => {
  let root: string;
  let place: { pom: string; sums: string; cache: string };
  let fetched: number;
  let tools: string[];

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'walrusmq-jars-'));
    place = { pom: join(root, 'pom.xml'), sums: join(root, 'sums'), cache: join(root, 'cache') };
    writeFileSync(place.pom, '<kafka.version>4.9.0</kafka.version>');
    fetched = 0;
    tools = [];
  });
  afterEach(() => rmSync(root, { recursive: true }));

  /** As `ensureKafka`, with jars of these contents in Maven Central. */
  function ensure(jars: Record<string, string>, isUpdate = false) {
    return ensureKafka({
      isUpdate,
      place,
      fetch: (_pom, folder) => {
        fetched += 1;
        for (const [name, text] of Object.entries(jars)) writeFileSync(join(folder, name), text);
      },
      require: (names) => void tools.push(...names),
    });
  }

  it('fetches what the checksums name, once', () => {
    ensure({ 'b.jar': 'two', 'a.jar': 'one' }, true);
    expect(readFileSync(place.sums, 'utf8')).toMatch(
      /^[0-9a-f]{64} {2}a\.jar\n[0-9a-f]{64} {2}b\.jar\n$/,
    );
    rmSync(place.cache, { recursive: true });
    const { version, jars } = ensure({ 'a.jar': 'one', 'b.jar': 'two' });
    expect(version).toBe('4.9.0');
    expect(readdirSync(jars)).toEqual(['a.jar', 'b.jar']);
    expect(ensure({}).jars).toBe(jars);
    expect(fetched).toBe(2);
    expect(tools).toContain('jdk');
  });

  it.each([
    ['a jar that was changed', { 'a.jar': 'other' }, 'a.jar has another checksum'],
    ['a jar that is missing', {}, 'a.jar is missing'],
    ['a jar that nobody knows', { 'a.jar': 'one', 'c.jar': 'x' }, 'c.jar is new'],
  ])('refuses %s, and keeps nothing of it', (_, jars, said) => {
    ensure({ 'a.jar': 'one' }, true);
    rmSync(place.cache, { recursive: true });
    expect(() => ensure(jars)).toThrow(said);
    expect(readdirSync(place.cache)).toEqual([]);
    expect(readdirSync(ensure({ 'a.jar': 'one' }).jars)).toEqual(['a.jar']);
  });

  it('refuses more than Kafka can have', () => {
    const many = Object.fromEntries(Array.from({ length: 201 }, (_, at) => [`${at}.jar`, '']));
    expect(() => ensure(many, true)).toThrow('Maven fetched 201 files of 0 bytes');
  });

  it('takes another list of jars for another folder', () => {
    const { jars } = ensure({ 'a.jar': 'one' }, true);
    const { jars: other } = ensure({ 'a.jar': 'two' }, true);
    expect(other).not.toBe(jars);
    expect(readFileSync(join(other, 'a.jar'), 'utf8')).toBe('two');
  });

  it('says when the version is nowhere', () => {
    writeFileSync(place.pom, '<project/>');
    expect(() => ensure({})).toThrow(`${place.pom} has no <kafka.version>`);
    mkdirSync(place.cache);
    expect(readdirSync(place.cache)).toEqual([]);
  });

  it('has the checksums of the version that the repository asks for', () => {
    const pom = readFileSync(join(ROOT, 'scripts/kafka/pom.xml'), 'utf8');
    const version = /<kafka\.version>(.*)</.exec(pom)?.[1] ?? 'none';
    const sums = readFileSync(join(ROOT, 'scripts/kafka/jars.sha256'), 'utf8');
    expect(sums).toContain(`  kafka-clients-${version}.jar\n`);
    expect(sums).toContain(`  kafka_2.13-${version}.jar\n`);
  });
});
