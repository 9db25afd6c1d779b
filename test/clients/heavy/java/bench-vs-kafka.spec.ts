// The comparison with Apache Kafka as a person calls it, in its short form: that both brokers are
// started and every client runs against each, not what comes out.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

jest.setTimeout(900_000);

const REPOSITORY = join(__dirname, '..', '..', '..', '..');

interface Shown {
  readonly title: string;
  readonly value: number;
  readonly peerValue: number;
}

describe('make bench-vs-kafka', () => {
  it('measures both brokers with every client, and draws the plot', () => {
    const directory = mkdtempSync(join(tmpdir(), 'walrusmq-vs-kafka-'));
    const places = ['--dir', join(directory, 'data'), '--out', join(directory, 'out')];
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--import', 'tsx', 'bench/kafka/main.ts', '--short', '--json', ...places],
      { cwd: REPOSITORY, encoding: 'utf8' },
    );
    expect(`${String(status)}\n${stderr}`).toMatch(/^0\n/);
    const { sections } = JSON.parse(stdout) as { sections: { title: string; rows: Shown[] }[] };
    expect(sections.map(({ title }) => title)).toHaveLength(5);
    const rows = sections.flatMap((section) => section.rows);
    expect(rows.filter(({ value, peerValue }) => !(value > 0 && peerValue > 0))).toEqual([]);
    const titles = rows.map(({ title }) => title);
    expect(titles).toEqual(
      expect.arrayContaining([
        'produce, java, 1024 B, 2 partitions, acks=all: broker CPU',
        'consume, librdkafka, 1024 B, 2 partitions: broker CPU',
        'end to end, java, 1024 B, 200/s: p99.9',
        'end to end, librdkafka, 1024 B, 200/s: p99.9',
        'start to first served request',
        'RSS behind all loads',
        'produce, SDK, 1024 B',
        'consume, SDK, 1024 B',
      ]),
    );
    expect(readdirSync(join(directory, 'data'))).toEqual([]);
    expect(readdirSync(join(directory, 'out')).sort()).toEqual([
      'kafka_comparison.csv',
      'kafka_comparison.png',
      'kafka_comparison.svg',
    ]);
    const csv = readFileSync(join(directory, 'out', 'kafka_comparison.csv'), 'utf8');
    expect(csv.match(/^kafka,synced,produce platformatic 1024 B,/gm)).toHaveLength(1);
    rmSync(directory, { recursive: true });
  });
});
