// `tsx test/limits/fuzz-kafka.ts --frames N [--seed S] [--seconds T]`: mutated requests of every
// API and version of the Kafka protocol against a broker in a process of its own (fuzz-run.ts). A
// frame is one check.
import { SeededRandom } from '../crash/seeded-random';
import { Fuzzer, runFuzzer, type FuzzOptions } from './fuzz-run';
import { isReadable, KafkaMutator } from './kafka-mutator';
import { playKafka, type KafkaScript } from './kafka-peer';
import { kafkaSeeds, type KafkaSeed } from './kafka-seeds';

/** Requests of a connection, before the one that breaks it. */
const FRAMES_MAX = 12;

/** Draws scripts until enough frames were sent. */
class KafkaFuzzer extends Fuzzer {
  private readonly mutator: KafkaMutator;

  constructor(
    options: FuzzOptions,
    private readonly address: string,
    seeds: readonly KafkaSeed[],
  ) {
    super(options);
    this.mutator = new KafkaMutator(seeds, this.random);
  }

  protected override playOne(): Promise<void> {
    return playKafka(this.draw(), this.address, new SeededRandom(this.random.word()), this.counts);
  }

  private draw(): KafkaScript {
    const frames: Buffer[] = [];
    let breaker: Buffer | undefined;
    const wanted = this.random.between(1, FRAMES_MAX);
    // Nothing is looked at behind a request that ends the connection: most are passed over.
    while (frames.length < wanted) {
      const frame = this.mutator.next();
      if (isReadable(frame)) frames.push(frame);
      else breaker = frame;
    }
    this.sentConnections += 1;
    this.sentFrames += frames.length + (breaker === undefined ? 0 : 1);
    return { frames, breaker };
  }
}

void runFuzzer(async (options, { kafka = '' }) => {
  return new KafkaFuzzer(options, kafka, await kafkaSeeds(kafka));
});
