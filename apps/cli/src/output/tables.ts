import Table from 'cli-table3';

/**
 * A table for people: bold-free, so that it reads the same in a log. Cells are printed as they are.
 */
export function renderTable(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  const table = new Table({ head: [...head], style: { head: [], border: [], compact: true } });
  for (const row of rows) table.push([...row]);
  return table.toString();
}

/** 1234567 → "1,234,567". */
export function grouped(count: number): string {
  return count.toLocaleString('en-US');
}

/** Bytes with a unit, to one decimal: 1536 → "1.5 KiB". */
export function sizeText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return unit === 0 ? `${Math.round(bytes)} B` : `${value.toFixed(1)} ${units[unit] ?? ''}`;
}

/** 1 → "1 record", 2 → "2 records"; `plural` for nouns that do not just take an s. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${grouped(count)} ${count === 1 ? noun : plural}`;
}
