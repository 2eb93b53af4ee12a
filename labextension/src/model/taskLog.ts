import { type EventStream, isSameTry } from '../api/events';
import { type ITryKey, readLog } from '../api/taskLogs';
import type { IEvent, IFollowLog, ILogChunk } from '../api/types';
import { appendText, EMPTY_LOG, type ILogLines } from '../logic/logLines';
import { Model } from './model';
import { asError, type Status } from './resource';
import type { Session } from './session';

/**
 * The log of one try: read page by page, then followed while the try runs.
 *
 * One log is followed per page, so a second view takes the tail over; then `isPaused` is true
 * here until `follow` is called again.
 */
export class TaskLogModel extends Model {
  constructor(
    private readonly session: Session,
    readonly key: ITryKey
  ) {
    super();
    session.stream.received.connect(this.onEvent, this);
    session.stream.followChanged.connect(this.onFollowChanged, this);
  }

  log: ILogLines = EMPTY_LOG;
  status: Status = 'loading';
  error: Error | null = null;
  /** The try has ended and all of its log is here. */
  isComplete = false;
  isPaused = false;

  /** Read what there is, then follow. */
  readonly load = async (): Promise<void> => {
    this.error = null;
    this.log = EMPTY_LOG;
    this.offset = 0;
    this.isComplete = false;
    this.touch();
    try {
      this.isComplete = await this.readPages();
      this.status = 'ready';
      if (!this.isDisposed) {
        this.follow();
      }
    } catch (reason) {
      this.error = asError(reason);
      this.status = 'error';
    }
    this.touch();
  };

  /** Take the live tail. */
  readonly follow = (): void => {
    if (!this.isComplete && this.status === 'ready') {
      this.session.stream.followLog({ type: 'follow_log', ...this.key, offset: this.offset });
    }
  };

  override dispose(): void {
    const { stream } = this.session;
    if (this.isFollowed(stream.followed)) {
      stream.unfollowLog();
    }
    super.dispose();
  }

  /** Read up to where the log ends now; true when it will not grow any more. */
  private async readPages(): Promise<boolean> {
    let token: string | null = null;
    while (!this.isDisposed) {
      const page = await readLog(this.session.connection, this.key, token);
      this.log = appendText(this.log, page.content);
      this.touchSoon();
      if (page.is_complete) {
        return true;
      }
      this.offset = Number(page.continuation_token);
      if (page.content === '') {
        return false;
      }
      token = page.continuation_token;
    }
    return false;
  }

  private onEvent(_: EventStream, event: IEvent): void {
    const chunk = event.data as ILogChunk;
    if (event.kind !== 'log' || this.status !== 'ready' || !this.isFollowed(chunk)) {
      return;
    }
    if (chunk.offset > this.offset) {
      void this.load();
      return;
    }
    if (chunk.offset === this.offset) {
      this.log = appendText(this.log, chunk.text);
    } else if (chunk.offset === 0) {
      this.log = appendText(EMPTY_LOG, chunk.text);
    }
    this.offset = chunk.next_offset;
    this.isComplete = chunk.end;
    this.touchSoon();
  }

  private onFollowChanged(_: EventStream, followed: IFollowLog | null): void {
    const isPaused = followed !== null && !this.isComplete && !this.isFollowed(followed);
    if (isPaused !== this.isPaused) {
      this.isPaused = isPaused;
      this.touch();
    }
  }

  private isFollowed(target: IFollowLog | ILogChunk | null): boolean {
    return target !== null && isSameTry(target, { type: 'follow_log', ...this.key });
  }

  private offset = 0;
}
