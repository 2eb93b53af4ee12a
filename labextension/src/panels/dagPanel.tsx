import { useState } from 'react';

import { Button } from '../components/common/Button';
import { KeyHelp } from '../components/common/KeyHelp';
import type { IMenuItem } from '../components/common/MenuPopup';
import { ErrorBanner, Notice, Skeleton } from '../components/common/Screens';
import { isShortcut } from '../components/common/shortcuts';
import { Tabs } from '../components/common/Tabs';
import { useTrans } from '../components/common/trans';
import { TriggerForm } from '../components/forms/TriggerForm';
import { DagHeader } from '../components/run/DagHeader';
import { RunDetails } from '../components/run/RunDetails';
import type { DagTab } from '../logic/places';
import type { DagModel } from '../model/dag';
import { asError } from '../model/resource';
import { type ITrans, Permission } from '../tokens';
import { CodeTab } from './codeTab';
import { type IDagActions, type OpenDag, SideActions, useDagActions } from './dagActions';
import { StarterLink } from './starterLink';
import { GraphTab, GridTab } from './dagViews';
import { DetailsTab } from './detailsTab';
import { isReadOnly, reasonAgainst } from './reasons';
import { RunsTab } from './runsTab';
import { type OpenNotebook, TaskPane } from './taskPane';
import { useModel } from './useModel';

/** The kind of a DAG that a task of another holds. */
const SUBDAG = 'subdag';

export interface IDagPanelProps {
  dag: DagModel;
  /** Null where there is no JupyterLab. */
  onOpenNotebook: OpenNotebook | null;
  /** Open the page of another DAG, at a run of it if one is named. */
  onOpenDag: OpenDag;
  /** Bring the focus to the filter of the list, which is outside of this page. */
  onFilterDags: () => void;
  /** Commands of the host, after those of the page. */
  menu?: IMenuItem[];
  /** The trigger dialog is asked for from outside. */
  asksTrigger?: boolean;
  onTriggerAsked?: () => void;
}

/** One DAG's page: header, tabs, and beside them what is selected. */
export function DagPanel(props: IDagPanelProps): JSX.Element {
  const { dag } = props;
  const trans = useTrans();
  useModel(dag);
  useModel(dag.session);
  const [asks, setAsks] = useState(false);
  const [showsKeys, setShowsKeys] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const actions = useDagActions(dag, props.onOpenDag);
  const row = dag.row.value;
  if (!row) {
    return dag.row.error ? (
      <ErrorBanner
        what={trans.__('The DAG %1 could not be loaded.', dag.dagId)}
        error={dag.row.error}
        onRetry={() => void dag.load()}
      />
    ) : (
      <Skeleton lines={12} />
    );
  }
  const triggerReason = reasonAgainst(dag.session, Permission.trigger, trans);
  const isAsking = asks || props.asksTrigger === true;
  const structure = isAsking ? dag.structure(null) : null;
  const closeTrigger = (): void => {
    setAsks(false);
    props.onTriggerAsked?.();
  };
  const firstRun = (
    <Button look="primary" icon="play" disabledReason={triggerReason} onClick={() => setAsks(true)}>
      {trans.__('Trigger')}
    </Button>
  );
  return (
    <div
      className="jp-hubflow-DagPanel"
      onKeyDown={event => {
        if (isShortcut(event, '?')) {
          event.preventDefault();
          setShowsKeys(true);
        } else if (isShortcut(event, '/')) {
          event.preventDefault();
          props.onFilterDags();
        }
      }}
    >
      <DagHeader
        dag={row}
        editReason={reasonAgainst(dag.session, Permission.editDags, trans)}
        triggerReason={triggerReason}
        isReadOnly={isReadOnly(dag.session, Permission.trigger)}
        menu={[
          {
            label: trans.__('Backfill …'),
            disabledReason:
              triggerReason ??
              (row.schedule_text === null
                ? trans.__('This DAG has no schedule, so there are no dates to run it for.')
                : null),
            onSelect: () => actions.ask({ kind: 'backfill' })
          },
          { label: trans.__('Reload'), onSelect: () => void dag.load() },
          {
            label: trans.__('Copy the DAG id'),
            onSelect: () => void navigator.clipboard.writeText(dag.dagId)
          },
          { label: trans.__('Keys'), onSelect: () => setShowsKeys(true) },
          ...(props.menu ?? [])
        ]}
        onSetPaused={isPaused => {
          dag.setPaused(isPaused).catch((reason: unknown) => setError(asError(reason)));
        }}
        onTrigger={() => setAsks(true)}
      />
      {error && (
        <ErrorBanner
          what={trans.__('The schedule was not switched.')}
          error={error}
          onDismiss={() => setError(null)}
        />
      )}
      <PageNotices dag={dag} onOpenDag={props.onOpenDag} />
      {actions.notice}
      <div className="jp-hubflow-DagPanel-body">
        <Tabs
          label={trans.__('Views of this DAG')}
          tabs={tabList(trans)}
          current={dag.place.tab}
          onChange={tab => dag.go({ tab })}
        >
          {dag.place.tab === 'grid' && <GridTab dag={dag} firstRun={firstRun} actions={actions} />}
          {dag.place.tab === 'graph' && <GraphTab dag={dag} actions={actions} />}
          {dag.place.tab === 'runs' && <RunsTab dag={dag} firstRun={firstRun} actions={actions} />}
          {dag.place.tab === 'code' && <CodeTab dag={dag} />}
          {dag.place.tab === 'details' && <DetailsTab dag={dag} row={row} />}
        </Tabs>
        <SidePane
          dag={dag}
          actions={actions}
          onOpenNotebook={props.onOpenNotebook}
          onOpenDag={props.onOpenDag}
        />
      </div>
      {actions.overlays}
      {showsKeys && <KeyHelp onClose={() => setShowsKeys(false)} />}
      {structure && structure.status !== 'loading' && (
        <TriggerForm
          dagId={dag.dagId}
          isPaused={row.is_paused}
          params={structure.value?.params ?? []}
          timezone={row.timezone}
          onTrigger={async (conf, runId) => {
            const run = await dag.trigger({ conf, dag_run_id: runId });
            dag.showRun(run.dag_run_id);
          }}
          onClose={closeTrigger}
        />
      )}
    </div>
  );
}

