import { Facts } from '../common/Facts';
import { EmptyState, ErrorBanner, Skeleton } from '../common/Screens';
import { useTrans } from '../common/trans';

interface IRenderedFieldsProps {
  /** Field and value; null while they are loaded. */
  fields: Record<string, unknown> | null;
  error: Error | null;
}

/** What the templates of the last try became. */
export function RenderedFields({ fields, error }: IRenderedFieldsProps): JSX.Element {
  const trans = useTrans();
  if (fields === null) {
    return error ? (
      <ErrorBanner what={trans.__('The rendered fields could not be loaded.')} error={error} />
    ) : (
      <Skeleton lines={4} />
    );
  }
  const entries = Object.entries(fields);
  if (entries.length === 0) {
    return (
      <EmptyState
        text={trans.__(
          'Nothing yet. What the templates of a task become, such as {{ ds }} in a command, appears here when it starts.'
        )}
      />
    );
  }
  return (
    <Facts
      facts={entries.map(([name, value]) => [
        name,
        <pre key={name}>{typeof value === 'string' ? value : JSON.stringify(value, null, 2)}</pre>
      ])}
    />
  );
}
