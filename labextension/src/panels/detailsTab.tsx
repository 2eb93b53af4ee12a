import type { IDagRow } from '../api/types';
import { useTrans } from '../components/common/trans';
import { DagDetails } from '../components/run/DagDetails';
import type { DagModel } from '../model/dag';
import { WithValue } from './withValue';

/** The Details tab: what the current version says. */
export function DetailsTab({ dag, row }: { dag: DagModel; row: IDagRow }): JSX.Element {
  const trans = useTrans();
  return (
    <WithValue
      resource={dag.details}
      what={trans.__('The details of this DAG could not be loaded.')}
    >
      {details => (
        <DagDetails
          row={row}
          details={details}
          version={dag.versions.find(row.version)}
          onOpenFile={() => dag.go({ tab: 'code', runId: null, taskId: null })}
        />
      )}
    </WithValue>
  );
}
