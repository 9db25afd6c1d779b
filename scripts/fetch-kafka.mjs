// Apache Kafka (broker, clients, tools) as jars, for the tests with Java's clients and for
// make bench-vs-kafka. Maven fetches them once from Maven Central, in the version that
// scripts/kafka/pom.xml names; they lie in .make/kafka and are held to scripts/kafka/jars.sha256.
//
//   node scripts/fetch-kafka.mjs          prints the folder of the jars
//   node scripts/fetch-kafka.mjs update   writes jars.sha256 anew, after a change of the version
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT, STATE, SetupError, requireTools } from './setup.mjs';

/** How long Maven may take, and what it may fetch; Kafka 4 has about 50 jars of 45 MB. */
const MINUTES_MAX = 10;
const JARS_MAX = 200;
const TOTAL_BYTES_MAX = 400e6;

/** Where everything is; tests give another place. */
const PLACE = {
  pom: join(ROOT, 'scripts/kafka/pom.xml'),
  sums: join(ROOT, 'scripts/kafka/jars.sha256'),
  cache: join(STATE, 'kafka'),
};

/** @throws {SetupError} The file names no version. */
function versionOf(pom) {
  const version = /<kafka\.version>([\w.-]+)<\/kafka\.version>/.exec(
    readFileSync(pom, 'utf8'),
  )?.[1];
  if (version === undefined) throw new SetupError(`${pom} has no <kafka.version>`);
  return version;
}

function sha256(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}

/**
 * The checksums of the jars in a folder, by their names.
 *
 * @throws {SetupError} There are more jars or bytes than Kafka can have.
 */
function sumsOf(folder) {
  const names = readdirSync(folder).sort();
  const bytes = names.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  if (names.length > JARS_MAX || bytes > TOTAL_BYTES_MAX) {
    throw new SetupError(
      `Maven fetched ${names.length} files of ${bytes} bytes; Kafka has at most ${JARS_MAX} of ` +
        `${TOTAL_BYTES_MAX}: look at scripts/kafka/pom.xml`,
    );
  }
  return new Map(names.map((name) => [name, sha256(readFileSync(join(folder, name)))]));
}

/** As `sha256sum` writes and reads them. */
function renderSums(sums) {
  return [...sums].map(([name, sum]) => `${sum}  ${name}\n`).join('');
}

function parseSums(text) {
  const lines = text.split('\n').filter((line) => line !== '');
  return new Map(
    lines.map((line) => {
      const [sum, name] = line.split('  ');
      return [name, sum];
    }),
  );
}

/** What differs from the checksums of the repository: one sentence each. */
function differences(found, wanted) {
  return [
    ...[...wanted].flatMap(([name, sum]) => {
      if (!found.has(name)) return [`${name} is missing`];
      return found.get(name) === sum ? [] : [`${name} has another checksum`];
    }),
    ...[...found.keys()].filter((name) => !wanted.has(name)).map((name) => `${name} is new`),
  ];
}

/** Has Maven copy the jars into a folder. */
function fetchJars(pom, folder) {
  const args = [
    ...['--batch-mode', '--no-transfer-progress', '--quiet', '--strict-checksums'],
    ...['--file', pom, 'dependency:copy-dependencies'],
    ...[`-DoutputDirectory=${folder}`, '-DincludeScope=runtime'],
  ];
  const { status, error } = spawnSync('mvn', args, {
    stdio: ['ignore', 2, 2],
    timeout: MINUTES_MAX * 60_000,
  });
  if (status === 0) return;
  const reason =
    error?.code === 'ETIMEDOUT' ? `took over ${MINUTES_MAX} minutes` : (error?.message ?? 'failed');
  throw new SetupError(
    `Kafka's jars could not be fetched: Maven ${reason} (above). It needs Maven Central once; ` +
      'run it again when the network is there',
  );
}

/** Moves a folder to its place, unless somebody else was faster. */
function moveInto(folder, jars) {
  try {
    renameSync(folder, jars);
  } catch (error) {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
  }
}

/**
 * Kafka's jars, fetched when they are not there in the wanted version, and verified then.
 *
 * @param {object} [options]
 * @param {boolean} [options.isUpdate] Takes what is fetched for right, and writes its checksums.
 * @param {typeof PLACE} [options.place]
 * @param {(pom: string, folder: string) => void} [options.fetch] Puts the jars into a folder.
 * @param {(tools: string[]) => void} [options.require] Makes sure of programs.
 * @returns {{ version: string, jars: string }} The version, and the folder with nothing but jars.
 * @throws {SetupError} No JDK or Maven, no network, or jars that are not the ones of the
 *   repository's checksums; nothing stays in the cache then.
 */
export function ensureKafka(options = {}) {
  const { isUpdate = false, place = PLACE, fetch = fetchJars, require = requireTools } = options;
  const version = versionOf(place.pom);
  require(['jdk']);
  const wanted = existsSync(place.sums) ? readFileSync(place.sums, 'utf8') : '';
  // In the name, so that another list of jars is another folder.
  const jars = join(place.cache, `${version}-${sha256(wanted).slice(0, 12)}`);
  if (!isUpdate && existsSync(jars)) return { version, jars };
  require(['maven']);
  mkdirSync(place.cache, { recursive: true });
  const fetched = mkdtempSync(join(place.cache, 'fetch-'));
  try {
    process.stderr.write(`→ Apache Kafka ${version} from Maven Central\n`);
    fetch(place.pom, fetched);
    const found = sumsOf(fetched);
    if (isUpdate) writeFileSync(place.sums, renderSums(found));
    const list = isUpdate ? renderSums(found) : wanted;
    const wrong = differences(found, parseSums(list));
    if (wrong.length > 0) {
      throw new SetupError(
        `Kafka's jars are not those of scripts/kafka/jars.sha256: ${wrong.join(', ')}.\n` +
          'If the version was changed: node scripts/fetch-kafka.mjs update. If not, delete ' +
          '~/.m2/repository/org/apache/kafka and run it again',
      );
    }
    const target = join(place.cache, `${version}-${sha256(list).slice(0, 12)}`);
    moveInto(fetched, target);
    return { version, jars: target };
  } finally {
    rmSync(fetched, { recursive: true, force: true });
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [word] = process.argv.slice(2);
  try {
    if (word !== undefined && word !== 'update') {
      throw new SetupError('usage: node scripts/fetch-kafka.mjs [update]');
    }
    const { jars } = ensureKafka({ isUpdate: word === 'update' });
    process.stdout.write(`${jars}\n`);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
