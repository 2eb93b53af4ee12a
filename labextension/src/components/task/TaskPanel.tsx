import type { ReactNode } from 'react';

import type { ITaskPanel, ITry } from '../../api/types';
import { instanceName } from '../../logic/changes';
import { nameLines } from '../../logic/names';
import type { TaskView } from '../../logic/places';
import { formatTime } from '../../logic/time';
import { errorLine, tryText } from '../../logic/tries';
import { IconButton } from '../common/Button';
import { StateBadge } from '../common/State';
import { Tabs } from '../common/Tabs';
import { Elapsed, RelativeTime } from '../common/Times';
import { useTrans } from '../common/trans';
import { InstancePicker } from './InstancePicker';
import { LogView, type ILogViewProps } from './LogView';
import { NotebookOutput } from './NotebookOutput';
import { RenderedFields } from './RenderedFields';
import { TaskDetails } from './TaskDetails';
import { TryTimeline } from './TryTimeline';
import { XComTable } from './XComTable';

export interface ITaskPanelProps {
  panel: ITaskPanel;
  tryNumber: number;
  log: ILogViewProps;
  notebookUrls: { html: string; ipynb: string } | null;
  onOpenNotebook: (() => void) | null;
  /** Why what is shown may not be as it is. */
  problem?: ReactNode;
  /** The way to what it runs. */
  zoom?: ReactNode;
  /** Why it has not begun. */
  waiting?: ReactNode;
  /** What may be done to it. */
  actions?: ReactNode;
  view: TaskView;
  /** What its templates became; null while that is loaded. */
  rendered: Record<string, unknown> | null;
  renderedError: Error | null;
  onView: (view: TaskView) => void;
  onPickInstance: (mapIndex: number) => void;
  onPickTry: (tryNumber: number) => void;
  onGo: (place: 'dag' | 'run') => void;
  onClose: () => void;
}

/** One task instance: where it is, how it stands, why it failed, and what it wrote. */
export function TaskPanel(props: ITaskPanelProps): JSX.Element {
  const { panel, tryNumber } = props;
  const trans = useTrans();
  const isNotebook = Boolean(panel.task?.notebook) || props.notebookUrls !== null;
  const tried = panel.tries.find(item => item.try_number === tryNumber);
  const tabs: { id: TaskView; label: string }[] = [
    { id: 'log', label: trans.__('Log') },
    ...(isNotebook ? [{ id: 'notebook' as const, label: trans.__('Notebook') }] : []),
    { id: 'rendered', label: trans.__('Rendered') },
    { id: 'xcom', label: trans.__('XCom') },
    { id: 'timeline', label: trans.__('Timeline') },
    { id: 'details', label: trans.__('Details') }
  ];
  const tab = tabs.find(({ id }) => id === props.view)?.id ?? 'log';
  return (
    <section className="jp-hubflow-SidePanel" aria-label={trans.__('Task')}>
      <header className="jp-hubflow-SidePanel-header">
        <Breadcrumb {...props} />
        <IconButton icon="close" label={trans.__('Close')} onClick={props.onClose} />
      </header>
      <TryState panel={panel} tried={tried} tryNumber={tryNumber} />
      {props.problem}
      {props.zoom}
      {props.waiting}
      {props.actions}
      <InstancePicker panel={panel} onPick={props.onPickInstance} />
      <TryPicker panel={panel} tryNumber={tryNumber} onPick={props.onPickTry} />
      <Tabs
        look="panel"
        label={trans.__('About this task')}
        tabs={tabs}
        current={tab}
        onChange={props.onView}
      >
        {tab === 'log' && <LogView {...props.log} />}
        {tab === 'xcom' && <XComTable items={panel.xcoms} />}
        {tab === 'rendered' && (
          <RenderedFields fields={props.rendered} error={props.renderedError} />
        )}
        {tab === 'timeline' && <TryTimeline panel={panel} tried={tried} />}
        {tab === 'details' && <TaskDetails panel={panel} tried={tried} />}
        {tab === 'notebook' && (
          <NotebookOutput
            htmlUrl={props.notebookUrls?.html ?? null}
            downloadUrl={props.notebookUrls?.ipynb ?? null}
            onOpen={props.onOpenNotebook}
          />
        )}
      </Tabs>
    </section>
  );
}

