import type { IDagVersionDiff } from '../../api/types';
import { countLines, diffParts, type IDiffLine } from '../../logic/diff';
import { Facts } from '../common/Facts';
import { Notice } from '../common/Screens';
import { useTrans } from '../common/trans';

interface IDiffViewProps {
  diff: IDagVersionDiff;
  /** The code of the version after. */
  text: string;
}

/** From one version to another: which tasks changed, and the lines of code. */
export function DiffView({ diff, text }: IDiffViewProps): JSX.Element {
  const trans = useTrans();
  const parts = diffParts(diff.source_diff, text);
  const changed = diff.tasks_changed.map(
    ({ task_id, fields }) => `${task_id} (${fields.map(({ name }) => name).join(', ')})`
  );
  return (
    <div
      className="jp-hubflow-DiffView"
      role="region"
      aria-label={trans.__('From version %1 to version %2', diff.before, diff.after)}
      tabIndex={0}
    >
      <Facts
        facts={[
          [trans.__('Tasks added'), diff.tasks_added.join(', ')],
          [trans.__('Tasks removed'), diff.tasks_removed.join(', ')],
          [trans.__('Tasks changed'), changed.join(', ')],
          [trans.__('Changed of the DAG'), diff.dag_changed.map(({ name }) => name).join(', ')],
          [
            trans.__('Lines of code'),
            trans.__(
              '%1 added, %2 removed',
              countLines(parts, 'added'),
              countLines(parts, 'removed')
            )
          ]
        ]}
      />
      {diff.source_diff === '' ? (
        <Notice>
          {trans.__(
            'The code of the file is the same in both versions: what it imports or reads has changed.'
          )}
        </Notice>
      ) : (
        <div className="jp-hubflow-DiffView-lines">
          {parts.map((part, index) =>
            part.isFolded ? (
              <details key={index}>
                <summary>
                  {trans._n('%1 unchanged line', '%1 unchanged lines', part.lines.length)}
                </summary>
                <DiffLines lines={part.lines} />
              </details>
            ) : (
              <DiffLines key={index} lines={part.lines} />
            )
          )}
        </div>
      )}
    </div>
  );
}

const LOOKS = {
  same: { sign: ' ', Text: 'span' },
  added: { sign: '+', Text: 'ins' },
  removed: { sign: '-', Text: 'del' }
} as const;

function DiffLines({ lines }: { lines: IDiffLine[] }): JSX.Element {
  return (
    <>
      {lines.map((line, index) => {
        const { sign, Text } = LOOKS[line.kind];
        return (
          <div key={index} className="jp-hubflow-DiffLine" data-kind={line.kind}>
            <span>{line.before}</span>
            <span>{line.after}</span>
            <span>{sign}</span>
            <Text>{line.text}</Text>
          </div>
        );
      })}
    </>
  );
}
