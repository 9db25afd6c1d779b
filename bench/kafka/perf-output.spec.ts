import { parseConsumerPerformance, parseProducerPerformance } from './perf-output';

describe('what the performance tools print', () => {
  it('is read from the last line of the producer, which has percentiles', () => {
    const output = [
      '51234 records sent, 10246.8 records/sec (0.98 MB/sec), 1 ms avg latency, 30 ms max latency.',
      '100000 records sent, 20000.0 records/sec (1.91 MB/sec), 12.34 ms avg latency, ' +
        '100.00 ms max latency, 8 ms 50th, 40 ms 95th, 60 ms 99th, 90 ms 99.9th.',
      '',
    ].join('\n');
    expect(parseProducerPerformance(output)).toEqual({ recordCount: 100_000, seconds: 5 });
  });

  it('is read from the fields of the consumer, without the time of joining', () => {
    const output =
      '2026-01-01 10:00:00:000, 2026-01-01 10:00:02:500, 9.5367, 3.8147, 100000, 40000.0000, ' +
      '500, 2000, 4.7684, 50000.0000\n';
    expect(parseConsumerPerformance(output)).toEqual({ recordCount: 100_000, seconds: 2 });
  });

  it.each([
    ['', ''],
    ['10 records sent, 5.0 records/sec', 'WARNING: Exiting before consuming'],
  ])('is refused when it is something else: %j', (produced, consumed) => {
    expect(() => parseProducerPerformance(produced)).toThrow('kafka-producer-perf-test printed');
    expect(() => parseConsumerPerformance(consumed)).toThrow('kafka-consumer-perf-test printed');
  });
});
