import { lazy, Suspense } from 'react';

import type { ISource } from '../../api/types';
import { Icon } from '../common/Icon';
import { Skeleton } from '../common/Screens';
import { useTrans } from '../common/trans';

const CodeText = lazy(() => import('./CodeText'));

interface ICodeViewProps {
  source: ISource;
}

/** The file of a DAG as one version of it was, with the error of the file as it is now. */
export function CodeView({ source }: ICodeViewProps): JSX.Element {
  const trans = useTrans();
  const { error } = source;
  return (
    <div className="jp-hubflow-CodeView">
      <div className="jp-hubflow-CodeView-header">
        <span className="jp-hubflow-CodeView-path">{source.path}</span>
        <span>{trans.__('version %1', source.version)}</span>
      </div>
      {error && (
        <div className="jp-hubflow-ErrorBanner" role="alert">
          <Icon name="warning" />
          <div>
            <strong>
              {error.line === null
                ? trans.__('The file cannot be read; the last good version stays in force.')
                : trans.__(
                    'Line %1 is broken; the last good version of the file stays in force.',
                    error.line
                  )}
            </strong>{' '}
            {error.message}
            <details>
              <summary>{trans.__('Traceback')}</summary>
              <pre>{error.stack_trace}</pre>
            </details>
          </div>
        </div>
      )}
      <Suspense fallback={<Skeleton lines={12} />}>
        <CodeText text={source.text} errorLine={error?.line ?? null} />
      </Suspense>
    </div>
  );
}
