import { type ReactNode, useMemo } from 'react';

import { EmptyState, ErrorBanner, Skeleton } from '../components/common/Screens';
import { useNow } from '../components/common/Times';
import { useTrans } from '../components/common/trans';
import { BackfillLines } from '../components/run/BackfillLines';
import { RunTable } from '../components/run/RunTable';
import { shownBackfills } from '../logic/backfills';
import type { DagModel } from '../model/dag';
import { Permission } from '../tokens';
import type { IDagActions } from './dagActions';
import { reasonAgainst } from './reasons';

const MINUTE_MS = 60_000;

interface IRunsTabProps {
  dag: DagModel;
  /** The button that runs the DAG for the first time. */
  firstRun: ReactNode;
  actions: IDagActions;
}

/** The Runs tab: what backfills do, and the runs as a list. */
export function RunsTab({ dag, firstRun, actions }: IRunsTabProps): JSX.Element {
  const trans = useTrans();
  const { runs } = dag;
  const newestFirst = useMemo(() => runs.runs.map(({ run }) => run).reverse(), [runs.runs]);
  const now = useNow(() => MINUTE_MS);
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
    <>
      <BackfillLines
        backfills={shownBackfills(dag.backfills.value ?? [], now)}
        timezone={dag.row.value?.timezone ?? 'UTC'}
        cancelReason={reasonAgainst(dag.session, Permission.editRuns, trans)}
        onCancel={backfill => actions.ask({ kind: 'cancel-backfill', backfill })}
      />
      {newestFirst.length === 0 ? (
        <EmptyState
          text={trans.__('This DAG has not run yet. Its runs are listed here, newest first.')}
        >
          {firstRun}
        </EmptyState>
      ) : (
        <RunTable
          runs={newestFirst}
          selectedRunId={dag.place.runId}
          hasOlder={runs.hasOlder}
          isLoadingOlder={runs.isLoadingOlder}
          menuItems={runId => actions.items({ runId, taskId: null })}
          onOlder={runs.loadOlder}
          onSelect={runId => dag.go({ runId, taskId: null, tryNumber: null })}
          onMenu={(runId, at) => actions.openMenu({ runId, taskId: null }, at)}
        />
      )}
    </>
  );
}
