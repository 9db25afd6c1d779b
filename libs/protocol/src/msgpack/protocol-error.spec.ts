import { ERROR_TABLE, isErrorCode } from './error-table';
import { ProtocolError } from './protocol-error';
import { checkReaderName, checkTopicName } from './topic-name';

describe('ProtocolError', () => {
  it('keeps code, message and retriability over the wire', () => {
    for (const code of Object.keys(ERROR_TABLE).filter(isErrorCode)) {
      const sent = new ProtocolError(code, `about ${code}`);
      const received = ProtocolError.fromFields({ ...sent.toFields() });
      expect(received).toMatchObject({ code, message: `about ${code}`, name: 'ProtocolError' });
      expect(received.retriable).toBe(ERROR_TABLE[code].retriable);
    }
  });

  it('marks exactly what can succeed later as retriable', () => {
    const retriable = Object.entries(ERROR_TABLE).filter(([, entry]) => entry.retriable);
    expect(retriable.map(([code]) => code)).toEqual([
      'INSTANCE_BUSY',
      'UNRELEASED_INSTANCE_ID',
      'BUSY',
      'NO_SPACE',
      'SHUTTING_DOWN',
    ]);
  });

  it('carries what a client needs to go on, and never over the three fields of every error', () => {
    const details = { member: 'm-1', code: 'BUSY', message: 'no', retriable: true };
    const fields = new ProtocolError('MEMBER_ID_REQUIRED', 'yes', undefined, details).toFields();
    expect(fields).toEqual({
      member: 'm-1',
      code: 'MEMBER_ID_REQUIRED',
      message: 'yes',
      retriable: false,
    });
    expect(ProtocolError.fromFields({ ...fields }).details).toEqual({ member: 'm-1' });
  });

  it('keeps what a newer broker says about a code it does not know', () => {
    const fields = { code: 'QUOTA', message: 'later', retriable: true };
    const error = ProtocolError.fromFields(fields);
    expect(error).toMatchObject({ code: 'INTERNAL', message: 'QUOTA: later', retriable: true });
  });

  it('makes an error of fields that have none', () => {
    expect(ProtocolError.fromFields({ code: 'toString' })).toMatchObject({
      code: 'INTERNAL',
      retriable: false,
    });
    expect(ProtocolError.fromFields({ code: 5 }).code).toBe('INTERNAL');
    expect(ProtocolError.fromFields({ code: 'BUSY' }).message).toBe(ERROR_TABLE.BUSY.sentence);
  });
});

describe('names', () => {
  it.each(['a', 'orders.v2', 'A_b-C.9', '...', 'x'.repeat(249)])('allow %j', (name) => {
    expect(() => checkTopicName(name)).not.toThrow();
    expect(() => checkReaderName(name)).not.toThrow();
  });

  it.each(['', 'x'.repeat(250), 'a b', 'a/b', 'ä', 'a\n', '../x'])('refuse %j', (name) => {
    const code = (value: string): Error => expect.objectContaining({ code: value }) as Error;
    expect(() => checkTopicName(name)).toThrow(code('INVALID_TOPIC_NAME'));
    expect(() => checkReaderName(name)).toThrow(code('INVALID_REQUEST'));
  });

  it.each(['.', '..'])('refuse the topic %j', (name) => {
    expect(() => checkTopicName(name)).toThrow('topic name');
  });
});
