import { useState } from 'react';

import { Button } from '../components/common/Button';
import { Menu } from '../components/common/Menu';
import { type IMenuItem, type IMenuPlace, MenuPopup } from '../components/common/MenuPopup';
import { useTrans } from '../components/common/trans';
import { hasBegun, instanceName, type ITaskGroup, type MarkState } from '../logic/changes';
import type { IDagPlace, TaskView } from '../logic/places';
import type { DagModel } from '../model/dag';
import { asError } from '../model/resource';
import { type ITrans, Permission } from '../tokens';
import { type Asked, ChangeDialog, type IDone, type ITaskTarget } from './changeDialogs';
import { reasonAgainst } from './reasons';

/**
 * What of a DAG's page a menu is about: a task in a run, with `group` several tasks, or with
 * `taskId` null the whole run.
 */
interface IMenuTarget {
  runId: string;
  taskId: string | null;
  /** One instance of a mapped task; without it, all are meant. */
  mapIndex?: number | null;
  group?: ITaskGroup | null;
}

/** Open the page of another DAG, at its start but for what is named. */
export type OpenDag = (dagId: string, at?: Partial<IDagPlace>) => void;

export interface IDagActions {
  /** Everything that can be done with a task instance or a run. */
  items: (target: IMenuTarget) => IMenuItem[];
  /** Only what changes it, for a panel that shows the rest already: the first as a button. */
  changes: (target: IMenuTarget) => { first: IMenuItem | null; others: IMenuItem[] };
  openMenu: (target: IMenuTarget, at: IMenuPlace) => void;
  ask: (asked: Asked) => void;
  /** Say above the page what was done. */
  tell: (done: IDone) => void;
  /** What was done last, said above the page. */
  notice: JSX.Element | null;
  /** Menu and dialogs that are open. */
  overlays: JSX.Element;
}

/** What people can do with the runs and tasks of a page: menus, dialogs, and what came of it. */
export function useDagActions(dag: DagModel, onOpenDag: OpenDag): IDagActions {
  const trans = useTrans();
  const [asked, ask] = useState<Asked | null>(null);
  const [menu, setMenu] = useState<{ target: IMenuTarget; at: IMenuPlace } | null>(null);
  const [done, tell] = useState<IDone | null>(null);
  const reason = reasonAgainst(dag.session, Permission.editRuns, trans);
  const changes = (target: IMenuTarget): { item: IMenuItem; asked: Asked }[] => {
    const forbids = reason ?? reasonOfLeader(dag, target, trans);
    return changesOf(dag, target, trans).map(([label, asked, against]) => ({
      item: { label, disabledReason: forbids ?? against, onSelect: () => ask(asked) },
      asked
    }));
  };
  const items = (target: IMenuTarget): IMenuItem[] => {
    const shown = [...views(dag, target, trans), ...zoom(dag, target, onOpenDag, trans)];
    const others = changes(target).map(({ item }) => item);
    return shown.length > 0
      ? [...shown, ...others.map((item, index) => ({ ...item, startsGroup: index === 0 }))]
      : others;
  };
  return {
    items,
    changes: target => {
      const [first, ...rest] = changes(target);
      const label = first && buttonLabel(first.asked, trans);
      return first && label
        ? { first: { ...first.item, label }, others: rest.map(({ item }) => item) }
        : { first: null, others: changes(target).map(({ item }) => item) };
    },
    openMenu: (target, at) => setMenu({ target, at }),
    ask,
    tell,
    notice: done && (
      <DoneNotice key={done.text} done={done} onDone={tell} onDismiss={() => tell(null)} />
    ),
    overlays: (
      <>
        {menu && (
          <MenuPopup
            key={`${menu.target.runId} ${menu.target.group?.label ?? menu.target.taskId ?? ''}`}
            label={menu.target.group?.label ?? menu.target.taskId ?? trans.__('Run')}
            items={items(menu.target)}
            at={menu.at}
            onClose={() => setMenu(null)}
          />
        )}
        {asked && <ChangeDialog dag={dag} asked={asked} onDone={tell} onClose={() => ask(null)} />}
      </>
    )
  };
}

/** The way into the DAG that a task runs, where the newest graph knows it. */
function zoom(
  dag: DagModel,
  { taskId, group }: IMenuTarget,
  onOpenDag: OpenDag,
  trans: ITrans
): IMenuItem[] {
  const tasks = group || taskId === null ? [] : (dag.structure(null).value?.tasks ?? []);
  const dagId = tasks.find(task => task.task_id === taskId)?.run_dag_id ?? null;
  return dagId === null
    ? []
    : [{ label: zoomText(dagId, trans), onSelect: () => onOpenDag(dagId) }];
}

/**
 * Why the tasks of a run are not changed by themselves, or null: a task of a master DAG runs them
 * all, and its outcome would no longer be theirs.
 */
