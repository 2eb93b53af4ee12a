import { Button } from '../components/common/Button';
import { ErrorBanner, Notice, Skeleton } from '../components/common/Screens';
import { RelativeTime } from '../components/common/Times';
import { useTrans } from '../components/common/trans';
import { CodeView } from '../components/run/CodeView';
import type { DagFileModel } from '../model/dagFile';
import { useModel } from './useModel';

interface IFilePanelProps {
  file: DagFileModel;
  onOpenDag: (dagId: string) => void;
}

/** A DAG file that needs a person: where it breaks, the traceback, its text, and its DAGs. */
export function FilePanel({ file, onOpenDag }: IFilePanelProps): JSX.Element {
  const trans = useTrans();
  useModel(file);
  const { value, error } = file;
  if (!value) {
    return error ? (
      <ErrorBanner
        what={trans.__('The file %1 could not be loaded.', file.path)}
        error={error}
        onRetry={() => void file.load()}
      />
    ) : (
      <Skeleton lines={12} />
    );
  }
  return (
    <section className="jp-hubflow-FilePanel" aria-label={trans.__('DAG file')}>
      {!value.error && <Notice>{trans.__('This file is in order.')}</Notice>}
      {value.dag_ids.length > 0 && (
        <p className="jp-hubflow-FilePanel-dags">
          {trans.__('DAGs of this file:')}{' '}
          {value.dag_ids.map(dagId => (
            <Button key={dagId} look="link" onClick={() => onOpenDag(dagId)}>
              <bdi>{dagId}</bdi>
            </Button>
          ))}
        </p>
      )}
      <CodeView
        path={value.path}
        text={value.text}
        error={value.error}
        note={
          value.parsed_at && (
            <>
              {trans.__('read')} <RelativeTime iso={value.parsed_at} />
            </>
          )
        }
        consequence={
          value.dag_ids.length
            ? trans.__('the last good version of the file stays in force.')
            : trans.__('it gives no DAG until it is mended.')
        }
        opensTraceback
      />
    </section>
  );
}