function Breadcrumb({ panel, tryNumber, onGo }: ITaskPanelProps): JSX.Element {
  const trans = useTrans();
  const { task_id, map_index } = panel.cell;
  const name = panel.task?.task_display_name ?? task_id;
  const called = panel.instance_names[map_index];
  const shown = called === undefined ? instanceName(panel.cell, name) : `${name} [${called}]`;
  return (
    <nav className="jp-hubflow-Breadcrumb" aria-label={trans.__('Where you are')}>
      <button type="button" title={panel.dag_id} onClick={() => onGo('dag')}>
        <bdi>{panel.dag_display_name}</bdi>
      </button>
      <button type="button" title={panel.run.run_id} onClick={() => onGo('run')}>
        {formatTime(panel.run.execution_date)}
      </button>
      <strong title={nameLines(shown, instanceName(panel.cell)).join('\n')}>
        <bdi>{shown}</bdi>
      </strong>
      <span>{tryText(tryNumber, panel.cell.max_tries, trans)}</span>
    </nav>
  );
}

interface ITryStateProps {
  panel: ITaskPanel;
  tried: ITry | undefined;
  tryNumber: number;
}

/** "✕ failed after 4 min 12 s", the error in one line, and a running notebook's cells. */
function TryState({ panel, tried, tryNumber }: ITryStateProps): JSX.Element {
  const trans = useTrans();
  const isNewest = tryNumber >= panel.cell.try_number;
  const state = isNewest ? panel.cell.state : (tried?.state ?? 'none');
  const start = tried?.start_date ?? (isNewest ? panel.cell.start_date : null);
  const end = tried?.end_date ?? (isNewest ? panel.cell.end_date : null);
  const error = errorLine(tried, trans);
  const { progress } = panel;
  return (
    <>
      <p className="jp-hubflow-SidePanel-state">
        <StateBadge state={state} />
        {start && (
          <span>
            {end ? trans.__('after') : trans.__('for')} <Elapsed start={start} end={end} />
          </span>
        )}
        {isNewest && panel.cell.retry_at && state === 'up_for_retry' && (
          <span>
            {trans.__('next try')} <RelativeTime iso={panel.cell.retry_at} />
          </span>
        )}
      </p>
      {error && (
        <p className="jp-hubflow-SidePanel-error" title={tried?.error ?? undefined}>
          {error}
        </p>
      )}
      {progress && state === 'running' && (
        <p className="jp-hubflow-SidePanel-progress">
          <progress value={progress.done} max={progress.total} aria-label={trans.__('Cells')} />
          {trans.__('cell %1 of %2', progress.done, progress.total)}
          {progress.text && <span title={progress.text}>{progress.text}</span>}
        </p>
      )}
    </>
  );
}

interface ITryPickerProps {
  panel: ITaskPanel;
  tryNumber: number;
  onPick: (tryNumber: number) => void;
}

function TryPicker({ panel, tryNumber, onPick }: ITryPickerProps): JSX.Element | null {
  const trans = useTrans();
  const numbers = panel.tries.map(item => item.try_number);
  if (numbers.length < 2) {
    return null;
  }
  return (
    <div className="jp-hubflow-TryPicker" role="group" aria-label={trans.__('Tries')}>
      {panel.tries.map(item => (
        <button
          key={item.try_number}
          type="button"
          aria-pressed={item.try_number === tryNumber}
          onClick={() => onPick(item.try_number)}
        >
          <StateBadge state={item.state} />
          <span>{trans.__('try %1', item.try_number)}</span>
        </button>
      ))}
    </div>
  );
}
