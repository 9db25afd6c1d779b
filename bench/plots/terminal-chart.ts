// A chart of block characters for a terminal.
const BLOCKS = ' ▁▂▃▄▅▆▇█';
const LABEL_COLUMNS = 10;

/** As many values as there are columns: the last ones, or all of them. */
function fitted(values: readonly number[], columns: number): readonly number[] {
  return values.slice(-columns);
}

/**
 * Columns from 0 to the highest value, with the scale at the left.
 *
 * @param values From old to new; what does not fit is left out at the old end.
 * @param columns Of the whole chart, labels included.
 * @param rows Of the columns.
 * @returns One string per line, each at most `columns` wide.
 */
export function terminalChart(
  values: readonly number[],
  columns: number,
  rows: number,
  label: (value: number) => string,
): string[] {
  const shown = fitted(values, Math.max(1, columns - LABEL_COLUMNS - 1));
  const highest = Math.max(0, ...shown);
  const steps = BLOCKS.length - 1;
  return Array.from({ length: rows }, (_, place) => {
    const floor = rows - 1 - place;
    const cells = shown.map((value) => {
      const filled = highest > 0 ? (value / highest) * rows * steps - floor * steps : 0;
      return BLOCKS[Math.max(0, Math.min(steps, Math.round(filled)))];
    });
    const isLabelled = place === 0 || place === rows - 1;
    const text = isLabelled ? label(place === 0 ? highest : 0) : '';
    return `${text.padStart(LABEL_COLUMNS)} ${cells.join('')}`.trimEnd();
  });
}
