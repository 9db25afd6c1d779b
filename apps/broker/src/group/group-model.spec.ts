// The state machine of a group against clients of both protocols, with a clock that is turned by
// hand (G1 to G7). More runs: GROUP_MODEL_RUNS=300000, another seed: GROUP_MODEL_SEED=7.
import type { Protocols } from '../../test/group-model/group-world';
import { runModel } from '../../test/group-model/run-model';

const RUNS = Number(process.env['GROUP_MODEL_RUNS'] ?? 3_000);
const SEED = Number(process.env['GROUP_MODEL_SEED'] ?? 20_261_122);

describe('groups, whatever their members do', () => {
  it.each<Protocols>(['classic', 'consumer', 'both'])(
    `keep one owner to a partition, and what was committed: %s (seed ${SEED})`,
    (protocols) => {
      const runs = Math.ceil(RUNS / 3);
      expect(() => runModel({ protocols, runs, seed: SEED })).not.toThrow();
    },
    3_600_000,
  );
});
