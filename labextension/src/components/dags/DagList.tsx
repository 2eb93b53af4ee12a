import { type KeyboardEvent, useRef, useState } from 'react';

import type { IAttentionItem, IDagRow, IHealth } from '../../api/types';
import { Button, IconButton } from '../common/Button';
import { KeyHelp } from '../common/KeyHelp';
import { Menu } from '../common/Menu';
import type { IMenuItem } from '../common/MenuPopup';
import { ReadOnly } from '../common/ReadOnly';
import { EmptyState, ErrorBanner, Skeleton } from '../common/Screens';
import { isShortcut } from '../common/shortcuts';
import { useTrans } from '../common/trans';
import { AttentionList } from './AttentionList';
import { DagListFooter } from './DagListFooter';
import { DagRows } from './DagRows';
import { DagToolbar } from './DagToolbar';

export interface IDagListProps {
  dags: IDagRow[];
  status: 'loading' | 'ready' | 'error';
  error: Error | null;
  search: string;
  stateFilter: string | null;
  /** Which DAGs are shown: those that are on, with the paused ones, or only new ones. */
  shown: 'false' | 'true' | 'all' | 'new';
  pausedCount: number;
  /** Paused ones that are not shown. */
  hiddenCount: number;
  /** Those that are off and never ran. */
  newCount: number;
  hasMore: boolean;
  currentId: string | null;
  attention: IAttentionItem[];
  /** Why an SLA miss cannot be dismissed; null when it can. */
  dismissReason: string | null;
  /** Why one was not dismissed just now. */
  dismissError: Error | null;
  health: IHealth | null;
  offlineSince: number | null;
  readOnlyReason: string | null;
  isReadOnly: boolean;
  /** What the ＋ button offers; without items it is not shown. */
  newItems: IMenuItem[];
  /** Where DAG files are saved; null when the caller is not told. */
  dagFolder: string | null;
  onFilter: (change: { search?: string; state?: string | null }) => void;
  onShow: (which: 'false' | 'all' | 'new') => void;
  onMore: () => void;
  onOpen: (dagId: string) => void;
  onOpenAttention: (item: IAttentionItem) => void;
  onDismissAttention: (slaMissIds: number[]) => void;
  onSetPaused: (dagId: string, isPaused: boolean) => void;
  onReload: () => void;
  onDismissError: () => void;
  onReconnect: () => void;
}

/** The sidebar: what runs, what is red, what is next. */
export function DagList(props: IDagListProps): JSX.Element {
  const trans = useTrans();
  const filter = useRef<HTMLInputElement>(null);
  const [showsKeys, setShowsKeys] = useState(false);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (isShortcut(event, '/')) {
      event.preventDefault();
      filter.current?.focus();
    } else if (isShortcut(event, '?')) {
      event.preventDefault();
      setShowsKeys(true);
    }
  };
  return (
    <section
      className="jp-hubflow-DagList"
      aria-label={trans.__('Workflows')}
      onKeyDown={onKeyDown}
    >
      <header className="jp-hubflow-DagList-header">
        <h2>{trans.__('Workflows')}</h2>
        {props.isReadOnly && <ReadOnly reason={props.readOnlyReason} />}
        <IconButton icon="refresh" label={trans.__('Reload the list')} onClick={props.onReload} />
        {props.newItems.length > 0 && (
          <Menu icon="plus" label={trans.__('New')} items={props.newItems} />
        )}
      </header>
      <DagToolbar
        search={props.search}
        state={props.stateFilter}
        onChange={props.onFilter}
        inputRef={filter}
      />
      <AttentionList
        items={props.attention}
        dismissReason={props.dismissReason}
        error={props.dismissError}
        onOpen={props.onOpenAttention}
        onDismiss={props.onDismissAttention}
      />
      {props.error && props.dags.length > 0 && (
        <ErrorBanner
          what={trans.__('The server refused.')}
          error={props.error}
          onDismiss={props.onDismissError}
        />
      )}
      <div className="jp-hubflow-DagList-body">
        <DagListBody {...props} />
      </div>
      <Others {...props} />
      <DagListFooter
        health={props.health}
        offlineSince={props.offlineSince}
        onReconnect={props.onReconnect}
      />
      {showsKeys && <KeyHelp onClose={() => setShowsKeys(false)} />}
    </section>
  );
}

