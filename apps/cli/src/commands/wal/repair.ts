import type { RepairAction, RepairReport } from '@walrusmq/storage';
import { CliError } from '../../cli-error';
import { counted, sizeText } from '../../output/tables';
import { LineWriter, type Terminal } from '../../output/terminal';

export interface RepairOptions {
  readonly dataDir: string;
  readonly apply?: boolean;
  readonly json?: boolean;
}

type Names = ReadonlyMap<string, string>;

/**
 * Prints what would be done, or with `apply` does it and prints what was done.
 *
 * @throws {CliError} Damage is left, or would be; the report was printed.
 * @throws What `repairDirectory` does.
 */
export async function repair(options: RepairOptions, terminal: Terminal): Promise<void> {
  const { OWN_LOG_NAMES, inspectTopicNames, repairDirectory } = await import('@walrusmq/storage');
  // Before anything goes: a damaged catalogue may name fewer topics afterwards.
  const names = new Map(inspectTopicNames(options.dataDir));
  for (const [id, name] of OWN_LOG_NAMES) names.set(id, `(${name})`);
  const report = await repairDirectory(options.dataDir, { apply: options.apply === true });
  const writer = new LineWriter(terminal.stdout);
  if (options.json === true) await writer.write(JSON.stringify(withNames(report, names)));
  else for (const line of reportLines(report, names)) await writer.write(line);
  await writer.flush();
  if (!report.applied && report.actions.length > 0) {
    throw new CliError('nothing was changed; --apply does what is listed above');
  }
  const left = leftDamage(report).length;
  if (left === 0) return;
  throw new CliError(`${counted(left, 'damaged place')} left; what is around it can be read`);
}

/** What no repair takes away, for whole records stand around it; none while there is a plan. */
function leftDamage(report: RepairReport): RepairReport['problems'] {
  if (!report.applied && report.actions.length > 0) return [];
  return report.problems.filter(({ problem }) => problem === 'damage');
}

/** The report with the name of each topic that has one. */
function withNames(report: RepairReport, names: Names): object {
  const named = (item: { readonly topicId: string | null }): object => {
    return { ...item, topic: item.topicId === null ? undefined : names.get(item.topicId) };
  };
  return { ...report, actions: report.actions.map(named), problems: report.problems.map(named) };
}

function actionText(action: RepairAction, applied: boolean, names: Names): string {
  const { topicId, partition, offset } = action;
  const log = topicId === null ? '' : `${names.get(topicId) ?? topicId}/${String(partition)}`;
  const will = applied ? '' : 'would be ';
  switch (action.kind) {
    case 'log-cut':
      return `${log}: ${will}cut, ends at offset ${offset} then`;
    case 'start-moved':
      return `${log}: ${will}shortened, starts at offset ${offset} then`;
    case 'unit-cleared':
      return `file ${action.fileId}: a place that holds no block ${will}cleared`;
    case 'header-restored':
      return `file ${action.fileId}: a header ${will}restored from its copy`;
  }
}

function reportLines(report: RepairReport, names: Names): string[] {
  const lines: string[] = [];
  for (const action of report.actions) {
    lines.push(`${actionText(action, report.applied, names)} (${action.what})`);
    for (const path of action.quarantinePaths) lines.push(`  copied to ${path}`);
  }
  const bytes = report.actions.reduce((sum, action) => sum + action.bytes, 0);
  const done = report.applied ? 'done' : 'to do';
  lines.push(
    report.actions.length === 0
      ? 'nothing to repair'
      : `${counted(report.actions.length, 'repair')} ${done}, ` +
          `${sizeText(bytes)} ${report.applied ? 'set aside' : 'to set aside'}`,
  );
  for (const { what, topicId, offset } of leftDamage(report)) {
    const where = topicId === null ? '' : ` (${names.get(topicId) ?? topicId}, offset ${offset})`;
    lines.push(`left: ${what}${where}`);
  }
  if (!report.previousCloseWasClean) {
    lines.push(
      report.applied
        ? 'the instance was not stopped cleanly; what the crash left was recovered first'
        : 'the instance was not stopped cleanly; --apply recovers it first, which may change this',
    );
  }
  return lines;
}
