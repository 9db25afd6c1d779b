import { KAFKA_ERRORS, kafkaErrorName } from './kafka-errors';

/** What a client sends again: Kafka's RetriableExceptions, with those that only rejoin left out. */
const RETRIED = [
  ...[2, 3, 5, 6, 7, 9, 13, 14, 15, 16, 19, 20, 41, 51, 56, 70, 71, 72, 74, 75, 78, 80, 83, 84],
  ...[88, 89, 100, 103, 106, 122, 123, 133],
];

describe('the table of errors', () => {
  const all = Object.values(KAFKA_ERRORS);

  it('has every code from -1 to 133 once', () => {
    const codes = all.map(({ code }) => code);
    expect(codes).toEqual(Array.from({ length: 135 }, (_, i) => i - 1));
  });

  it('marks what Kafka’s client sends again', () => {
    const retriable = all.filter((error) => error.retriable).map(({ code }) => code);
    expect(retriable).toEqual(RETRIED);
  });

  it('names a code, and none that Kafka does not have', () => {
    expect(kafkaErrorName(35)).toBe('UNSUPPORTED_VERSION');
    expect(kafkaErrorName(-1)).toBe('UNKNOWN_SERVER_ERROR');
    expect(kafkaErrorName(134)).toBeUndefined();
  });
});
