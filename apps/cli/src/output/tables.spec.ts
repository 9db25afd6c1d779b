import { counted, grouped, renderTable, sizeText } from './tables';

describe('what people read', () => {
  it.each([
    [0, '0 B'],
    [521.67, '522 B'],
    [1_023, '1023 B'],
    [1_536, '1.5 KiB'],
    [10 * 1024 ** 2, '10.0 MiB'],
    [3 * 1024 ** 5, '3072.0 TiB'],
  ])('%d bytes is %s', (bytes, text) => {
    expect(sizeText(bytes)).toBe(text);
  });

  it('groups digits and knows one from many', () => {
    expect(grouped(1_234_567)).toBe('1,234,567');
    expect([counted(1, 'record'), counted(0, 'record')]).toEqual(['1 record', '0 records']);
    expect(counted(2, 'batch', 'batches')).toBe('2 batches');
  });

  it('draws a table without colours', () => {
    const table = renderTable(['name', 'n'], [['a', 1]]);
    expect(table).toBe('┌──────┬───┐\n│ name │ n │\n├──────┼───┤\n│ a    │ 1 │\n└──────┴───┘');
  });
});
