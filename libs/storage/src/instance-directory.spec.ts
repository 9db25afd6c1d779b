import assert from 'node:assert';
import { readFileSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import fc from 'fast-check';
import {
  directoryNameOf,
  instanceDirectory,
  isInstanceFileName,
  keyOfDirectoryName,
} from './instance-directory';

const invalid = expect.objectContaining({ code: 'INVALID_INPUT' }) as Error;
const FILES = [
  '1700000000123',
  '0',
  '1700000000123.tmp',
  'read_offset_idx_index.db',
  'read_offset_idx_index.db.tmp',
  'journal.0',
  'journal.1',
  'journal.1.tmp',
  'LOCK',
  'quarantine',
];

describe('directoryNameOf', () => {
  it('keeps plain keys as they are', () => {
    for (const key of ['analytics', 'transactions', 'a.b-c_D9', '.hidden', '2024-orders', '...']) {
      expect(directoryNameOf(key)).toBe(key);
    }
  });

  it('W25: no key leads out of the data directory, or to two keys of one directory', () => {
    expect(directoryNameOf('..')).toBe('%2E.');
    expect(directoryNameOf('.')).toBe('%2E');
    expect(directoryNameOf('a/b')).toBe('a%2Fb');
    expect(directoryNameOf('a_b')).toBe('a_b');
    expect(directoryNameOf('a%2Fb')).toBe('a%252Fb');
    expect(directoryNameOf('../../etc')).toBe('..%2F..%2Fetc');
    expect(directoryNameOf('\0')).toBe('%00');
    expect(directoryNameOf('é')).toBe('%C3%A9');
  });

  it.each(FILES)('never is the file %s of the default instance', (file) => {
    expect(directoryNameOf(file)).not.toBe(file);
    expect(decodeURIComponent(directoryNameOf(file))).toBe(file);
    // On a file system that does not tell upper from lower case it would be the same.
    expect(directoryNameOf(file.toUpperCase()).toLowerCase()).not.toBe(file.toLowerCase());
  });

  it('knows every name that the engine gives to a file', () => {
    const source = join(__dirname, '../../../native/wal');
    const names = ['cursor_file.h', 'instance_lock.h'].flatMap((file) => [
      ...readFileSync(join(source, file), 'utf8').matchAll(/Name\[\] = "([^"]+)"/g),
    ]);
    expect(names.length).toBeGreaterThanOrEqual(3);
    for (const [, name = ''] of names) expect(directoryNameOf(name)).not.toBe(name);
  });

  it('is injective, a plain file name, and tells its key', () => {
    const seen = new Map<string, string>();
    const keys = fc.oneof(
      fc.string({ minLength: 1, maxLength: 40 }),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
      fc.string({ unit: fc.constantFrom('.', '/', '%', '2', 'F', '\\', '0'), minLength: 1 }),
      fc.constantFrom(...FILES, '.', '..'),
    );
    fc.assert(
      fc.property(keys, (key) => {
        const name = directoryNameOf(key);
        assert.match(name, /^[A-Za-z0-9_.%-]+$/);
        assert.equal(decodeURIComponent(name), key);
        assert.equal(keyOfDirectoryName(name), key);
        assert.equal(isInstanceFileName(name), false);
        assert.equal(seen.get(name) ?? key, key);
        seen.set(name, key);
        assert.ok(!FILES.includes(name));
        assert.ok(resolve('/data', name).startsWith(`/data${sep}`));
        assert.equal(resolve('/data', name).lastIndexOf(sep), '/data'.length);
      }),
      { numRuns: 3000 },
    );
  });

  it('knows names that no key makes, and those of files', () => {
    for (const name of ['%61', '%2f', '%', 'a b', '~instances', '1700000000123', '', '%FF', '..']) {
      expect([name, keyOfDirectoryName(name)]).toEqual([name, undefined]);
    }
    for (const name of FILES) expect([name, isInstanceFileName(name)]).toEqual([name, true]);
  });

  it('refuses a key that gives no name', () => {
    expect(directoryNameOf('x'.repeat(255))).toHaveLength(255);
    for (const key of ['', 'x'.repeat(256), '/'.repeat(86), '\ud800', 7 as never]) {
      expect(() => directoryNameOf(key)).toThrow(invalid);
    }
  });
});

describe('instanceDirectory', () => {
  const saved = { ...process.env };
  beforeEach(() => {
    delete process.env['WALRUS_DATA_DIR'];
    delete process.env['WALRUS_INSTANCE_KEY'];
  });
  afterAll(() => {
    process.env = saved;
  });

  it('is wal_files, and wal_files/<key> for a key', () => {
    expect(instanceDirectory({})).toBe('wal_files');
    expect(instanceDirectory({ key: 'analytics' })).toBe(join('wal_files', 'analytics'));
    expect(instanceDirectory({ dataDir: 'data', key: '..' })).toBe(join('data', '%2E.'));
    expect(instanceDirectory({ directory: 'mine' })).toBe('mine');
  });

  it('takes from the environment what no option names', () => {
    process.env['WALRUS_DATA_DIR'] = '/d';
    process.env['WALRUS_INSTANCE_KEY'] = 'from/environment';
    expect(instanceDirectory({})).toBe(join('/d', 'from%2Fenvironment'));
    expect(instanceDirectory({ key: 'k' })).toBe(join('/d', 'k'));
    expect(instanceDirectory({ dataDir: '/e', key: 'k' })).toBe(join('/e', 'k'));
    expect(instanceDirectory({ directory: '/own' })).toBe('/own');
    process.env['WALRUS_INSTANCE_KEY'] = '';
    expect(instanceDirectory({})).toBe('/d');
  });

  it('refuses a directory beside a data directory or a key', () => {
    expect(() => instanceDirectory({ directory: 'x', key: 'k' })).toThrow(invalid);
    expect(() => instanceDirectory({ directory: 'x', dataDir: 'd' })).toThrow(invalid);
  });
});
