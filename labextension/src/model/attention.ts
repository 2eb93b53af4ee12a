import type { EventStream } from '../api/events';
import type { IAttention, IEvent, IRunChanged } from '../api/types';
import { getAttention } from '../api/views';
import { Resource } from './resource';
import type { Session } from './session';

/** What needs a person; read again when a run ends or a file breaks or is mended. */
export class AttentionModel extends Resource<IAttention> {
  constructor(session: Session) {
    super(async () => {
      await session.stream.ready;
      return getAttention(session.connection);
    });
    session.stream.received.connect(this.onEvent, this);
    session.stream.reset.connect(this.loadSoon, this);
  }

  private onEvent(_: EventStream, event: IEvent): void {
    const isEnd =
      event.kind === 'run' && ['failed', 'success'].includes((event.data as IRunChanged).run.state);
    if (isEnd || event.kind === 'import' || event.kind === 'dag') {
      this.loadSoon();
    }
  }
}
