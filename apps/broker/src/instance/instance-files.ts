// What the registry of instances does to the file system, so that a test can stop it at each step.
import { readFileSync, readdirSync } from 'node:fs';
import { lstat, mkdir, open, readdir, rename, rm, rmdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { isInstanceFileName } from '@walrusmq/storage';

/** What the files of a directory take. */
export interface DiskUse {
  readonly usedBytes: number;
  readonly apparentBytes: number;
}

/** What is in the place of a directory: nothing, nothing in it, or something. */
export type Occupation = 'free' | 'empty' | 'taken';

const BYTES_PER_BLOCK = 512;

/** The steps on the file system; each is durable when it resolves. Errors are Node's. */
export interface InstanceFiles {
  /** The names in a directory; none when it does not exist. As `read`, for the start only. */
  list(directory: string): readonly string[];
  read(path: string): string;
  occupation(directory: string): Promise<Occupation>;
  /** A directory of the user's alone, and those above it. */
  makeDirectory(directory: string): Promise<void>;
  /** Puts a file in its place as a whole, or not at all. */
  replace(directory: string, name: string, text: string): Promise<void>;
  remove(directory: string, name: string): Promise<void>;
  /**
   * Removes what the engine puts into an instance's directory, and the directory when nothing else
   * is in it.
   * @returns Names that are not the engine's; they stay.
   */
  removeInstance(dataDir: string, name: string): Promise<readonly string[]>;
  /** Of the engine's files in it; copies in quarantine are left out. */
  diskUse(directory: string): Promise<DiskUse>;
}

/** Whether the error says that there is no such file. */
function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** The machine's own file system. */
export const machineFiles: InstanceFiles = {
  list: (directory) => {
    try {
      return readdirSync(directory);
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  },

  read: (path) => readFileSync(path, 'utf8'),

  occupation: async (directory) => {
    try {
      // What a link leads to is nobody's to fill or to remove.
      if (!(await lstat(directory)).isDirectory()) return 'taken';
      return (await readdir(directory)).length === 0 ? 'empty' : 'taken';
    } catch (error) {
      if (isMissing(error)) return 'free';
      throw error;
    }
  },

  makeDirectory: async (directory) => {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await syncDirectory(join(directory, '..'));
  },

  replace: async (directory, name, text) => {
    // No key's file is called so: `~` is none of a directory name's characters.
    const temporary = join(directory, '~new');
    const file = await open(temporary, 'w', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, join(directory, name));
    await syncDirectory(directory);
  },

  remove: async (directory, name) => {
    await unlink(join(directory, name)).catch((error: unknown) => {
      if (!isMissing(error)) throw error;
    });
    await syncDirectory(directory);
  },

  removeInstance: async (dataDir, name) => {
    const directory = join(dataDir, name);
    const found = await readdir(directory, { withFileTypes: true }).catch((error: unknown) => {
      if (isMissing(error)) return [];
      throw error;
    });
    const ours = found.filter((entry) => isInstanceFileName(entry.name));
    for (const entry of ours) await rm(join(directory, entry.name), { recursive: true });
    if (ours.length < found.length) {
      return found.map((entry) => entry.name).filter((each) => !isInstanceFileName(each));
    }
    await rmdir(directory).catch((error: unknown) => {
      if (!isMissing(error)) throw error;
    });
    await syncDirectory(dataDir);
    return [];
  },

  diskUse: async (directory) => {
    let usedBytes = 0;
    let apparentBytes = 0;
    for (const name of await namesIn(directory)) {
      if (!isInstanceFileName(name)) continue;
      // A file may go between the listing and the look at it.
      const stats = await lstat(join(directory, name)).catch((error: unknown) => {
        if (isMissing(error)) return undefined;
        throw error;
      });
      if (stats?.isFile() !== true) continue;
      usedBytes += stats.blocks * BYTES_PER_BLOCK;
      apparentBytes += stats.size;
    }
    return { usedBytes, apparentBytes };
  },
};

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
