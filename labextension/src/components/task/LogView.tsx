import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useEffect, useRef, useState } from 'react';

import { ansiSpans, stripAnsi } from '../../logic/ansi';
import { type ILogLines, lineLevel, visibleText } from '../../logic/logLines';
import { Button, IconButton } from '../common/Button';
import { ErrorBanner, Skeleton } from '../common/Screens';
import { useTrans } from '../common/trans';

const LINE_HEIGHT = 18;
const NEAR_END_PX = 40;

export interface ILogViewProps {
  log: ILogLines;
  status: 'loading' | 'ready' | 'error';
  error: Error | null;
  isComplete: boolean;
  /** Another view has taken the live tail. */
  isPaused: boolean;
  onFollow: () => void;
  onReload: () => void;
  onDownload: () => void;
}

/** The log of one try: as it grows it stays at its end, unless somebody scrolls up. */
export function LogView(props: ILogViewProps): JSX.Element {
  const { log, status, error } = props;
  const trans = useTrans();
  const [wraps, setWraps] = useState(true);
  const [isAtEnd, setAtEnd] = useState(true);
  const scroller = useRef<HTMLDivElement>(null);
  const lines = shownLines(log);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE_HEIGHT,
    overscan: 20
  });
  const toEnd = (): void => {
    setAtEnd(true);
    virtual.scrollToIndex(lines.length - 1, { align: 'end' });
  };
  const total = log.dropped + lines.length;
  useEffect(() => {
    if (isAtEnd && total > 0) {
      virtual.scrollToIndex(lines.length - 1, { align: 'end' });
    }
    // eslint-disable-next-line react-hooks/exhaustive-deps -- only growth moves the view
  }, [total, wraps, status]);

  if (status === 'error' && error) {
    return (
      <ErrorBanner
        what={trans.__('The log could not be read.')}
        error={error}
        onRetry={props.onReload}
      />
    );
  }
  return (
    <div className="jp-hubflow-LogView">
      <div className="jp-hubflow-LogView-tools">
        <span>
          {props.isComplete
            ? trans._n('1 line', '%1 lines', total)
            : trans._n('1 line so far', '%1 lines so far', total)}
        </span>
        <IconButton
          icon="wrap"
          label={trans.__('Wrap long lines')}
          isPressed={wraps}
          onClick={() => setWraps(!wraps)}
        />
        <IconButton icon="to-end" label={trans.__('Jump to the end')} onClick={toEnd} />
        <IconButton
          icon="download"
          label={trans.__('Download the log')}
          onClick={props.onDownload}
        />
      </div>
      {props.isPaused && (
        <div className="jp-hubflow-Notice" role="status">
          <div>{trans.__('Another view follows its log now.')}</div>
          <Button look="link" onClick={props.onFollow}>
            {trans.__('Follow this one')}
          </Button>
        </div>
      )}
      {status === 'loading' && lines.length === 0 ? (
        <Skeleton lines={8} />
      ) : (
        <div
          ref={scroller}
          className="jp-hubflow-LogView-scroller"
          data-wraps={wraps}
          role="log"
          aria-label={trans.__('Log')}
          tabIndex={0}
          onScroll={event => setAtEnd(isNearEnd(event.currentTarget))}
        >
          {lines.length === 0 && (
            <p className="jp-hubflow-LogView-empty">
              {props.isComplete
                ? trans.__('This try wrote no log.')
                : trans.__('Nothing yet. Lines appear here as the task writes them.')}
            </p>
          )}
          <div style={{ height: virtual.getTotalSize() }}>
            {virtual.getVirtualItems().map(item => (
              <div
                key={item.key}
                data-index={item.index}
                ref={virtual.measureElement}
                style={{ transform: `translateY(${item.start}px)` }}
              >
                <LogLine line={lines[item.index] ?? ''} />
              </div>
            ))}
          </div>
        </div>
      )}
    </div>
  );
}

const LogLine = memo(function LogLine({ line }: { line: string }): JSX.Element {
  const text = visibleText(line);
  return (
    <code data-level={lineLevel(stripAnsi(text))}>
      {ansiSpans(text).map((span, index) => (
        <span key={index} className={span.classes.map(name => `jp-hubflow-ansi-${name}`).join(' ')}>
          {span.text}
        </span>
      ))}
    </code>
  );
});

/** All lines but an empty unfinished one at the end. */
function shownLines(log: ILogLines): string[] {
  return log.lines[log.lines.length - 1] === '' ? log.lines.slice(0, -1) : log.lines;
}

function isNearEnd(element: HTMLElement): boolean {
  return element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_END_PX;
}
