import { BrokerError, InvalidOptionError } from '@walrusmq/client';
import { CliError, codeOf, describeError, exitCodeOf } from './cli-error';

describe('describeError', () => {
  it('puts the code in front and what to try behind, on one line', () => {
    const error = new BrokerError('UNKNOWN_TOPIC', 'no such topic:\n  "a".');
    expect(describeError(error)).toBe(
      'UNKNOWN_TOPIC: no such topic: "a"; `walrusmq topic list` shows the topics, ' +
        '`walrusmq topic create` makes one',
    );
  });

  it('does not repeat a code that the message has', () => {
    const error = Object.assign(new Error('ENOSPC: no space'), { code: 'ENOSPC' });
    expect(describeError(error)).toBe('ENOSPC: no space');
    expect(describeError(new CliError('as it is'))).toBe('as it is');
    expect(describeError('thrown text')).toBe('thrown text');
  });
});

describe('exit codes', () => {
  it('are 2 for what can never work, and 1 for what failed', () => {
    expect(exitCodeOf(new InvalidOptionError('broker must be HOST:PORT'))).toBe(2);
    expect(exitCodeOf(new CliError('wrong use', 2))).toBe(2);
    expect(exitCodeOf(new BrokerError('BUSY', 'busy'))).toBe(1);
    expect(codeOf(Object.assign(new Error(), { code: 7 }))).toBeUndefined();
  });
});
