// Reads a chart as Vega-Lite describes it from stdin, writes it as SVG to stdout. A process of its
// own, because vega is an ES module that awaits while it loads: CommonJS cannot require it.
import { text } from 'node:stream/consumers';
import { parse, View, Warn } from 'vega';
import { compile } from 'vega-lite';

const chart = JSON.parse(await text(process.stdin));
const view = new View(parse(compile(chart).spec), { renderer: 'none', logLevel: Warn });
process.stdout.write(await view.toSVG());
view.finalize();
