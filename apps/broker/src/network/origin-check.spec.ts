import { refuseOrigin } from './origin-check';

const allowed = { host: '127.0.0.1', allowedHosts: ['a.example'], allowedOrigins: ['https://ok'] };

describe('the Host header', () => {
  it.each([
    '127.0.0.1',
    '127.0.0.1:9193',
    '[::1]:9193',
    '10.1.2.3:80',
    'localhost',
    'LOCALHOST:1',
    'a.example:443',
  ])('may be %s', (host) => expect(refuseOrigin({ host }, allowed)).toBeUndefined());

  it.each([
    undefined,
    '',
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example:9193',
    'a.example.evil:1',
    'a.example:1:2',
    'x@localhost',
    'localhost/evil',
    '[::1',
    '::1',
  ])('may not be %s', (host) => expect(refuseOrigin({ host }, allowed)).toBeDefined());

  it('may be the name that the broker listens on', () => {
    expect(refuseOrigin({ host: 'walrus:1' }, { ...allowed, host: 'walrus' })).toBeUndefined();
  });
});

describe('the Origin header', () => {
  const host = 'localhost:9193';

  it.each([undefined, 'http://localhost:9193', 'https://ok'])('may be %s', (origin) => {
    expect(refuseOrigin({ host, origin }, allowed)).toBeUndefined();
  });

  it.each([
    '',
    'null',
    'http://localhost',
    'http://localhost:9194',
    'https://localhost:9193',
    'http://127.0.0.1:9193',
    'https://ok:1',
    'https://ok.evil',
    'http://localhost:9193.evil',
  ])('may not be %s', (origin) => {
    expect(refuseOrigin({ host, origin }, allowed)).toMatch('--allowed-origins');
  });

  it('may be anything where that is allowed, but Host may not', () => {
    const any = { ...allowed, allowedOrigins: ['*'] };
    expect(refuseOrigin({ host, origin: 'https://evil' }, any)).toBeUndefined();
    expect(refuseOrigin({ host: 'evil', origin: 'https://evil' }, any)).toBeDefined();
  });
});
