// What may stand at the cursor of a command line, read from the program itself.
import type { Argument, Command, Option } from 'commander';

/** Something to offer, and what it is. */
export interface Candidate {
  readonly value: string;
  readonly description: string;
}

/** What completes a word. */
export interface Completion {
  readonly candidates: readonly Candidate[];
  /** Whether the names of files and folders fit, too. */
  readonly takesFiles: boolean;
}

const NAME_KINDS = ['topic', 'group', 'reader', 'instance'] as const;
/** What the broker has names of. */
export type NameKind = (typeof NAME_KINDS)[number];

/** Gives names that exist, with the values of the flags that stand on the line. */
export type BrokerNames = (
  kind: NameKind,
  flags: ReadonlyMap<string, string>,
) => Promise<readonly string[]>;

const NOTHING: Completion = { candidates: [], takesFiles: false };
const FILE_VALUES = /^(path|file|dir|directory|folder)$/;

type Names = (kind: NameKind) => Promise<readonly string[]>;

/** The line before the cursor, understood. */
interface Place {
  readonly command: Command;
  /** How many arguments of the command are there already. */
  readonly argumentCount: number;
  /** The flag whose value is due. */
  readonly awaiting: Option | undefined;
  readonly flags: ReadonlyMap<string, string>;
  /** Behind `--`, where nothing is a flag any more. */
  readonly isLiteral: boolean;
}

/**
 * Completes the last of some words.
 *
 * @param words Those behind the program's name, up to the cursor; the last is the word at the
 *   cursor, perhaps empty. Bash gives the `=` of `--flag=value` as a word of its own; others do
 *   not, and get the whole of `--flag=value` back.
 */
export async function completeWords(
  program: Command,
  words: readonly string[],
  brokerNames: BrokerNames,
): Promise<Completion> {
  const last = words.at(-1) ?? '';
  const current = last === '=' ? '' : last;
  const place = placeOf(
    program,
    words.slice(0, -1).filter((word) => word !== '='),
  );
  const names = (kind: NameKind): Promise<readonly string[]> => brokerNames(kind, place.flags);
  if (place.awaiting !== undefined) return valuesOf(place.command, place.awaiting, current, names);
  if (current.startsWith('-') && !place.isLiteral) return flagsAt(place.command, current, names);
  return wordsAt(place, current, names);
}

function placeOf(program: Command, words: readonly string[]): Place {
  let command = program;
  let argumentCount = 0;
  let awaiting: Option | undefined;
  let isLiteral = false;
  const flags = new Map<string, string>();
  for (const word of words) {
    const child = command.commands.find((one) => one.name() === word);
    if (awaiting !== undefined) {
      flags.set(awaiting.attributeName(), word);
      awaiting = undefined;
    } else if (word === '--') {
      isLiteral = true;
    } else if (word.startsWith('-') && !isLiteral) {
      const [name, value] = splitFlag(word);
      const option = command.options.find(({ long, short }) => long === name || short === name);
      if (value !== undefined && option !== undefined) flags.set(option.attributeName(), value);
      else if (option?.required === true) awaiting = option;
    } else if (child !== undefined && argumentCount === 0) {
      command = child;
    } else {
      argumentCount += 1;
    }
  }
  return { command, argumentCount, awaiting, flags, isLiteral };
}

function splitFlag(word: string): [name: string, value: string | undefined] {
  const at = word.indexOf('=');
  return at < 0 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)];
}

async function valuesOf(
  command: Command,
  option: Option,
  current: string,
  names: Names,
  prefix = '',
): Promise<Completion> {
  const kind = kindOfValue(command, option);
  const choices = kind === undefined ? (option.argChoices ?? []) : await names(kind);
  const candidates = choices
    .filter((choice) => choice.startsWith(current))
    .map((choice) => ({ value: prefix + choice, description: kind ?? '' }));
  return { candidates, takesFiles: prefix === '' && FILE_VALUES.test(valueName(option)) };
}

async function flagsAt(command: Command, current: string, names: Names): Promise<Completion> {
  const [name, value] = splitFlag(current);
  if (value !== undefined) {
    const option = command.options.find(({ long }) => long === name);
    return option === undefined ? NOTHING : valuesOf(command, option, value, names, `${name}=`);
  }
  const options = command.createHelp().visibleOptions(command);
  const candidates = options
    .map(({ long, short, description }) => ({ value: long ?? short ?? '', description }))
    .filter((candidate) => candidate.value.startsWith(current));
  return { candidates, takesFiles: false };
}

async function wordsAt(place: Place, current: string, names: Names): Promise<Completion> {
  const { command, argumentCount } = place;
  const fitting = (candidates: readonly Candidate[]): readonly Candidate[] =>
    candidates.filter(({ value }) => value.startsWith(current));
  if (command.commands.length > 0) {
    const children = argumentCount > 0 ? [] : command.createHelp().visibleCommands(command);
    const candidates = children.map((child) => ({
      value: child.name(),
      description: child.description(),
    }));
    return { candidates: fitting(candidates), takesFiles: false };
  }
  const all = command.registeredArguments;
  const argument = all[argumentCount] ?? (all.at(-1)?.variadic === true ? all.at(-1) : undefined);
  if (argument === undefined) return NOTHING;
  const kind = kindOfArgument(command, argument);
  if (kind !== undefined) {
    const candidates = (await names(kind)).map((value) => ({ value, description: kind }));
    return { candidates: fitting(candidates), takesFiles: false };
  }
  const choices = (argument.argChoices ?? []).map((value) => ({ value, description: '' }));
  return { candidates: fitting(choices), takesFiles: FILE_VALUES.test(argument.name()) };
}

/** What an argument is the name of, where one that exists is wanted. */
function kindOfArgument(command: Command, argument: Argument): NameKind | undefined {
  if (argument.name() === 'topic') return 'topic';
  if (command.name() === 'create' || argument !== command.registeredArguments[0]) return undefined;
  return kindNamed(command.parent?.name());
}

/** As `kindOfArgument`; a command that talks to no broker has names of its own. */
function kindOfValue(command: Command, option: Option): NameKind | undefined {
  if (!command.options.some(({ long }) => long === '--broker')) return undefined;
  return kindNamed(option.attributeName()) ?? kindNamed(valueName(option));
}

function kindNamed(name: string | undefined): NameKind | undefined {
  return NAME_KINDS.find((kind) => kind === name);
}

/** `host:port` of `--broker <host:port>`. */
function valueName(option: Option): string {
  return /<(.+?)(?:\.\.\.)?>/.exec(option.flags)?.[1] ?? '';
}
