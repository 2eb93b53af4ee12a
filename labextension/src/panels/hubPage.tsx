import { type RefObject, useCallback, useEffect, useMemo, useRef, useState } from 'react';

import { IconButton } from '../components/common/Button';
import { KeyHelp } from '../components/common/KeyHelp';
import { EmptyState } from '../components/common/Screens';
import { isShortcut } from '../components/common/shortcuts';
import { useTrans } from '../components/common/trans';
import { formatAddress, type IAddress, NOWHERE, parseAddress, START } from '../logic/places';
import { AttentionModel } from '../model/attention';
import { DagModel } from '../model/dag';
import { DagFileModel } from '../model/dagFile';
import { DagListModel } from '../model/dags';
import type { Session } from '../model/session';
import { DagListPanel } from './dagListPanel';
import { DagPanel } from './dagPanel';
import { FilePanel } from './filePanel';

export interface IHubPageProps {
  session: Session;
  hubPrefix: string;
  user: string;
  isDark: boolean;
  onTheme: (isDark: boolean) => void;
}

/** The hub's own page: the list on the left, the DAG on the right, the place in the address. */
export function HubPage(props: IHubPageProps): JSX.Element {
  const { session } = props;
  const trans = useTrans();
  const { address, go } = useHashAddress();
  const { dagId, filePath } = address;
  const dags = useMemo(() => new DagListModel(session), [session]);
  const attention = useMemo(() => new AttentionModel(session), [session]);
  useEffect(() => {
    session.start();
    void dags.load();
    void attention.load();
  }, [session, dags, attention]);
  const dag = useDagModel(session, address, go);
  const file = useFileModel(session, filePath);
  const title = dagId ?? filePath;
  usePageTitle(dag, title);

  const root = useRef<HTMLDivElement>(null);
  const { focusFilter, keyHelp } = usePageKeys(root);

  return (
    <div className="jp-hubflow-HubPage" data-view={title === null ? 'list' : 'dag'} ref={root}>
      <HubBar {...props} />
      <DagListPanel
        session={session}
        dags={dags}
        attention={attention}
        currentId={dagId}
        newItems={[]}
        onOpen={go}
      />
      <main>
        {dag ? (
          <DagPanel
            key={dag.dagId}
            dag={dag}
            onOpenNotebook={null}
            onOpenDag={(id, at) => go({ ...NOWHERE, dagId: id, place: { ...START, ...at } })}
            onFilterDags={focusFilter}
          />
        ) : file ? (
          <FilePanel file={file} onOpenDag={id => go({ ...NOWHERE, dagId: id })} />
        ) : (
          <EmptyState
            text={trans.__(
              'Choose a DAG on the left to see its runs, its graph and its code. To schedule a notebook, open it in JupyterLab.'
            )}
          >
            <a
              className="jp-hubflow-Button jp-hubflow-mod-plain"
              href={`${props.hubPrefix}user-redirect/lab`}
            >
              {trans.__('Open JupyterLab')}
            </a>
          </EmptyState>
        )}
      </main>
      {keyHelp}
    </div>
  );
}

/** The tab of the browser is called as what it shows, a DAG by its name once that is known. */
function usePageTitle(dag: DagModel | null, title: string | null): void {
  const trans = useTrans();
  useEffect(() => {
    const write = (): void => {
      const name = dag?.name ?? title;
      document.title = name === null ? trans.__('Workflows') : `${name} · ${trans.__('Workflows')}`;
    };
    write();
    dag?.row.changed.connect(write);
    return () => {
      dag?.row.changed.disconnect(write);
    };
  }, [dag, title, trans]);
}

/** The keys of the page work wherever the focus is, also before anything has it. */
function usePageKeys(root: RefObject<HTMLElement>): {
  focusFilter: () => void;
  keyHelp: JSX.Element | null;
} {
  const [showsKeys, setShowsKeys] = useState(false);
  const focusFilter = useCallback(
    () => root.current?.querySelector<HTMLElement>('input[type=search]')?.focus(),
    [root]
  );
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (root.current?.querySelector('dialog')) {
        return;
      }
      if (isShortcut(event, '/')) {
        event.preventDefault();
        focusFilter();
      } else if (isShortcut(event, '?')) {
        event.preventDefault();
        setShowsKeys(true);
      }
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [root, focusFilter]);
  const keyHelp = showsKeys ? <KeyHelp onClose={() => setShowsKeys(false)} /> : null;
  return { focusFilter, keyHelp };
}

function HubBar(props: IHubPageProps): JSX.Element {
  const trans = useTrans();
  const { hubPrefix, user, isDark, onTheme } = props;
  return (
    <header className="jp-hubflow-HubBar">
      <a href="#/" className="jp-hubflow-HubBar-name">
        hubflow
      </a>
      <nav aria-label={trans.__('Hub')}>
        <a href={`${hubPrefix}home`}>{trans.__('Hub home')}</a>
        <a href={`${hubPrefix}user-redirect/lab`}>{trans.__('JupyterLab')}</a>
      </nav>
      <IconButton
        icon={isDark ? 'sun' : 'moon'}
        label={isDark ? trans.__('Light theme') : trans.__('Dark theme')}
        onClick={() => onTheme(!isDark)}
      />
      <span className="jp-hubflow-HubBar-user">{user}</span>
    </header>
  );
}

type Go = (address: IAddress) => void;

/** The place in the address; Back and Forward of the browser work. */
function useHashAddress(): { address: IAddress; go: Go } {
  const [hash, setHash] = useState(window.location.hash);
  useEffect(() => {
    const onChange = (): void => setHash(window.location.hash);
    window.addEventListener('hashchange', onChange);
    return () => window.removeEventListener('hashchange', onChange);
  }, []);
  const go = useCallback((address: IAddress) => {
    const next = `#${formatAddress(address)}`;
    if (next !== window.location.hash) {
      window.location.hash = next;
    }
  }, []);
  return { address: useMemo(() => parseAddress(hash.slice(1)), [hash]), go };
}

/** The model of the DAG in the address; both follow each other. */
function useDagModel(session: Session, address: IAddress, go: Go): DagModel | null {
  const { dagId, place } = address;
  const [dag, setDag] = useState<DagModel | null>(null);
  useEffect(() => {
    if (dagId === null) {
      setDag(null);
      return undefined;
    }
    const { place: start } = parseAddress(window.location.hash.slice(1));
    const model = new DagModel(session, dagId, start);
    model.placeChanged.connect((_, changed) => go({ ...NOWHERE, dagId, place: changed }));
    void model.load();
    setDag(model);
    return () => model.dispose();
  }, [session, dagId, go]);
  useEffect(() => {
    const shown = dag && formatAddress({ ...NOWHERE, dagId: dag.dagId, place: dag.place });
    if (shown && dag.dagId === dagId && shown !== formatAddress({ ...NOWHERE, dagId, place })) {
      dag.go(place);
    }
  }, [dag, dagId, place]);
  return dag?.dagId === dagId ? dag : null;
}

/** The model of the DAG file in the address. */
function useFileModel(session: Session, path: string | null): DagFileModel | null {
  const [file, setFile] = useState<DagFileModel | null>(null);
  useEffect(() => {
    if (path === null) {
      setFile(null);
      return undefined;
    }
    const model = new DagFileModel(session, path);
    void model.load();
    setFile(model);
    return () => model.dispose();
  }, [session, path]);
  return file?.path === path ? file : null;
}
