import type { EventStream } from '../api/events';
import { dismissSlaMisses } from '../api/slaMisses';
import type { IAttention, IEvent, IRunChanged } from '../api/types';
import { getAttention } from '../api/views';
import { asError, Resource } from './resource';
import type { Session } from './session';

/** What needs a person; read again when a run ends, a file or a mail fails or is mended. */
export class AttentionModel extends Resource<IAttention> {
  constructor(private readonly session: Session) {
    super(async () => {
      await session.stream.ready;
      return getAttention(session.connection);
    });
    session.stream.received.connect(this.onEvent, this);
    session.stream.reset.connect(this.loadSoon, this);
  }

  /** Why the server did not dismiss what it was asked to. */
  refusal: Error | null = null;

  /** Somebody knows of these SLA misses; they need nobody's attention any more. */
  readonly dismiss = async (slaMissIds: number[]): Promise<void> => {
    try {
      await dismissSlaMisses(this.session.connection, slaMissIds);
      this.refusal = null;
    } catch (reason) {
      this.refusal = asError(reason);
    }
    await this.load();
    this.touch();
  };

  private onEvent(_: EventStream, event: IEvent): void {
    const isEnd =
      event.kind === 'run' && ['failed', 'success'].includes((event.data as IRunChanged).run.state);
    if (isEnd || ['import', 'dag', 'alert'].includes(event.kind)) {
      this.loadSoon();
    }
  }
}
