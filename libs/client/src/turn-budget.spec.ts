import { standStill } from '../testing/frozen-process';
import { TurnBudget } from './turn-budget';

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('TurnBudget', () => {
  it('lets slow work go on for its time, then has it wait for the next turn', async () => {
    let turns = 0;
    const budget = new TurnBudget(() => (turns += 1));
    let pieces = 0;
    while (!budget.isOver()) {
      pieces += 1;
      standStill(4);
    }
    // As many as begin within 10 ms.
    expect(pieces).toBeLessThanOrEqual(3);
    expect([budget.isOver(), budget.isUsedUp, turns]).toEqual([true, true, 0]);
    await nextTurn();
    expect([budget.isOver(), budget.isUsedUp, turns]).toEqual([false, false, 1]);
  });

  it('says nothing at the end of a turn in which nobody had to wait', async () => {
    let turns = 0;
    const budget = new TurnBudget(() => (turns += 1));
    expect(budget.isOver()).toBe(false);
    await nextTurn();
    expect(turns).toBe(0);
  });

  it('notices work that becomes slow after much that was quick', () => {
    const budget = new TurnBudget(() => undefined);
    for (let quick = 0; quick < 1_000 && !budget.isOver(); quick++);
    let slow = 0;
    while (!budget.isOver()) {
      slow += 1;
      standStill(1);
    }
    expect(slow).toBeLessThan(100);
  });
});
