import { randomUUID } from 'node:crypto';
import {
  deleteTopicsCodec,
  ZERO_UUID,
  type Decoded,
  type DeleteTopicsResponse,
} from '@walrusmq/kafka-protocol';
import { advertisedVersions, errorName, KafkaFixture } from '../../test/kafka-fixture';

type Named = { readonly name?: string | null; readonly topicId?: string };

const OLD_VERSIONS = advertisedVersions(deleteTopicsCodec).filter((version) => version < 6);

describe('DeleteTopics', () => {
  let fixture: KafkaFixture;
  beforeEach(async () => {
    fixture = await KafkaFixture.open();
    for (const name of ['a', 'b', 'c']) await fixture.topics.create({ name });
  });
  afterEach(() => fixture.close());

  const left = (): string[] => fixture.topics.list().map(({ name }) => name);
  const idOf = (name: string): string => fixture.topics.require(name).id;
  const remove = async (
    ...topics: readonly Named[]
  ): Promise<Decoded<DeleteTopicsResponse>['responses']> => {
    const named = topics.map(({ name = null, topicId = ZERO_UUID }) => ({ name, topicId }));
    const request = { topics: named, timeoutMs: 1 };
    const { throttleTimeMs, responses } = await fixture.ask(deleteTopicsCodec, 6, request);
    expect(throttleTimeMs).toBe(0);
    return responses;
  };

  it.each(OLD_VERSIONS)('deletes by name in version %d', async (version) => {
    const request = { topicNames: ['b', 'none'], timeoutMs: 1 };
    const { responses } = await fixture.ask(deleteTopicsCodec, version, request);
    expect(responses.map(({ name, errorCode }) => [name, errorName(errorCode)])).toEqual([
      ['b', 'NONE'],
      ['none', 'UNKNOWN_TOPIC_OR_PARTITION'],
    ]);
    expect(responses[1]?.errorMessage).toBe(version >= 5 ? "No topic 'none'." : null);
    expect(left()).toEqual(['a', 'c']);
  });

  it('deletes by name and by id in version 6, and tells both', async () => {
    const [a, b] = [idOf('a'), idOf('b')];
    expect(await remove({ name: 'a' }, { topicId: b })).toEqual([
      { name: 'a', topicId: a, errorCode: 0, errorMessage: null },
      { name: 'b', topicId: b, errorCode: 0, errorMessage: null },
    ]);
    expect(left()).toEqual(['c']);
  });

  it('deletes nothing by the id of a topic that came again under its name', async () => {
    const old = idOf('a');
    await fixture.topics.delete('a');
    await fixture.topics.create({ name: 'a' });
    const [answer] = await remove({ topicId: old });
    expect(errorName(answer?.errorCode ?? 0)).toBe('UNKNOWN_TOPIC_ID');
    expect(answer).toMatchObject({ name: null, topicId: old });
    expect(left()).toContain('a');
  });

  it('answers UNKNOWN_TOPIC_ID and UNKNOWN_TOPIC_OR_PARTITION for what is not there', async () => {
    const topicId = randomUUID();
    const answers = await remove({ topicId }, { name: 'none' });
    expect(answers.map(({ errorCode }) => errorName(errorCode))).toEqual([
      'UNKNOWN_TOPIC_ID',
      'UNKNOWN_TOPIC_OR_PARTITION',
    ]);
    expect(answers[0]?.errorMessage).toContain(topicId);
  });

  it('refuses a topic that the request names twice, and keeps it', async () => {
    const answers = await remove(
      { name: 'a' },
      { name: 'a' },
      { name: 'b' },
      { topicId: idOf('b') },
    );
    expect(answers.map(({ name, errorCode }) => [name, errorName(errorCode)])).toEqual([
      ['a', 'INVALID_REQUEST'],
      ['b', 'INVALID_REQUEST'],
    ]);
    expect(left()).toEqual(['a', 'b', 'c']);
  });

  it('refuses a topic that is named by name and id, or by neither', async () => {
    const answers = await remove({ name: 'a', topicId: idOf('a') }, {});
    expect(
      answers.map(({ errorCode, errorMessage }) => [errorName(errorCode), errorMessage]),
    ).toEqual([
      ['INVALID_REQUEST', expect.stringContaining('not by both')],
      ['INVALID_REQUEST', expect.stringContaining('there is neither')],
    ]);
    expect(left()).toEqual(['a', 'b', 'c']);
  });
});
