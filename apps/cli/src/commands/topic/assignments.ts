import { CliError, ExitCode } from '../../cli-error';

/**
 * `name=value` arguments as a map; a value may hold further `=`.
 * @throws {CliError} For one that is none, or a name that comes twice.
 */
export function readAssignments(words: readonly string[]): Record<string, string> {
  const values = new Map<string, string>();
  for (const word of words) {
    const at = word.indexOf('=');
    if (at < 1) {
      throw new CliError(`"${word}" is not NAME=VALUE, as in retention.ms=3600000`, ExitCode.usage);
    }
    const name = word.slice(0, at);
    if (values.has(name)) throw new CliError(`${name} is set twice`, ExitCode.usage);
    values.set(name, word.slice(at + 1));
  }
  return Object.fromEntries(values);
}

const ISO_TIME = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/;

/**
 * A moment as milliseconds since 1970: such a number, or ISO 8601 with a time zone (a date alone is
 * midnight UTC).
 * @throws {CliError} For anything else.
 */
export function readMoment(name: string, text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  const time = ISO_TIME.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isSafeInteger(time) && time >= 0) return time;
  throw new CliError(
    `${name} must be milliseconds since 1970 or a time such as 2026-01-31T12:00:00Z, got "${text}"`,
    ExitCode.usage,
  );
}

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/**
 * A duration in milliseconds, such as 500ms, 30s, 5m, 2h or 7d.
 * @throws {CliError} For anything else.
 */
export function readDuration(name: string, text: string): number {
  const match = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text);
  const unit = UNITS[match?.[2] ?? ''];
  if (match !== null && unit !== undefined && Number(match[1]) > 0) return Number(match[1]) * unit;
  throw new CliError(
    `${name} must be a duration such as 500ms, 30s, 5m, 2h or 7d, got "${text}"`,
    ExitCode.usage,
  );
}
