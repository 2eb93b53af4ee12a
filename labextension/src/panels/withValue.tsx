import { ErrorBanner, Skeleton } from '../components/common/Screens';
import type { Resource } from '../model/resource';

interface IWithValueProps<T> {
  resource: Resource<T>;
  what: string;
  children: (value: T) => JSX.Element;
}

/** The value when it is there, else what stands in for it. */
export function WithValue<T>({ resource, what, children }: IWithValueProps<T>): JSX.Element {
  if (resource.value !== null) {
    return children(resource.value);
  }
  return resource.error ? (
    <ErrorBanner what={what} error={resource.error} onRetry={() => void resource.load()} />
  ) : (
    <Skeleton lines={10} />
  );
}
