// Interleaved rounds: every side of a contest once per round, in turning order.
import type { Sample } from '../figures';
import type { Contest } from './contests';
import { runSide } from './sides';

/** Everything that the rounds of one contest gave. */
export interface ContestSamples {
  readonly samples: readonly Sample[];
  /** By side: entries that came back other than they were written. */
  readonly altered: Readonly<Record<string, number>>;
  /** By side: payload of the measured phases, in bytes. */
  readonly bytes: Readonly<Record<string, number>>;
}

/**
 * Runs a contest.
 * @param parent Where the directories of the runs are made.
 */
export async function runContest(
  contest: Contest,
  rounds: number,
  parent: string,
  onProgress: (text: string) => void,
): Promise<ContestSamples> {
  const samples: Sample[] = [];
  const altered: Record<string, number> = {};
  const bytes: Record<string, number> = {};
  const sides = Object.entries(contest.sides);
  for (let round = 0; round < rounds; round += 1) {
    onProgress(`${contest.title}: round ${round + 1} of ${rounds}`);
    for (const [name, side] of round % 2 === 0 ? sides : [...sides].reverse()) {
      const outcome = await runSide(side, contest.load, parent, `${contest.name}-${name}-${round}`);
      samples.push({
        load: `${contest.name}/${name}`,
        round,
        operations: outcome.entries,
        payloadBytes: outcome.bytes,
        seconds: outcome.seconds,
      });
      altered[name] = (altered[name] ?? 0) + outcome.altered;
      bytes[name] = (bytes[name] ?? 0) + outcome.bytes;
    }
  }
  return { samples, altered, bytes };
}
