// Runs the model: many scripts of commands, the shortest of a failing one in the error.
import fc from 'fast-check';
import { GroupWorld, describeCommand, type ModelCommand, type Protocols } from './group-world';

const COMMANDS_MAX = 100;

export interface ModelRuns {
  readonly protocols: Protocols;
  readonly runs: number;
  readonly seed: number;
  /** Whether a script that fails is made shorter; default true. */
  readonly shrinks?: boolean;
}

/** @throws {Error} What does not hold, with the seed and the shortest script that was found. */
export function runModel({ protocols, runs, seed, shrinks = true }: ModelRuns): void {
  const command = fc.tuple(fc.nat(1_000), fc.nat(13), fc.nat(1_000));
  const script = fc.array<ModelCommand>(command, { maxLength: COMMANDS_MAX, size: 'max' });
  const property = fc.property(script, (commands) => {
    const world = new GroupWorld(protocols);
    for (const each of commands) world.step(each);
    world.drain();
  });
  const result = fc.check(property, { numRuns: runs, seed, endOnFailure: !shrinks });
  if (!result.failed) return;
  const [commands = []] = result.counterexample ?? [];
  const cause = result.errorInstance as Error;
  const text = commands.map((each) => describeCommand(each)).join('; ');
  throw new Error(`${cause.message}\nafter: ${text}\nseed ${seed}, run ${result.numRuns}`, {
    cause,
  });
}
