import { Button } from '../components/common/Button';
import { ErrorBanner } from '../components/common/Screens';
import { useTrans } from '../components/common/trans';
import { CodeView } from '../components/run/CodeView';
import { DiffView } from '../components/run/DiffView';
import { VersionPicker } from '../components/run/VersionPicker';
import { otherVersion } from '../logic/versions';
import type { DagModel } from '../model/dag';
import { WithValue } from './withValue';

/** The Code tab: the chosen version, else that of the selected run, else the newest. */
export function CodeTab({ dag }: { dag: DagModel }): JSX.Element {
  const { place } = dag;
  const newest = dag.row.value?.version ?? null;
  const version = place.version ?? dag.runs.find(place.runId)?.run.version ?? newest;
  const other = otherVersion(version, place.comparedWith);
  return (
    <>
      {place.version === null && version !== newest && (
        <OldRunNotice dag={dag} version={version} newest={newest} />
      )}
      {version !== null && <Versions dag={dag} version={version} other={other} />}
      {version !== null && other !== null ? (
        <Comparison dag={dag} before={Math.min(version, other)} after={Math.max(version, other)} />
      ) : (
        <Code dag={dag} version={version === newest ? null : version} />
      )}
    </>
  );
}

interface IOldRunNoticeProps {
  dag: DagModel;
  version: number | null;
  newest: number | null;
}

function OldRunNotice({ dag, version, newest }: IOldRunNoticeProps): JSX.Element {
  const trans = useTrans();
  return (
    <div className="jp-hubflow-Notice" role="status">
      <div>
        {trans.__(
          'The selected run ran version %1; the newest is %2.',
          version ?? '?',
          newest ?? '?'
        )}
      </div>
      <Button look="link" onClick={() => dag.go({ runId: null, taskId: null })}>
        {trans.__('Show the newest')}
      </Button>
    </div>
  );
}

interface IVersionsProps {
  dag: DagModel;
  version: number;
  other: number | null;
}

/** What may be chosen from; nothing where there is one version only. */
function Versions({ dag, version, other }: IVersionsProps): JSX.Element | null {
  const trans = useTrans();
  const { versions } = dag;
  const error = versions.error ?? versions.olderError;
  return (
    <>
      {error && (
        <ErrorBanner
          what={trans.__('The versions of this DAG could not be loaded.')}
          error={error}
          onRetry={() => void (versions.error ? versions.load() : versions.loadOlder())}
        />
      )}
      {(versions.value?.total_entries ?? 0) > 1 && (
        <VersionPicker
          versions={versions.versions}
          shown={version}
          comparedWith={other}
          hasOlder={versions.hasOlder}
          isLoadingOlder={versions.isLoadingOlder}
          onOlder={() => void versions.loadOlder()}
          onPick={picked => dag.go({ version: picked })}
          onCompare={comparedWith => dag.go({ comparedWith })}
        />
      )}
    </>
  );
}

function Code({ dag, version }: { dag: DagModel; version: number | null }): JSX.Element {
  const trans = useTrans();
  return (
    <WithValue resource={dag.source(version)} what={trans.__('The code could not be loaded.')}>
      {source => (
        <CodeView
          path={source.path}
          text={source.text}
          error={source.error}
          note={trans.__('version %1', source.version)}
          consequence={trans.__('the last good version of the file stays in force.')}
        />
      )}
    </WithValue>
  );
}

interface IComparisonProps {
  dag: DagModel;
  before: number;
  after: number;
}

function Comparison({ dag, before, after }: IComparisonProps): JSX.Element {
  const trans = useTrans();
  const what = trans.__('The versions could not be compared.');
  return (
    <WithValue resource={dag.diff(before, after)} what={what}>
      {diff => (
        <WithValue resource={dag.source(after)} what={what}>
          {source => <DiffView diff={diff} text={source.text} />}
        </WithValue>
      )}
    </WithValue>
  );
}
