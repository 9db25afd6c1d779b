import { parseCsv } from '../suite/csv';
import {
  batchChart,
  batchScalingChart,
  comparisonChart,
  costChart,
  readsChart,
  scalingChart,
  writesChart,
} from './charts';
import { renderPng, renderSvg } from './render';

const THROUGHPUT =
  'timestamp,elapsed_seconds,writes_per_second,bytes_per_second,total_writes,total_bytes,' +
  'dirty_pages_kb,dirty_ratio_percent\n';

function throughput(rate: number) {
  const lines = [0, 1, 2, 3].map((second) => {
    const writes = second * rate;
    const rates = `${second === 0 ? 0 : rate},${rate * 700}`;
    return `1700000000,${second}.00,${rates},${writes},${writes * 700},40,1.50`;
  });
  return `${THROUGHPUT}${lines.join('\n')}\n`;
}

const ours = parseCsv('benchmark_throughput.csv', throughput(200_000));
const rocksdb = parseCsv('rocksdb_benchmark_throughput.csv', throughput(50_000));
const reads = parseCsv(
  'read_benchmark_throughput.csv',
  'timestamp,elapsed_seconds,phase,write_mb_per_sec,read_mb_per_sec,total_write_mb,' +
    'total_read_mb,dirty_pages_kb,dirty_ratio_percent\n' +
    '1,0.00,write,0.000,0.000,0.000,0.000,1,0.10\n' +
    '2,0.50,write,150.000,0.000,75.000,0.000,1,0.20\n' +
    '3,1.00,write,151.000,0.000,150.500,0.000,1,0.30\n' +
    '4,0.00,read,0.000,0.000,150.500,0.000,1,0.30\n' +
    '5,0.50,read,0.000,300.000,150.500,150.000,1,0.20\n',
);
const batch = parseCsv(
  'batch_benchmark_throughput.csv',
  'timestamp,elapsed_seconds,batches_per_second,entries_per_second,bytes_per_second,' +
    'total_batches,total_entries,total_bytes,dirty_pages_kb,dirty_ratio_percent\n' +
    '1,0.00,0,0,0,0,0,0,1,0.10\n2,0.50,200.00,400000,280000000,100,200000,140000000,1,0.10\n' +
    '3,1.00,200.00,400000,280000000,200,400000,280000000,1,0.10\n',
);
const scaling = parseCsv('scaling_results.csv', 'threads,throughput\n1,100000.00\n2,180000.00\n');
const batchScaling = parseCsv(
  'batch_scaling_results.csv',
  'threads,entries_per_second,mb_per_second,batches_per_second\n1,5e5,350,2000\n2,8e5,560,3200\n',
);

const cost = parseCsv(
  'connections_cost.csv',
  'count,produce_ms_per_mb,fetch_ms_per_mb\n1,1.500,0.900\n10,1.510,0.910\n1000,1.9,1.1\n',
);

/** The lines that are drawn: vega gives each mark a group with its number of items. */
function drawnLines(svg: string): number {
  return [...svg.matchAll(/class="mark-line[^"]*"[^>]*>\s*<path[^>]* d="M[^"]*L/g)].length;
}

describe('the charts', () => {
  it('of cost show both ways over a logarithmic count', () => {
    const svg = renderSvg(costChart('connections', cost));
    expect(drawnLines(svg)).toBe(2);
    for (const text of ['connections', 'ms per MB', 'produce', 'fetch', '1000']) {
      expect(svg).toContain(`>${text}<`);
    }
    expect(() => costChart('partitions', [])).toThrow('the file has no rows yet');
  });

  it('of writes show writes, bytes and dirty pages, and their means', () => {
    const svg = renderSvg(writesChart(ours));
    expect(drawnLines(svg)).toBe(3);
    for (const text of [
      'Writes',
      'writes per second',
      'MB per second',
      'dirty pages, % of memory',
    ]) {
      expect(svg).toContain(`>${text}<`);
    }
    expect(svg).toContain('mean 200,000 writes/s, 140 MB/s over 3 s');
  });

  it('of reads show both phases', () => {
    const svg = renderSvg(readsChart(reads));
    expect(svg).toContain('>write phase, MiB per second<');
    expect(svg).toContain('>read phase, MiB per second<');
    expect(svg).toContain('150.5 MiB written, 150.0 MiB read');
  });

  it('of batches show entries, and the rate of batches', () => {
    const svg = renderSvg(batchChart(batch));
    expect(drawnLines(svg)).toBe(3);
    expect(svg).toContain('mean 400,000 entries/s, 200 batches/s');
  });

  it('of scaling show what was measured beside what would be proportional', () => {
    const svg = renderSvg(scalingChart(scaling));
    expect(drawnLines(svg)).toBe(2);
    expect(svg).toMatch(/stroke-dasharray="6,4"/);
    expect(drawnLines(renderSvg(batchScalingChart(batchScaling)))).toBe(4);
  });

  it('of two systems name both and their ratio', () => {
    const svg = renderSvg(comparisonChart(ours, rocksdb));
    expect(svg).toContain('>WalrusMQ<');
    expect(svg).toContain('>RocksDB<');
    expect(svg).toContain('WalrusMQ ÷ RocksDB: 4.00');
    expect(svg.match(/#d6604d/g)?.length).toBeGreaterThanOrEqual(3);
  });

  it('are not drawn of files without rows', () => {
    expect(() => writesChart([])).toThrow('no rows yet');
    expect(() => readsChart([])).toThrow('no rows yet');
    expect(() => scalingChart([])).toThrow('no rows yet');
    expect(() => comparisonChart(ours, [])).toThrow('no rows yet');
  });
});

describe('renderPng', () => {
  it('draws the picture, letters included', () => {
    const svg = renderSvg(scalingChart(scaling));
    const png = renderPng(svg);
    expect(png.subarray(0, 8)).toEqual(Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]));
    const width = Number(/width="(\d+)/.exec(svg)?.[1]);
    expect(png.readUInt32BE(16)).toBe(width * 2);
    const wordless = renderPng(svg.replaceAll(/<text[^>]*>[^<]*<\/text>/g, ''));
    expect(png.equals(wordless)).toBe(false);
  });
});
