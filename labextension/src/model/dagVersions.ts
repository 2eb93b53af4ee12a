import { listDagVersions } from '../api/dagVersions';
import type { IDagVersion, IDagVersions } from '../api/types';
import { asError, Resource } from './resource';
import type { Session } from './session';

const PAGE_SIZE = 25;

/** The versions of one DAG, newest first. A refresh keeps the older ones that were loaded. */
export class DagVersionsModel extends Resource<IDagVersions> {
  constructor(
    private readonly session: Session,
    private readonly dagId: string
  ) {
    super(async () => {
      const { connection } = session;
      const page = await listDagVersions(connection, dagId, PAGE_SIZE, 0);
      return { ...page, dag_versions: joined(page.dag_versions, this.versions) };
    });
  }

  isLoadingOlder = false;
  /** Why the older versions did not come. */
  olderError: Error | null = null;

  get versions(): IDagVersion[] {
    return this.value?.dag_versions ?? [];
  }

  get hasOlder(): boolean {
    return this.versions.length < (this.value?.total_entries ?? 0);
  }

  find(version: number | null): IDagVersion | undefined {
    return this.versions.find(known => known.version_number === version);
  }

  readonly loadOlder = async (): Promise<void> => {
    if (this.isLoadingOlder) {
      return;
    }
    this.isLoadingOlder = true;
    this.olderError = null;
    this.touch();
    try {
      const { connection } = this.session;
      const page = await listDagVersions(connection, this.dagId, PAGE_SIZE, this.versions.length);
      this.set({ ...page, dag_versions: joined(this.versions, page.dag_versions) });
    } catch (reason) {
      this.olderError = asError(reason);
    }
    this.isLoadingOlder = false;
    this.touch();
  };
}

/** Newer ones, and of the others those that are older. */
function joined(newer: IDagVersion[], others: IDagVersion[]): IDagVersion[] {
  const last = newer[newer.length - 1]?.version_number ?? Infinity;
  return [...newer, ...others.filter(other => other.version_number < last)];
}
