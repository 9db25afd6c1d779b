// From a chart to SVG and PNG, without a browser and without Python.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { Resvg } from '@resvg/resvg-js';
import type { TopLevelSpec } from 'vega-lite';

const SCALE = 2;
const SVG_BYTES_MAX = 64 * 2 ** 20;
const FONTS = { loadSystemFonts: true, defaultFontFamily: 'DejaVu Sans' } as const;

/**
 * The chart as an SVG document.
 * @throws {Error} Vega-Lite cannot make sense of the chart.
 */
export function renderSvg(chart: TopLevelSpec): string {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(__dirname, 'render-svg.mjs')],
    { input: JSON.stringify(chart), encoding: 'utf8', maxBuffer: SVG_BYTES_MAX },
  );
  if (status !== 0 || !stdout.startsWith('<svg')) {
    throw new Error(`the chart could not be drawn:\n${stderr}`);
  }
  return stdout;
}

/** Whether there is a font to draw letters with; without one they would silently be missing. */
function hasFont(): boolean {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg"><text x="9" y="9">W</text></svg>';
  return new Resvg(svg, { font: FONTS }).getBBox() !== undefined;
}

/**
 * An SVG document as PNG, at twice its size in pixels.
 * @throws {Error} The system has no fonts.
 */
export function renderPng(svg: string): Buffer {
  if (!hasFont()) {
    throw new Error('no fonts to draw letters with; install some: apt-get install -y fonts-dejavu');
  }
  const fitTo = { mode: 'zoom', value: SCALE } as const;
  return new Resvg(svg, { font: FONTS, fitTo, background: 'white' }).render().asPng();
}
