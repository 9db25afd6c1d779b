import { DeliveryError, type ProducerRecord } from '@walrusmq/client';
import { Sending, type PlacedRecord } from './sending';

interface Call {
  readonly records: readonly ProducerRecord[];
  readonly settle: (error?: Error) => void;
}

/** Takes runs and answers when the test says so. */
class FakeProducer {
  readonly calls: Call[] = [];

  sendMany(records: readonly ProducerRecord[]): Promise<[]> {
    return new Promise((resolve, reject) => {
      const settle = (error?: Error): void => {
        if (error === undefined) resolve([]);
        else reject(error);
      };
      this.calls.push({ records, settle });
    });
  }
}

function record(number: number, bytes = 4): PlacedRecord {
  const value = Buffer.from(String(number).padStart(bytes, '.'));
  return { topic: 'orders', value, where: `line ${number}` };
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('Sending', () => {
  it('makes runs by count and by bytes, in order', async () => {
    const producer = new FakeProducer();
    const sending = new Sending(producer, () => undefined);
    for (let number = 0; number < 1_001; number += 1) await sending.add(record(number));
    expect(producer.calls.map(({ records }) => records.length)).toEqual([1_000]);
    await sending.add(record(1_001, 600_000));
    expect(producer.calls.map(({ records }) => records.length)).toEqual([1_000, 2]);
  });

  it('hands on what nothing comes behind for now, and nothing more once it settled', async () => {
    const producer = new FakeProducer();
    const sending = new Sending(producer, () => undefined);
    for (let number = 0; number < 3; number += 1) await sending.add(record(number));
    expect(producer.calls).toEqual([]);
    await turns(1);
    expect(producer.calls.map(({ records }) => records.length)).toEqual([3]);
    await sending.add(record(3));
    const settled = sending.settle();
    producer.calls[0]?.settle();
    await settled;
    await turns(1);
    expect(producer.calls).toHaveLength(1);
  });

  it('waits while sixteen runs are unanswered, and counts what was acknowledged', async () => {
    const producer = new FakeProducer();
    const progress: number[] = [];
    const sending = new Sending(producer, (acknowledged) => progress.push(acknowledged));
    let added = 0;
    const adding = (async () => {
      for (; added < 20; added += 1) await sending.add(record(added, 600_000));
      await sending.finish();
    })();
    await turns(3);
    expect([added, producer.calls.length]).toEqual([15, 16]);
    for (let call = 0; call < 20; call += 1) {
      producer.calls[call]?.settle();
      await turns(1);
    }
    await adding;
    expect(sending.acknowledged).toBe(20);
    expect(progress).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  });

  it('names the place of the refused record and counts the others of its run', async () => {
    const producer = new FakeProducer();
    const sending = new Sending(producer, () => undefined);
    for (let number = 1; number <= 3; number += 1) await sending.add(record(number));
    const finishing = sending.finish();
    // Given back as a copy, as it is once it was encoded.
    const copy: ProducerRecord = { topic: 'orders', value: Buffer.from('...2') };
    const reason = 'larger than the limit';
    producer.calls[0]?.settle(new DeliveryError('RECORD_TOO_LARGE', reason, () => [copy]));
    await expect(finishing).rejects.toThrow('line 2: RECORD_TOO_LARGE: larger than the limit');
    expect(sending.acknowledged).toBe(2);
  });

  it('takes nothing more after a failure', async () => {
    const producer = new FakeProducer();
    const sending = new Sending(producer, () => undefined);
    const gone = new Error('gone');
    await sending.add(record(1, 600_000));
    producer.calls[0]?.settle(gone);
    await turns(1);
    await expect(sending.add(record(2, 600_000))).rejects.toBe(gone);
    expect(producer.calls).toHaveLength(1);
  });
});
