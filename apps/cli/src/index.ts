export { main } from './program';
export type { Terminal } from './output/terminal';
