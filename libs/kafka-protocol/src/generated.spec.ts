import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { emitFiles } from '../generator/emit-file';
import { readSchemas } from '../generator/schema';
import { API_TABLE } from './api-table';
import * as door from './index';
import { API_CODECS } from './generated/api-codecs';

jest.setTimeout(60_000);

const GENERATED = join(__dirname, 'generated');

describe('src/generated', () => {
  it('is what the generator makes of the schemas: npx tsx generator/main.ts', () => {
    const wanted = emitFiles(readSchemas());
    expect(readdirSync(GENERATED).sort()).toEqual([...wanted.keys()].sort());
    const stale = [...wanted].filter(([name, text]) => {
      return readFileSync(join(GENERATED, name), 'utf8') !== text;
    });
    expect(stale.map(([name]) => name)).toEqual([]);
  });

  it('is exported whole', () => {
    const exported = new Set<unknown>(Object.values(door));
    const missing = API_CODECS.filter((codec) => !exported.has(codec));
    expect(missing.map(({ name }) => name)).toEqual([]);
  });

  it('is in the table of APIs whole, each under a key of its own', () => {
    const keys = API_TABLE.map(({ codec }) => codec.key);
    expect([...keys].sort((a, b) => a - b)).toEqual(API_CODECS.map(({ key }) => key));
    expect(new Set(keys).size).toBe(keys.length);
  });
});
