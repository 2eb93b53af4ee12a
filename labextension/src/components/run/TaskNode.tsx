import { Handle, type Node, type NodeHandle, type NodeProps, Position } from '@xyflow/react';

import type { IStructureTask } from '../../api/types';
import { type InstanceCounts, instancesMark, instancesText } from '../../logic/instances';
import { nameLines } from '../../logic/names';
import { NODE_HEIGHT } from '../../logic/taskGraph';
import { knownState, stateIcon, stateLabel } from '../../logic/states';
import type { ITrans } from '../../tokens';
import { Icon } from '../common/Icon';
import { useTrans } from '../common/trans';

/** The `ui_color` of an operator that has none of its own. */
const NO_COLOUR = '#fff';

interface ITaskNodeData extends Record<string, unknown> {
  task: IStructureTask | undefined;
  state: string | undefined;
  /** Of a mapped task, once it is known how many there are. */
  instances: InstanceCounts | undefined;
  isVertical: boolean;
}

export type TaskNodeType = Node<ITaskNodeData, 'task'>;

/**
 * Where edges end at a task. A node that says so need not be drawn once to be measured, as all
 * ten thousand of a graph would be, though a few are in sight.
 */
export function taskHandles(width: number, isVertical: boolean): NodeHandle[] {
  const start = isVertical ? { x: width / 2, y: 0 } : { x: 0, y: NODE_HEIGHT / 2 };
  const end = isVertical ? { x: width / 2, y: NODE_HEIGHT } : { x: width, y: NODE_HEIGHT / 2 };
  const size = { width: 1, height: 1 };
  return [
    { type: 'target', position: isVertical ? Position.Top : Position.Left, ...start, ...size },
    { type: 'source', position: isVertical ? Position.Bottom : Position.Right, ...end, ...size }
  ];
}

/** A task in words, a line for each: its name and id, what it is, how it stands. */
export function taskLines(id: string, data: ITaskNodeData, trans: ITrans): string[] {
  const { task, state, instances } = data;
  return [
    ...nameLines(task?.task_display_name ?? id, id),
    task?.operator,
    task?.is_setup && trans.__('setup: makes what the tasks after it need'),
    task?.is_teardown && trans.__('teardown: clears away what its setup made'),
    state && stateLabel(state, trans),
    task?.is_mapped && instancesText(instances, trans),
    task?.run_dag_id && trans.__('runs the DAG %1', task.run_dag_id)
  ].filter(line => typeof line === 'string');
}

/** What draws the colour that an operator chose for itself; nothing for the white of all others. */
function ownColour(task: IStructureTask | undefined): object {
  return task && task.ui_color !== NO_COLOUR
    ? { 'data-coloured': true, style: { '--operator': task.ui_color } }
    : {};
}

/** A task in the graph: state, name, operator; which are setups and teardowns, and how many there are. */
export function TaskNode({ id, data }: NodeProps<TaskNodeType>): JSX.Element {
  const trans = useTrans();
  const { state, task, instances, isVertical } = data;
  const role = task?.is_setup ? 'setup' : task?.is_teardown ? 'teardown' : null;
  const words = [
    state ? stateLabel(state, trans) : task?.operator,
    role && (role === 'setup' ? trans.__('setup') : trans.__('teardown'))
  ];
  return (
    <div
      className="jp-hubflow-TaskNode"
      data-state={state && knownState(state)}
      data-role={role}
      {...ownColour(task)}
      // Its preview says more, and is not to be covered.
      title={task?.run_dag_id ? undefined : taskLines(id, data, trans).join('\n')}
    >
      <Handle type="target" position={isVertical ? Position.Top : Position.Left} />
      {state && <Icon name={stateIcon(state)} size={14} />}
      <span className="jp-hubflow-TaskNode-id">
        <bdi>{task?.task_display_name ?? id}</bdi>
      </span>
      <span className="jp-hubflow-TaskNode-note">{words.filter(Boolean).join(' · ')}</span>
      {(role !== null || task?.is_mapped || task?.run_dag_id) && (
        <span className="jp-hubflow-TaskNode-marks">
          {task?.is_mapped && <span>{instancesMark(instances)}</span>}
          {role && <Icon name={role} size={14} />}
          {task?.run_dag_id && <Icon name="external" size={14} />}
        </span>
      )}
      {state && (
        // The graph hears the press; keyboards have the menu key.
        <span className="jp-hubflow-TaskNode-more" data-more title={trans.__('More')}>
          <Icon name="more" size={14} />
        </span>
      )}
      <Handle type="source" position={isVertical ? Position.Bottom : Position.Right} />
    </div>
  );
}
