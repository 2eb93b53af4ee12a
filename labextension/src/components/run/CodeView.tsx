import { lazy, type ReactNode, Suspense } from 'react';

import type { IImportError } from '../../api/types';
import { Icon } from '../common/Icon';
import { Skeleton } from '../common/Screens';
import { RelativeTime } from '../common/Times';
import { useTrans } from '../common/trans';

const CodeText = lazy(() => import('./CodeText'));

interface ICodeViewProps {
  path: string;
  text: string;
  /** Why the file as it is now cannot be read. */
  error: IImportError | null;
  /** What stands at the right of the path. */
  note: ReactNode;
  /** What the error means for the DAGs of the file. */
  consequence: string;
  /** The traceback is what people came for. */
  opensTraceback?: boolean;
}

/** A DAG file, and what is wrong with it. */
export function CodeView(props: ICodeViewProps): JSX.Element {
  const trans = useTrans();
  const { error } = props;
  return (
    <div className="jp-hubflow-CodeView">
      <div className="jp-hubflow-CodeView-header">
        <span className="jp-hubflow-CodeView-path">
          <bdi>{props.path}</bdi>
        </span>
        <span>{props.note}</span>
      </div>
      {error && (
        <div className="jp-hubflow-ErrorBanner" role="alert">
          <Icon name="warning" />
          <div>
            <strong>
              {error.line === null
                ? trans.__('The file cannot be read; %1', props.consequence)
                : trans.__('Line %1 is broken; %2', error.line, props.consequence)}
            </strong>{' '}
            {error.message} · <RelativeTime iso={error.timestamp} />
            <details open={props.opensTraceback}>
              <summary>{trans.__('Traceback')}</summary>
              <pre tabIndex={0}>{error.stack_trace}</pre>
            </details>
          </div>
        </div>
      )}
      <Suspense fallback={<Skeleton lines={12} />}>
        <CodeText text={props.text} errorLine={error?.line ?? null} />
      </Suspense>
    </div>
  );
}
