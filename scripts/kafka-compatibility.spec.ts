// docs/kafka-compatibility.md against the table of APIs, the handlers and the tested clients.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { API_TABLE } from '@walrusmq/kafka-protocol';
import { compatibilityPage, PAGE, readTestedClients } from './kafka-compatibility';

const REPOSITORY = join(__dirname, '..');

describe('docs/kafka-compatibility.md', () => {
  const page = readFileSync(PAGE, 'utf8');
  const clients = readTestedClients();

  it('is what the script makes of the sources: npx tsx scripts/kafka-compatibility.ts', () => {
    expect(page).toBe(compatibilityPage());
  });

  it('has a row with the versions of every API that is answered', () => {
    const rows = [...page.matchAll(/^\| (\d+) \| \[(\w+)\]\(#\w+\) \| (\d+) to (\d+) \|/gm)];
    expect(rows.length).toBeGreaterThan(20);
    for (const [, key, name, min, max] of rows) {
      const entry = API_TABLE.find(({ codec }) => codec.key === Number(key));
      expect([entry?.codec.name, entry?.minVersion, entry?.maxVersion]).toEqual([
        name,
        Number(min),
        Number(max),
      ]);
      expect(page).toContain(`### ${name}\n`);
    }
  });

  it('names every API once, answered or not', () => {
    for (const { codec } of API_TABLE) {
      const isAnswered = page.includes(`### ${codec.name}\n`);
      expect([codec.name, page.includes(`${codec.name} (${codec.key})`)]).toEqual([
        codec.name,
        !isAnswered,
      ]);
    }
  });

  it('names tests that exist, and APIs that are answered', () => {
    expect(clients.length).toBeGreaterThan(0);
    for (const { client, tests, apis } of clients) {
      expect(tests.length).toBeGreaterThan(0);
      for (const path of tests) {
        expect([path, existsSync(join(REPOSITORY, path))]).toEqual([path, true]);
      }
      for (const api of apis) expect([client, page]).toEqual([client, containing(`### ${api}\n`)]);
    }
  });

  it('names the versions that package.json has', () => {
    const manifest = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8')) as {
      readonly devDependencies: Readonly<Record<string, string>>;
    };
    const installed = clients.filter(({ client }) => client in manifest.devDependencies);
    expect(installed.map(({ client }) => client)).toContain('kafkajs');
    for (const { client, version } of installed) {
      expect([client, version]).toEqual([client, manifest.devDependencies[client]]);
    }
  });
});

function containing(text: string): string {
  return expect.stringContaining(text) as string;
}
