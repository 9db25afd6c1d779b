import type { VerifyReport } from '@walrusmq/storage';
import { CliError } from '../../cli-error';
import { counted, grouped, renderTable, sizeText } from '../../output/tables';
import { LineWriter, type Terminal } from '../../output/terminal';

export interface VerifyOptions {
  readonly dataDir: string;
  readonly json?: boolean;
}

/**
 * Prints what was counted and found.
 *
 * @throws {CliError} Something is damaged; the report was printed.
 * @throws What `verifyDirectory` does.
 */
export async function verify(options: VerifyOptions, terminal: Terminal): Promise<void> {
  const { OWN_LOG_NAMES, inspectTopicNames, verifyDirectory } = await import('@walrusmq/storage');
  const report = await verifyDirectory(options.dataDir);
  const names = new Map(inspectTopicNames(options.dataDir));
  for (const [id, name] of OWN_LOG_NAMES) names.set(id, `(${name})`);
  const writer = new LineWriter(terminal.stdout);
  if (options.json === true) await writer.write(JSON.stringify(withNames(report, names)));
  else for (const line of reportLines(report, names)) await writer.write(line);
  await writer.flush();
  if (report.damaged) {
    throw new CliError(`${options.dataDir} is damaged; keep a copy of it before a broker opens it`);
  }
}

/** The report with the name of each topic that has one. */
function withNames(report: VerifyReport, names: ReadonlyMap<string, string>): object {
  const named = (item: { readonly topicId: string | null }): object => {
    return { ...item, topic: item.topicId === null ? undefined : names.get(item.topicId) };
  };
  return { ...report, logs: report.logs.map(named), problems: report.problems.map(named) };
}

function logTable(report: VerifyReport, nameOf: (topicId: string | null) => string): string {
  const rows = report.logs.map((log) => {
    const { topicId, partition, startOffset, endOffset } = log;
    const problems = report.problems.filter(
      (problem) => problem.topicId === topicId && problem.partition === partition,
    );
    return [
      nameOf(topicId),
      partition,
      endOffset === startOffset ? 'none' : `${startOffset} to ${endOffset - 1}`,
      grouped(log.records),
      grouped(log.batches),
      log.blocks,
      sizeText(log.bytes),
      problems.length,
    ] as const;
  });
  rows.sort((a, b) => a[0].localeCompare(b[0]) || a[1] - b[1]);
  const head = ['topic', 'partition', 'offsets', 'records', 'batches', 'blocks', 'stored'];
  return renderTable([...head, 'problems'], rows);
}

function reportLines(report: VerifyReport, names: ReadonlyMap<string, string>): string[] {
  const nameOf = (topicId: string | null): string =>
    topicId === null ? '-' : (names.get(topicId) ?? topicId);
  const lines = [logTable(report, nameOf)];
  for (const problem of report.problems) {
    const where = [
      problem.topicId === null ? '' : `${nameOf(problem.topicId)}/${String(problem.partition)}`,
      problem.topicId === null ? '' : `offset ${problem.offset}`,
      problem.fileId === 0 ? '' : `file ${problem.fileId}`,
      problem.blockId === 0 ? '' : `block ${problem.blockId}`,
      problem.position === 0 ? '' : `at byte ${problem.position}`,
    ].filter((part) => part !== '');
    lines.push(
      `${problem.problem}: ${problem.what}${where.length > 0 ? ` (${where.join(', ')})` : ''}`,
    );
  }
  const found =
    report.problems.length === 0 ? 'nothing wrong' : counted(report.problems.length, 'problem');
  lines.push(
    `${counted(report.files, 'file')}, ${counted(report.logs.length, 'log')}, ` +
      `${grouped(report.records)} records, ${sizeText(report.bytesRead)} read: ${found}` +
      (report.previousCloseWasClean ? '' : ' (the broker was not stopped cleanly)'),
  );
  return lines;
}
