export { main } from './program';
export type { BenchReport } from './commands/bench/bench-report';
export type { Terminal } from './output/terminal';
