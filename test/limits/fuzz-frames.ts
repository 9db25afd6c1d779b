// `tsx test/limits/fuzz-frames.ts --frames N [--seed S] [--seconds T]`: mutated frames of the
// msgpack protocol against a broker in a process of its own (fuzz-run.ts). A frame is one check.
import { SeededRandom } from '../crash/seeded-random';
import { FrameMutator } from './frame-mutator';
import { isWhole, play, type Script } from './fuzz-peer';
import { Fuzzer, runFuzzer, type Addresses, type FuzzOptions } from './fuzz-run';
import { seedFrames } from './seed-frames';

/** Frames of a connection, before the one that breaks it. */
const FRAMES_MAX = 24;
const UNGREETED_SHARE = 0.05;
const WEBSOCKET_SHARE = 0.2;

/** Draws scripts until enough frames were sent. */
class MsgpackFuzzer extends Fuzzer {
  private readonly addresses: { readonly msgpack: string; readonly websocket: string };
  private readonly mutator: FrameMutator;

  constructor(options: FuzzOptions, { msgpack = '', websocket = '' }: Addresses) {
    super(options);
    this.addresses = { msgpack, websocket };
    this.mutator = new FrameMutator(seedFrames(), this.random);
  }

  protected override playOne(): Promise<void> {
    const script = this.draw();
    return play(script, this.addresses, new SeededRandom(this.random.word()), this.counts);
  }

  private draw(): Script {
    const frames: Buffer[] = [];
    let breaker: Buffer | undefined;
    const wanted = this.random.between(1, FRAMES_MAX);
    // Nothing is parsed behind a frame that breaks the stream, so most of those are passed over.
    while (frames.length < wanted) {
      const frame = this.mutator.next();
      if (isWhole(frame)) frames.push(frame);
      else breaker = frame;
    }
    this.sentConnections += 1;
    this.sentFrames += frames.length + (breaker === undefined ? 0 : 1);
    return {
      frames,
      breaker,
      isGreeted: !this.random.chance(UNGREETED_SHARE),
      overWebSocket: this.random.chance(WEBSOCKET_SHARE),
    };
  }
}

void runFuzzer((options, addresses) => new MsgpackFuzzer(options, addresses));