/** What else there is: paused DAGs, and those that nobody has switched on yet. */
function Others({ dags, shown, hiddenCount, newCount, onShow }: IDagListProps): JSX.Element | null {
  const trans = useTrans();
  const hasMoreNew = newCount > dags.filter(row => row.is_new).length;
  if (shown === 'false' && hiddenCount === 0 && !hasMoreNew) {
    return null;
  }
  return (
    <div className="jp-hubflow-DagList-paused">
      {shown === 'false' && hiddenCount > 0 && (
        <Button look="link" onClick={() => onShow('all')}>
          {trans.__('Show paused (%1)', hiddenCount)}
        </Button>
      )}
      {shown === 'false' && hasMoreNew && (
        <Button look="link" onClick={() => onShow('new')}>
          {trans._n('Show %1 new DAG', 'Show %1 new DAGs', newCount)}
        </Button>
      )}
      {shown !== 'false' && (
        <Button look="link" onClick={() => onShow('false')}>
          {shown === 'new' ? trans.__('Show the others') : trans.__('Hide paused')}
        </Button>
      )}
    </div>
  );
}

function DagListBody(props: IDagListProps): JSX.Element {
  const trans = useTrans();
  if (props.status === 'loading') {
    return <Skeleton lines={8} />;
  }
  if (props.status === 'error' && props.error) {
    return (
      <ErrorBanner
        what={trans.__('The list of DAGs could not be loaded.')}
        error={props.error}
        onRetry={props.onReload}
      />
    );
  }
  if (props.dags.length === 0) {
    return <NoDags {...props} />;
  }
  return (
    <DagRows
      dags={props.dags}
      currentId={props.currentId}
      hasMore={props.hasMore}
      onMore={props.onMore}
      onOpen={props.onOpen}
      onSetPaused={props.onSetPaused}
      readOnlyReason={props.readOnlyReason}
    />
  );
}

function NoDags(props: IDagListProps): JSX.Element {
  const trans = useTrans();
  if (props.search || props.stateFilter) {
    return (
      <EmptyState text={trans.__('No DAG matches this filter.')}>
        <Button onClick={() => props.onFilter({ search: '', state: null })}>
          {trans.__('Clear the filter')}
        </Button>
      </EmptyState>
    );
  }
  if (props.shown === 'new') {
    return (
      <EmptyState text={trans.__('No DAG is new: each is on, or has run.')}>
        <Button onClick={() => props.onShow('false')}>{trans.__('Show the others')}</Button>
      </EmptyState>
    );
  }
  if (props.pausedCount > 0) {
    return (
      <EmptyState text={trans.__('All DAGs are switched off. Nothing runs on a schedule.')}>
        <Button onClick={() => props.onShow('all')}>
          {trans.__('Show paused (%1)', props.pausedCount)}
        </Button>
      </EmptyState>
    );
  }
  const first = props.newItems[0];
  return (
    <EmptyState
      text={trans.__(
        'A DAG is a set of tasks that run in order, by hand or on a schedule. Schedule a notebook, or save a DAG file in the DAG folder, and it appears here.'
      )}
    >
      {props.dagFolder !== null && (
        <p className="jp-hubflow-DagList-folder">
          {trans.__('The DAG folder:')} <code>{props.dagFolder}</code>
        </p>
      )}
      {first && (
        <Button look="primary" disabledReason={first.disabledReason} onClick={first.onSelect}>
          {first.label}
        </Button>
      )}
    </EmptyState>
  );
}
