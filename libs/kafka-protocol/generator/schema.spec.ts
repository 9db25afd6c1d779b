import { emitFiles } from './emit-file';
import { parseRange, parseSchema, structBytesMin } from './schema';

function schemaWith(field: object, rest: object = {}): string {
  const message = { fields: [{ name: 'a', type: 'int32' }, field] };
  const raw = { name: 'Planted', key: 999, versions: '2-5', flexibleFrom: 4, ...rest };
  return JSON.stringify({ ...raw, request: message, response: { fields: [] } });
}

describe('parseSchema', () => {
  it.each([
    ['a type that is not there', { name: 'b', type: 'Missing' }, 'no type Missing'],
    ['versions that the API does not have', { name: 'b', type: 'bool', versions: '1+' }, '2-5'],
    ['versions in the wrong order', { name: 'b', type: 'bool', versions: '4-3' }, '4-3'],
    ['words for versions', { name: 'b', type: 'bool', versions: 'none' }, 'write 5, 5+ or 5-7'],
    [
      'null where the field is not',
      { name: 'b', type: 'bool', versions: '4+', nullable: '3+' },
      '4-5',
    ],
    ['a misspelt key', { name: 'b', type: 'bool', nulable: '3+' }, 'unknown: nulable'],
    ['records in a tag', { name: 'b', type: 'records', tag: 0 }, 'no records in a tag'],
    ['an array of records', { name: 'b', type: '[]records' }, 'no array of records'],
  ])('refuses %s, and says where', (_what, field, message) => {
    const parse = (): unknown => parseSchema('planted', schemaWith(field));
    expect(parse).toThrow('PlantedRequest.PlantedRequest.b');
    expect(parse).toThrow(message);
  });

  it('fills in what is left out', () => {
    const field = { name: 'b', type: '[]int32', versions: '3-4', nullable: true };
    const [request] = parseSchema('planted', schemaWith(field)).messages;
    expect(request?.root.fields[1]).toMatchObject({
      versions: { min: 3, max: 4 },
      nullable: { min: 3, max: 4 },
      default: [],
      isOptional: true,
    });
  });

  it('knows the least bytes of a struct', () => {
    const field = { name: 'b', type: '[]S', versions: '3+', fields: [{ name: 'c', type: 'uuid' }] };
    const [request] = parseSchema('planted', schemaWith(field)).messages;
    const least = [2, 3, 4].map((version) => structBytesMin(request!.root, version, version >= 4));
    expect(least).toEqual([4, 8, 6]);
  });
});

describe('parseRange', () => {
  it.each([
    ['3', { min: 3, max: 3 }],
    ['3+', { min: 3, max: 9 }],
    ['3-5', { min: 3, max: 5 }],
  ])('reads %s', (text, range) => {
    expect(parseRange(text, { min: 0, max: 9 })).toEqual(range);
  });
});

describe('emitFiles', () => {
  it('asks about versions no more often than it has to', () => {
    const field = { name: 'b', type: 'string', versions: '3-4' };
    const code = emitFiles([parseSchema('planted', schemaWith(field))]).get('planted.ts')!;
    expect(code).toContain(
      `const b = v >= 5 ? "" : v >= 4 ? r.compactString() : v >= 3 ? r.string() : "";`,
    );
    expect(code).toContain(
      [
        '  if (v >= 5) {',
        `    if (b !== "") throw notInVersion('PlantedRequest', 'b', v);`,
        '  } else if (v >= 4) {',
        '    w.compactString(b);',
        '  } else if (v >= 3) {',
        '    w.string(b);',
        '  } else {',
      ].join('\n'),
    );
  });

  it('does not let a branch catch a version that has none', () => {
    const field = { name: 'b', type: 'string', versions: '3-4', ignorable: true };
    const code = emitFiles([parseSchema('planted', schemaWith(field))]).get('planted.ts')!;
    expect(code).toContain('  if (v === 4) {\n    w.compactString(b);\n  } else if (v === 3) {');
  });
});