function reasonOfLeader(
  dag: DagModel,
  { runId, taskId, group }: IMenuTarget,
  trans: ITrans
): string | null {
  const starter = taskId === null && !group ? null : dag.runOf(runId)?.starter;
  return starter?.leads
    ? trans.__(
        'The task %1 of %2 runs these tasks: clear or mark it, and they follow.',
        instanceName(starter),
        starter.dag_id
      )
    : null;
}

export function zoomText(dagId: string, trans: ITrans): string {
  return trans.__('Zoom into DAG %1', dagId);
}

function views(dag: DagModel, target: IMenuTarget, trans: ITrans): IMenuItem[] {
  const { runId, taskId } = target;
  if (target.group) {
    return [];
  }
  const open = (view: TaskView): void => dag.go({ runId, taskId, tryNumber: null, view });
  if (taskId === null) {
    return [
      {
        label: trans.__('Open'),
        onSelect: () => dag.go({ runId, taskId: null, tryNumber: null })
      }
    ];
  }
  return [
    { label: trans.__('Log'), onSelect: () => open('log') },
    { label: trans.__('Rendered'), onSelect: () => open('rendered') },
    { label: trans.__('XCom'), onSelect: () => open('xcom') }
  ];
}

/** A command, what it asks for, and what is against it. */
type IChange = [string, Asked, string?];

/** What can be done; to clear is left out where nothing has run. */
function changesOf(dag: DagModel, target: IMenuTarget, trans: ITrans): IChange[] {
  const { runId, taskId, mapIndex, group } = target;
  const taskIds = group?.taskIds ?? (taskId === null ? null : [taskId]);
  const canClear = hasBegun(dag.runs.find(runId), { taskIds, mapIndex });
  const clear = (asked: Asked): IChange[] => (canClear ? [[trans.__('Clear …'), asked]] : []);
  if (group) {
    const against = canClear ? undefined : trans.__('Nothing of %1 has run yet.', group.label);
    return [[trans.__('Clear …'), { kind: 'clear-group', runId, group }, against]];
  }
  return taskId === null
    ? [...clear({ kind: 'clear-run', runId }), ...runChanges(runId, trans)]
    : [
        ...clear({ kind: 'clear-task', runId, taskId, mapIndex }),
        ...taskChanges({ runId, taskId, mapIndex }, trans)
      ];
}

function taskChanges(target: ITaskTarget, trans: ITrans): IChange[] {
  const mark = (state: MarkState): Asked => ({ kind: 'mark-task', ...target, state });
  return [
    [trans.__('Run now …'), { kind: 'run-task', ...target }],
    [trans.__('Mark as success …'), mark('success')],
    [trans.__('Mark as failed …'), mark('failed')],
    [trans.__('Mark as skipped …'), mark('skipped')]
  ];
}

function runChanges(runId: string, trans: ITrans): IChange[] {
  return [
    [trans.__('Mark as success …'), { kind: 'mark-run', runId, state: 'success' }],
    [trans.__('Mark as failed …'), { kind: 'mark-run', runId, state: 'failed' }],
    [trans.__('Delete …'), { kind: 'delete-run', runId }]
  ];
}

/** What a change is called on a button of its own; null for one that stays in the menu. */
function buttonLabel({ kind }: Asked, trans: ITrans): string | null {
  if (kind === 'clear-task' || kind === 'clear-run') {
    return trans.__('Clear and run again');
  }
  return kind === 'run-task' ? trans.__('Run now') : null;
}

interface ISideActionsProps {
  target: IMenuTarget;
  actions: IDagActions;
}

/** The buttons at the side of what is selected there. */
export function SideActions({ target, actions }: ISideActionsProps): JSX.Element {
  const trans = useTrans();
  const { first, others } = actions.changes(target);
  return (
    <div className="jp-hubflow-SidePanel-actions">
      {first && (
        <Button disabledReason={first.disabledReason ?? null} onClick={first.onSelect}>
          {first.label}
        </Button>
      )}
      <Menu icon="more" label={trans.__('More')} items={others} />
    </div>
  );
}

interface IDoneNoticeProps {
  done: IDone;
  onDone: (done: IDone) => void;
  onDismiss: () => void;
}

/** "Marked 3 task instances as failed.", and Undo where that gives back exactly what was. */
function DoneNotice({ done, onDone, onDismiss }: IDoneNoticeProps): JSX.Element {
  const trans = useTrans();
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const undo = async (): Promise<void> => {
    setBusy(true);
    try {
      onDone({ text: (await done.undo?.()) ?? '', undo: null });
    } catch (reason) {
      setError(asError(reason));
      setBusy(false);
    }
  };
  return (
    <div className="jp-hubflow-Notice" role="status">
      <div>
        {done.text} {error && <span role="alert">{error.message}</span>}
      </div>
      {done.undo && !error && (
        <Button look="link" isBusy={isBusy} onClick={() => void undo()}>
          {trans.__('Undo')}
        </Button>
      )}
      <Button look="link" onClick={onDismiss}>
        {trans.__('Dismiss')}
      </Button>
    </div>
  );
}
