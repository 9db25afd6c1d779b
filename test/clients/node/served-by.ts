import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

export const REPOSITORY = join(__dirname, '../../..');

/** The command of an adapter in a process of some Node, with the client from some node_modules. */
export function servedBy(node: string, adapter: string, folder: string): readonly string[] {
  // In that process itself: tsx's own command starts another one, which outlives its parent.
  const tsx = pathToFileURL(join(REPOSITORY, 'node_modules/tsx/dist/loader.mjs')).href;
  return [node, '--import', tsx, join(__dirname, 'serve.ts'), adapter, folder];
}