function tabList(trans: ITrans): { id: DagTab; label: string }[] {
  return [
    { id: 'grid', label: trans.__('Grid') },
    { id: 'graph', label: trans.__('Graph') },
    { id: 'runs', label: trans.__('Runs') },
    { id: 'code', label: trans.__('Code') },
    { id: 'details', label: trans.__('Details') }
  ];
}

interface IPageNoticesProps {
  dag: DagModel;
  onOpenDag: OpenDag;
}

/** What everybody on this page should know: warnings, a broken file, a broken line. */
function PageNotices({ dag, onOpenDag }: IPageNoticesProps): JSX.Element {
  const trans = useTrans();
  const row = dag.row.value;
  const parentId = row?.kind === SUBDAG ? dag.dagId.slice(0, dag.dagId.lastIndexOf('.')) : null;
  return (
    <>
      {parentId !== null && (
        <Notice>
          {trans.__('A part of %1, which runs it.', parentId)}{' '}
          <Button look="link" onClick={() => onOpenDag(parentId)}>
            {trans.__('Back to %1', parentId)}
          </Button>
        </Notice>
      )}
      {dag.session.offlineSince !== null && (
        <Notice kind="warning">
          {trans.__('Offline: what you see may be out of date. Trying to reconnect …')}{' '}
          <Button look="link" onClick={dag.session.stream.retryNow}>
            {trans.__('Reconnect now')}
          </Button>
        </Notice>
      )}
      {row?.has_import_error && dag.place.tab !== 'code' && (
        <Notice kind="warning">
          {trans.__('The file of this DAG has an error; the last good version stays in force.')}{' '}
          <Button look="link" onClick={() => dag.go({ tab: 'code', runId: null, taskId: null })}>
            {trans.__('Show it')}
          </Button>
        </Notice>
      )}
      {row && !row.is_active && (
        <Notice kind="warning">
          {trans.__('The file of this DAG is gone. Its history stays; nothing new runs.')}
        </Notice>
      )}
      {row && <Warnings texts={row.warnings} />}
    </>
  );
}

/** What is odd about the DAG; more than a few are folded. */
function Warnings({ texts }: { texts: string[] }): JSX.Element | null {
  const trans = useTrans();
  const [first] = texts;
  if (first === undefined) {
    return null;
  }
  return (
    <Notice kind="warning">
      {texts.length === 1 ? (
        first
      ) : (
        <details>
          <summary>
            {trans._n('%1 warning', '%1 warnings', texts.length)}: {first}
          </summary>
          <ul className="jp-hubflow-DagPanel-warnings">
            {texts.slice(1).map(text => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </details>
      )}
    </Notice>
  );
}

interface ISidePaneProps {
  dag: DagModel;
  actions: IDagActions;
  onOpenNotebook: OpenNotebook | null;
  onOpenDag: OpenDag;
}

function SidePane({ dag, actions, onOpenNotebook, onOpenDag }: ISidePaneProps): JSX.Element | null {
  if (dag.task) {
    return (
      <TaskPane
        dag={dag}
        task={dag.task}
        actions={actions}
        onOpenNotebook={onOpenNotebook}
        onOpenDag={onOpenDag}
      />
    );
  }
  const column = dag.runs.find(dag.place.runId);
  return column ? (
    <RunDetails
      column={column}
      taskName={dag.taskName}
      actions={
        <SideActions target={{ runId: column.run.run_id, taskId: null }} actions={actions} />
      }
      starter={<StarterLink starter={column.run.starter} onOpenDag={onOpenDag} />}
      onOpenTask={taskId => dag.go({ taskId, tryNumber: null })}
      onClose={() => dag.go({ runId: null, taskId: null })}
    />
  ) : null;
}
