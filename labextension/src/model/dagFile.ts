import type { EventStream } from '../api/events';
import type { IEvent, IFile, IImportChanged } from '../api/types';
import { getFile } from '../api/views';
import { Resource } from './resource';
import type { Session } from './session';

/** A DAG file, broken or not; read again when it breaks, is mended, or its DAGs change. */
export class DagFileModel extends Resource<IFile> {
  constructor(
    readonly session: Session,
    readonly path: string
  ) {
    super(async () => {
      await session.stream.ready;
      return getFile(session.connection, path);
    });
    session.stream.received.connect(this.onEvent, this);
    session.stream.reset.connect(this.loadSoon, this);
  }

  private onEvent(_: EventStream, event: IEvent): void {
    const isMine = event.kind === 'import' && (event.data as IImportChanged).path === this.path;
    if (isMine || (event.kind === 'dag' && this.value?.dag_ids.includes(event.dag_id ?? ''))) {
      this.loadSoon();
    }
  }
}
