import { lazy, type ReactNode, Suspense } from 'react';

import type { ITaskCell } from '../api/types';
import { EmptyState, ErrorBanner, Notice, Skeleton } from '../components/common/Screens';
import { useTrans } from '../components/common/trans';
import { GridView } from '../components/run/GridView';
import { RunPicker } from '../components/run/RunPicker';
import { type InstanceCounts, instanceCounts } from '../logic/instances';
import { cellsById } from '../logic/treeGrid';
import type { DagModel } from '../model/dag';
import type { IDagActions } from './dagActions';
import { DagPreview } from './dagPreview';
import { WithValue } from './withValue';

const GraphView = lazy(() => import('../components/run/GraphView'));
const NO_CELLS: ReadonlyMap<string, ITaskCell> = new Map();
const NO_INSTANCES: ReadonlyMap<string, InstanceCounts> = new Map();

interface IDagViewProps {
  dag: DagModel;
  actions: IDagActions;
}

interface IGridTabProps extends IDagViewProps {
  /** The button that runs the DAG for the first time. */
  firstRun: ReactNode;
}

/** The Grid tab. */
export function GridTab({ dag, firstRun, actions }: IGridTabProps): JSX.Element {
  const trans = useTrans();
  const { runs, place } = dag;
  const structure = dag.structure(null);
  if (runs.status === 'error' && runs.error) {
    return (
      <ErrorBanner
        what={trans.__('The runs could not be loaded.')}
        error={runs.error}
        onRetry={() => void runs.load()}
      />
    );
  }
  if (runs.status === 'loading') {
    return <Skeleton lines={10} />;
  }
  return (
    <WithValue resource={structure} what={trans.__('The tasks of this DAG could not be loaded.')}>
      {({ tasks }) =>
        runs.runs.length === 0 ? (
          <EmptyState
            text={trans._n(
              'This DAG has not run yet. Each run becomes a column here, with a cell for its task.',
              'This DAG has not run yet. Each run becomes a column here, with one cell for each of its %1 tasks.',
              tasks.length
            )}
          >
            {firstRun}
          </EmptyState>
        ) : (
          <GridView
            tasks={tasks}
            runs={runs.runs}
            closedGroups={dag.closedGroups}
            onToggleGroup={dag.toggleGroup}
            selectedRunId={place.runId}
            selectedTaskId={place.taskId}
            hasOlder={runs.hasOlder}
            isLoadingOlder={runs.isLoadingOlder}
            onOlder={() => void runs.loadOlder()}
            onSelect={(runId, taskId) => dag.go({ runId, taskId, tryNumber: null })}
            onMenu={actions.openMenu}
          />
        )
      }
    </WithValue>
  );
}

/** The Graph tab: the tasks of the version that the shown run ran. */
export function GraphTab({ dag, actions }: IDagViewProps): JSX.Element {
  const trans = useTrans();
  const shown = dag.shownRun;
  const newest = dag.row.value?.version ?? null;
  const version = shown?.run.version ?? newest;
  const structure = dag.structure(version === newest ? null : version);
  return (
    <div className="jp-hubflow-GraphTab">
      <div className="jp-hubflow-GraphTab-tools">
        <RunPicker
          runs={dag.runs.runs}
          shown={shown}
          onPick={runId => dag.go({ runId, tryNumber: null })}
        />
        {version !== newest && (
          <Notice>{trans.__('This run ran version %1 of the DAG.', version ?? '?')}</Notice>
        )}
      </div>
      <WithValue resource={structure} what={trans.__('The graph could not be loaded.')}>
        {value => (
          <Suspense fallback={<Skeleton lines={6} />}>
            <GraphView
              structure={value}
              cells={shown ? cellsById(shown) : NO_CELLS}
              instances={shown ? instanceCounts(shown) : NO_INSTANCES}
              closedGroups={dag.closedGroups}
              onToggleGroup={dag.toggleGroup}
              selectedTaskId={dag.place.taskId}
              preview={dagId => <DagPreview session={dag.session} dagId={dagId} />}
              onMenu={
                shown
                  ? (taskId, at) => actions.openMenu({ runId: shown.run.run_id, taskId }, at)
                  : null
              }
              onSelect={taskId => {
                if (shown) {
                  dag.go({ runId: shown.run.run_id, taskId, tryNumber: null });
                }
              }}
            />
          </Suspense>
        )}
      </WithValue>
    </div>
  );
}
