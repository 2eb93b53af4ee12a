import { useEffect, useMemo } from 'react';

import { getGrid, getStructure } from '../api/views';
import type { IGridRun, IStructure } from '../api/types';
import { StateBadge } from '../components/common/State';
import { Skeleton } from '../components/common/Screens';
import { RelativeTime } from '../components/common/Times';
import { useTrans } from '../components/common/trans';
import { DagPicture } from '../components/run/DagPicture';
import { cellsById } from '../logic/treeGrid';
import { Resource } from '../model/resource';
import type { Session } from '../model/session';
import { useModel } from './useModel';

const NO_CELLS = new Map();

interface ILook {
  structure: IStructure;
  newest: IGridRun | undefined;
}

interface IDagPreviewProps {
  session: Session;
  dagId: string;
}

/** A look at another DAG: its tasks, in the colours of its newest run. */
export function DagPreview({ session, dagId }: IDagPreviewProps): JSX.Element {
  const trans = useTrans();
  const look = useMemo(
    () =>
      new Resource<ILook>(async () => {
        const { connection } = session;
        const [structure, grid] = await Promise.all([
          getStructure(connection, dagId),
          getGrid(connection, dagId, 1)
        ]);
        return { structure, newest: grid.runs[0] };
      }),
    [session, dagId]
  );
  useEffect(() => {
    void look.load();
    return () => look.dispose();
  }, [look]);
  useModel(look);
  const { newest } = look.value ?? {};
  return (
    <>
      <div className="jp-hubflow-DagPreview-head">
        <strong>
          <bdi>{look.value?.structure.dag_display_name ?? dagId}</bdi>
        </strong>
        {newest && (
          <span>
            <StateBadge state={newest.run.state} />
            {newest.run.start_date && <RelativeTime iso={newest.run.start_date} />}
          </span>
        )}
        {look.value && !newest && <span>{trans.__('has not run yet')}</span>}
      </div>
      {look.value ? (
        <DagPicture
          structure={look.value.structure}
          cells={newest ? cellsById(newest) : NO_CELLS}
        />
      ) : look.error ? (
        <p>{trans.__('It cannot be shown: %1', look.error.message)}</p>
      ) : (
        <Skeleton lines={3} />
      )}
    </>
  );
}
