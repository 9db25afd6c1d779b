// Writes docs/kafka-compatibility.md: which APIs of Kafka's protocol are answered, in which
// versions, how, and which clients are tested with them. After `make build`:
// npx tsx scripts/kafka-compatibility.ts
//
// Versions and notes of versions come from the table of APIs, what an API does from the comment of
// its handler, the clients from tested-clients.json beside the handlers.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { API_TABLE, type ApiArea, type ApiEntry } from '@walrusmq/kafka-protocol';

const REPOSITORY = join(__dirname, '..');
const HANDLERS = join(REPOSITORY, 'apps/broker/src/kafka');
export const PAGE = join(REPOSITORY, 'docs/kafka-compatibility.md');
export const TESTED_CLIENTS = join(HANDLERS, 'tested-clients.json');

/** A client that tests run, as tested-clients.json has it. */
export interface TestedClient {
  readonly client: string;
  readonly version: string;
  /** Specs, from the root of the repository. */
  readonly tests: readonly string[];
  /** The APIs that those tests have the client use, by name. */
  readonly apis: readonly string[];
}

/** What a handler's comment says. */
interface HandlerNote {
  readonly behaviour: string;
  readonly versions: string;
}

/** An API that is answered. */
interface Answered extends HandlerNote {
  readonly entry: ApiEntry;
}

const AREAS: readonly ApiArea[] = [
  'connection',
  'records',
  'topics',
  'groups',
  'producers',
  'transactions',
  'administration',
  'security',
  'telemetry',
  'share groups',
];

/** The tested clients, in the order of the file. */
export function readTestedClients(): readonly TestedClient[] {
  return JSON.parse(readFileSync(TESTED_CLIENTS, 'utf8')) as TestedClient[];
}

/** The text of docs/kafka-compatibility.md. */
export function compatibilityPage(clients: readonly TestedClient[] = readTestedClients()): string {
  const notes = handlerNotes();
  const answered: Answered[] = [];
  for (const entry of API_TABLE) {
    const note = notes.get(entry.codec.name);
    if (note !== undefined) answered.push({ entry, ...note });
  }
  const missing = API_TABLE.filter(({ codec }) => !notes.has(codec.name));
  return [
    ...INTRODUCTION,
    '## Clients',
    '',
    ...clientTable(clients),
    '## APIs',
    '',
    ...apiTable(answered, clients),
    ...AREAS.flatMap((area) => areaSection(area, answered)),
    '## Not answered',
    '',
    'Clients are not told of these APIs, and a request for one ends the connection, as in Kafka: ' +
      `${missing.map(({ codec }) => `${codec.name} (${codec.key})`).join(', ')}.`,
    '',
  ].join('\n');
}

const INTRODUCTION = [
  '# Kafka compatibility',
  '',
  '<!-- Written by scripts/kafka-compatibility.ts; a test fails when it was not run. -->',
  '',
  "What WalrusMQ answers of Kafka's protocol. Clients learn the same from ApiVersions and use " +
    'the highest version that both sides know.',
  '',
];

function clientTable(clients: readonly TestedClient[]): string[] {
  const rows = clients.map(({ client, version, tests }) => {
    const links = tests.map((path) => `[${path.split('/').at(-1) ?? path}](../${path})`);
    return `| ${client} | ${version} | ${links.join(', ')} |`;
  });
  return ['| client | version | tests |', '| --- | --- | --- |', ...rows, ''];
}

function apiTable(answered: readonly Answered[], clients: readonly TestedClient[]): string[] {
  const rows = [...answered]
    .sort((one, other) => one.entry.codec.key - other.entry.codec.key)
    .map(({ entry: { codec, minVersion, maxVersion, note } }) => {
      const tested = clients.filter(({ apis }) => apis.includes(codec.name));
      const names = tested.map(({ client }) => client).join(', ');
      const link = `[${codec.name}](#${codec.name.toLowerCase()})`;
      const versions = `${minVersion} to ${maxVersion}`;
      return `| ${codec.key} | ${link} | ${versions} | ${cell(note)} | ${names} |`;
    });
  return [
    '| key | API | versions | note | tested with |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    '',
  ];
}

function areaSection(area: ApiArea, answered: readonly Answered[]): string[] {
  const own = answered.filter(({ entry }) => entry.area === area);
  if (own.length === 0) return [];
  const title = `## ${area.charAt(0).toUpperCase()}${area.slice(1)}`;
  return [
    title,
    '',
    ...own.flatMap(({ entry, behaviour, versions }) => [
      `### ${entry.codec.name}`,
      '',
      sentence(behaviour),
      '',
      `Versions: ${versions}`,
      '',
    ]),
  ];
}

/** What handlers say of themselves, by the names of their APIs. */
function handlerNotes(): ReadonlyMap<string, HandlerNote> {
  const names = readdirSync(HANDLERS).filter((name) => name.endsWith('.ts'));
  const texts = new Map(names.map((name) => [name, readFileSync(join(HANDLERS, name), 'utf8')]));
  const registered = [...texts.values()].join('\n');
  const notes = new Map<string, HandlerNote>();
  for (const [name, text] of texts) {
    if (!name.endsWith('.handler.ts')) continue;
    const className = /export class (\w+)/.exec(text)?.[1];
    const codec = /readonly codec = (\w+)Codec;/.exec(text)?.[1];
    if (className === undefined || codec === undefined) {
      throw new Error(`${name}: no class with the codec of its API`);
    }
    if (!registered.includes(`new ${className}(`)) continue;
    notes.set(codec.charAt(0).toUpperCase() + codec.slice(1), noteOf(name, text));
  }
  return notes;
}

/** @throws {Error} Its first doc comment does not have both parts. */
function noteOf(name: string, text: string): HandlerNote {
  // What stands above the class: a file may say things of its constants before it.
  const comments = [...text.matchAll(/\/\*\*([\s\S]*?)\*\//g)].map(([, body]) => body ?? '');
  const opening = comments.find((body) => body.includes('Behaviour:')) ?? '';
  const prose = opening
    .split('\n')
    .map((line) => line.replace(/^\s*\*? ?/, '').trim())
    .join('\n');
  const [, behaviour, versions] =
    /Behaviour:([\s\S]*?)\n\s*Version notes:([\s\S]*)$/.exec(prose) ?? [];
  if (behaviour === undefined || versions === undefined) {
    throw new Error(`${name}: its comment lacks Behaviour or Version notes`);
  }
  return { behaviour: unwrapped(behaviour), versions: unwrapped(versions) };
}

/** Paragraphs of one line each. */
function unwrapped(text: string): string {
  return text
    .trim()
    .split(/\n{2,}/)
    .map((paragraph) => paragraph.replace(/\s+/g, ' ').trim())
    .join('\n\n');
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

if (require.main === module) writeFileSync(PAGE, compatibilityPage());
