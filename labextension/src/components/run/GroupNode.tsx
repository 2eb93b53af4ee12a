import { Handle, type Node, type NodeProps, Position } from '@xyflow/react';

import { knownState, stateIcon, stateLabel } from '../../logic/states';
import type { IGraphBox } from '../../logic/taskGraph';
import type { ITrans } from '../../tokens';
import { Icon } from '../common/Icon';
import { useTrans } from '../common/trans';

interface IGroupNodeData extends Record<string, unknown> {
  group: IGraphBox;
  isOpen: boolean;
  /** The worst state of its tasks in the shown run. */
  state: string | undefined;
  isVertical: boolean;
}

export type GroupNodeType = Node<IGroupNodeData, 'box'>;

/** A group in words, a line for each: its id, what it is for, how many tasks, how it stands. */
export function groupLines(data: IGroupNodeData, trans: ITrans): string[] {
  const { group, state, isOpen } = data;
  return [
    group.id,
    group.tooltip,
    trans._n('group of %1 task', 'group of %1 tasks', group.taskIds.length),
    state ? stateLabel(state, trans) : '',
    isOpen ? trans.__('open; Enter closes it') : trans.__('closed; Enter opens it')
  ].filter(Boolean);
}

/** A task group: open a box around its tasks, closed one node that stands for them. */
export function GroupNode({ data }: NodeProps<GroupNodeType>): JSX.Element {
  const trans = useTrans();
  const { group, isOpen, state, isVertical } = data;
  const title = groupLines(data, trans).join('\n');
  if (isOpen) {
    return (
      <div className="jp-hubflow-GroupBox">
        <div className="jp-hubflow-GroupBox-head" title={title}>
          <Icon name="chevron-down" size={12} />
          <bdi>{group.label}</bdi>
        </div>
      </div>
    );
  }
  const count = trans._n('%1 task', '%1 tasks', group.taskIds.length);
  return (
    <div
      className="jp-hubflow-TaskNode jp-hubflow-mod-group"
      data-state={state && knownState(state)}
      title={title}
    >
      <Handle type="target" position={isVertical ? Position.Top : Position.Left} />
      {state && <Icon name={stateIcon(state)} size={14} />}
      <span className="jp-hubflow-TaskNode-id">
        <bdi>{group.label}</bdi>
      </span>
      <span className="jp-hubflow-TaskNode-note">
        {state ? `${count} · ${stateLabel(state, trans)}` : count}
      </span>
      <span className="jp-hubflow-TaskNode-marks">
        <Icon name="chevron-right" size={12} />
      </span>
      <Handle type="source" position={isVertical ? Position.Bottom : Position.Right} />
    </div>
  );
}
