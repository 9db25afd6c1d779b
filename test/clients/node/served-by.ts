import { join } from 'node:path';

export const REPOSITORY = join(__dirname, '../../..');

/** The command of an adapter in a process of some Node, with the client from some node_modules. */
export function servedBy(node: string, adapter: string, folder: string): readonly string[] {
  const tsx = join(REPOSITORY, 'node_modules/tsx/dist/cli.mjs');
  return [node, tsx, join(__dirname, 'serve.ts'), adapter, folder];
}
