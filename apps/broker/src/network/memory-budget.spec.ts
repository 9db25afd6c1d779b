import { MemoryBudget, type BudgetHolder } from './memory-budget';

interface Waiter extends BudgetHolder {
  calls: number;
}

function holder(): Waiter {
  return {
    calls: 0,
    onRoom() {
      this.calls += 1;
    },
  };
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('MemoryBudget', () => {
  it('lets one holder at a time beyond it, those first that wait longest', async () => {
    const budget = new MemoryBudget(100);
    const told: string[] = [];
    const holders = ['a', 'b', 'c'].map((name) => ({ onRoom: () => void told.push(name) }));
    const [a, b, c] = holders as [BudgetHolder, BudgetHolder, BudgetHolder];
    budget.add(90);
    expect(holders.map((each) => budget.mayTake(each, 20))).toEqual([true, false, false]);
    expect(budget.mayTake(a, 20)).toBe(true);
    budget.endOverdraft(b);
    expect(budget.mayTake(c, 20)).toBe(false);
    budget.endOverdraft(a);
    // It comes behind those that waited.
    expect(budget.mayTake(a, 20)).toBe(false);
    await new Promise((resolve) => setImmediate(resolve));
    expect(told).toEqual(['b', 'c', 'a']);
    expect([b, c].map((each) => budget.mayTake(each, 20))).toEqual([true, false]);
    budget.leave(b);
    expect(budget.mayTake(c, 20)).toBe(true);
    budget.add(-15);
    expect(budget.mayTake(a, 20)).toBe(true);
  });

  it('lets everybody read below the limit and nobody at it', () => {
    const budget = new MemoryBudget(100);
    budget.add(99);
    expect(budget.mayRead(holder(), false)).toBe(true);
    budget.add(1);
    expect(budget.mayRead(holder(), false)).toBe(false);
    expect(budget.usedBytes).toBe(100);
  });

  it('tells those it held back once there is room, in a later turn', async () => {
    const budget = new MemoryBudget(100);
    const waiting = holder();
    budget.add(100);
    budget.mayRead(waiting, false);
    budget.add(-1);
    expect(waiting.calls).toBe(0);
    await nextTurn();
    expect(waiting.calls).toBe(1);
    budget.add(-1);
    await nextTurn();
    expect(waiting.calls).toBe(1);
  });

  it('lets one holder at a time finish its frame over the limit', async () => {
    const budget = new MemoryBudget(100);
    const [first, second] = [holder(), holder()];
    budget.add(100);
    expect(budget.mayRead(first, true)).toBe(true);
    expect(budget.mayRead(second, true)).toBe(false);
    expect(budget.mayRead(first, true)).toBe(true);
    budget.leave(first);
    await nextTurn();
    expect(second.calls).toBe(1);
    expect(budget.mayRead(second, true)).toBe(true);
  });

  it('takes the overdraft back when the frame is whole', () => {
    const budget = new MemoryBudget(100);
    const [first, second] = [holder(), holder()];
    budget.add(100);
    budget.mayRead(first, true);
    expect(budget.mayRead(first, false)).toBe(false);
    expect(budget.mayRead(second, true)).toBe(true);
  });

  it('does not call a holder that left', async () => {
    const budget = new MemoryBudget(100);
    const gone = holder();
    budget.add(100);
    budget.mayRead(gone, false);
    budget.leave(gone);
    budget.add(-100);
    await nextTurn();
    expect(gone.calls).toBe(0);
  });
});
