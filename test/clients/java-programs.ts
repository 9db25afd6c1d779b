// Kafka's jars, the Java programs of the tests, compiled, and Kafka's own command-line tools.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

const ROOT = join(__dirname, '..', '..');
/** For short runs: compiled quickly instead of well, one thread for the garbage. */
const SHORT_RUN = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx256m'];
const LOG_ERRORS_ONLY = '-Dorg.slf4j.simpleLogger.defaultLogLevel=error';
const OUTPUT_CHARACTERS_MAX = 1_000_000;

/**
 * The folder with Kafka's jars; fetches them when they are not there.
 *
 * @throws {Error} They could not be had; the message says why and what to do.
 */
export function kafkaJars(): string {
  const script = join(ROOT, 'scripts', 'fetch-kafka.mjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return stdout.trimEnd();
}

/** Whether `kafkaJars` would fetch nothing: some version's jars lie in its folder. */
export function areKafkaJarsThere(): boolean {
  const cache = join(ROOT, '.make', 'kafka');
  return existsSync(cache) && readdirSync(cache).some((name) => /^\d/.test(name));
}

/**
 * Compiles the Java files of a folder, unless that was done before with the same files and jars.
 *
 * @returns The class path of the programs in it.
 * @throws {Error} They do not compile; the message is the compiler's.
 */
export function compileJava(folder: string): string {
  const jars = kafkaJars();
  const names = readdirSync(folder).filter((name) => name.endsWith('.java'));
  const sources = names.sort().map((name) => join(folder, name));
  const hash = createHash('sha256').update(jars);
  for (const source of sources) hash.update(readFileSync(source));
  const classes = join(dirname(jars), `classes-${hash.digest('hex').slice(0, 12)}`);
  const classPath = [join(jars, '*'), classes].join(delimiter);
  if (existsSync(classes)) return classPath;
  const target = mkdtempSync(join(dirname(jars), 'compile-'));
  const flags = ['--release', '17', '-proc:none', '-cp', join(jars, '*'), '-d', target];
  const { status, stderr } = spawnSync('javac', [...flags, ...sources], { encoding: 'utf8' });
  if (status !== 0) {
    rmSync(target, { recursive: true });
    throw new Error(`javac: ${stderr}`);
  }
  // Another process may have compiled the same meanwhile.
  if (existsSync(classes)) rmSync(target, { recursive: true });
  else renameSync(target, classes);
  return classPath;
}

/** The command line that runs a class. */
export function javaCommand(classPath: string, mainClass: string, ...args: string[]): string[] {
  return ['java', ...SHORT_RUN, LOG_ERRORS_ONLY, '-cp', classPath, mainClass, ...args];
}

/** Kafka's tools, by the names of the scripts that start them in its distribution. */
export const KAFKA_TOOLS = {
  'kafka-topics': 'org.apache.kafka.tools.TopicCommand',
  'kafka-configs': 'kafka.admin.ConfigCommand',
  'kafka-consumer-groups': 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand',
  'kafka-groups': 'org.apache.kafka.tools.GroupsCommand',
  'kafka-console-producer': 'org.apache.kafka.tools.ConsoleProducer',
  'kafka-console-consumer': 'org.apache.kafka.tools.consumer.ConsoleConsumer',
  'kafka-get-offsets': 'org.apache.kafka.tools.GetOffsetShell',
  'kafka-delete-records': 'org.apache.kafka.tools.DeleteRecordsCommand',
  'kafka-log-dirs': 'org.apache.kafka.tools.LogDirsCommand',
  'kafka-leader-election': 'org.apache.kafka.tools.LeaderElectionCommand',
  'kafka-reassign-partitions': 'org.apache.kafka.tools.reassign.ReassignPartitionsCommand',
  'kafka-broker-api-versions': 'org.apache.kafka.tools.BrokerApiVersionsCommand',
  'kafka-cluster': 'org.apache.kafka.tools.ClusterTool',
  'kafka-features': 'org.apache.kafka.tools.FeatureCommand',
  'kafka-metadata-quorum': 'org.apache.kafka.tools.MetadataQuorumCommand',
  'kafka-transactions': 'org.apache.kafka.tools.TransactionsCommand',
  'kafka-producer-perf-test': 'org.apache.kafka.tools.ProducerPerformance',
  'kafka-consumer-perf-test': 'org.apache.kafka.tools.ConsumerPerformance',
  'kafka-e2e-latency': 'org.apache.kafka.tools.EndToEndLatency',
  'kafka-verifiable-producer': 'org.apache.kafka.tools.VerifiableProducer',
  'kafka-verifiable-consumer': 'org.apache.kafka.tools.VerifiableConsumer',
} as const;
export type KafkaTool = keyof typeof KAFKA_TOOLS;

/** How a tool ended, and what it wrote; the last million characters of each. */
export interface ToolRun {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs one of Kafka's tools to its end.
 *
 * @param input What it finds on stdin.
 * @returns How it ended, well or not.
 */
export function runKafkaTool(
  tool: KafkaTool,
  args: readonly string[],
  input = '',
): Promise<ToolRun> {
  return runKafkaClass(KAFKA_TOOLS[tool], args, input);
}

/** As `runKafkaTool`, by the name of a class that can be run. */
export function runKafkaClass(
  mainClass: string,
  args: readonly string[],
  input = '',
): Promise<ToolRun> {
  const classPath = join(kafkaJars(), '*');
  const [program = '', ...rest] = javaCommand(classPath, mainClass, ...args);
  return new Promise((resolve, reject) => {
    const child = spawn(program, rest, { stdio: ['pipe', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout = (stdout + text).slice(-OUTPUT_CHARACTERS_MAX);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-OUTPUT_CHARACTERS_MAX);
    });
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ exitCode, stdout, stderr }));
    // A tool that ends before it read everything tells why by itself.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}
